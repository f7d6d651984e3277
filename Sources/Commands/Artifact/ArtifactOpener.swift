import AWSAdapters
import AWSClient
import Archiving
import BuildEngine
import Envelope
import Glibc
import SystemPackage

/// Brings an artifact back: fetches, verifies, decrypts, unpacks.
///
/// Nothing appears under its name before all is checked.
struct ArtifactOpener: Sendable {
    /// Which messages are opened, and with which keys.
    var request: OpeningRequest
    var environment: RunnerEnvironment
    var aws: AWSRequest
    /// A private directory for what is on its way.
    var scratch: FilePath

    /// Opens an artifact into a directory.
    /// - Throws: ``CommandFailure``: status `failed` for an artifact that is damaged or was tampered with.
    func open(_ location: String, into target: FilePath) async throws(CommandFailure) {
        do {
            try await open(
                location, through: scratch.appending("fetched"), scratch.appending("opened"), target)
        } catch {
            throw error.naming(location, for: ["fetched", "opened"].map { scratch.appending($0).string })
        }
    }

    private func open(
        _ location: String, through fetched: FilePath, _ opened: FilePath, _ target: FilePath
    ) async throws(CommandFailure) {
        var file = environment.absolute(location)
        if let address = BucketAddress(location) {
            try await fetch(address, location, to: fetched)
            file = fetched
        }
        if try Self.isSealed(file) {
            try await decrypt(file, to: opened)
            file = opened
        }
        do throws(ArchivingError) {
            let summary = try ArchiveUnpacker().unpack(file, into: target)
            for remark in summary.remarks { Console.warning("\(location): \(remark)") }
            Console.note("opened \(location): \(summary.entryCount) entries in \(target)")
        } catch {
            let isRunners = error.code == .noSpace || error.code == .unwritable
            // Which archive it is stands in these only when it is all that can be named.
            let place = error.isAboutEntry && error.subject != file.description ? "\(location): " : ""
            throw CommandFailure(
                isRunners ? .runner : .failed, place + error.description, hint: error.hint)
        }
    }

    /// Decrypts a message of the AWS Encryption SDK.
    /// - Throws: ``CommandFailure``: status `failed` for a message that is damaged or was tampered with.
    func decrypt(_ source: FilePath, to target: FilePath) async throws(CommandFailure) {
        guard access(source.string, R_OK) == 0 else {
            throw .usage("\(source): \(Errno(rawValue: errno).description)")
        }
        let keyring = try OpeningKeyring(request, environment, aws)
        do throws(EnvelopeError) {
            let summary = try await Envelope.openFile(
                at: source, to: target, keyring: keyring, requiredContext: request.requiredContext,
                policy: request.policy)
            Console.note("decrypted with \(summary.keyName)")
        } catch {
            let hint =
                error.code == .refusedByPolicy
                ? "--commitment-policy require-encrypt-allow-decrypt opens it, if you trust its source"
                : error.hint
            throw CommandFailure(error.isRunnersFault ? .runner : .failed, error.description, hint: hint)
        }
    }

    /// Whether the file is a message of the AWS Encryption SDK: version 2 and a known suite, or version 1 and its type.
    private static func isSealed(_ file: FilePath) throws(CommandFailure) -> Bool {
        do {
            // A FIFO that nobody writes to would be waited for.
            let opened = try FileDescriptor.open(file, .readOnly, options: [.closeOnExec, .nonBlocking])
            defer { try? opened.close() }
            var status = stat()
            guard fstat(opened.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                throw CommandFailure.usage(
                    "\(file): it is no regular file", hint: "write what it gives into a file, and open that")
            }
            var start = [UInt8](repeating: 0, count: 3)
            let count = try start.withUnsafeMutableBytes { try opened.read(into: $0) }
            guard count == 3 else { return false }
            return start[0] == 2 && (start[1] == 4 || start[1] == 5) && start[2] == 0x78
                || start[0] == 1 && start[1] == 0x80
        } catch let failure as CommandFailure {
            throw failure
        } catch let error as Errno {
            throw .usage("\(file): \(error.description)")
        } catch {
            throw .usage("\(file): \(error)")
        }
    }

    /// Downloads an object and compares it with the hash in its metadata.
    private func fetch(
        _ address: BucketAddress, _ location: String, to file: FilePath
    ) async throws(CommandFailure) {
        guard !address.bucket.isEmpty, !address.path.isEmpty else {
            throw .usage("\(location): expected s3://BUCKET/KEY")
        }
        do {
            let configuration = try AWSConfiguration(
                environment: environment.variables, overrides: aws.overrides)
            let info = try await withAWSSession(configuration) { session in
                let opened = try FileDescriptor.open(
                    file, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
                    permissions: .ownerReadWrite)
                defer { try? opened.close() }
                return try await session.s3().getObject(
                    ObjectLocation(bucket: address.bucket, key: address.path), into: opened)
            }
            try await verify(file, info.metadata["codebuild-content-sha256"], location)
        } catch let failure as CommandFailure {
            throw failure
        } catch let error as AWSError {
            throw CommandFailure(.runner, error.description, hint: error.hint)
        } catch {
            throw CommandFailure(.runner, "\(location): \(error)")
        }
    }

    private func verify(
        _ file: FilePath, _ expected: String?, _ location: String
    ) async throws(CommandFailure) {
        guard let expected else {
            Console.warning(
                "\(location) has no codebuild-content-sha256: its content is not compared with anything")
            return
        }
        let digest: ContentDigest
        do throws(RunnerFailure) {
            digest = try await CryptoContentHasher().digest(of: file)
        } catch {
            throw CommandFailure(.runner, error.description, hint: error.hint)
        }
        guard digest.sha256 == expected.lowercased() else {
            throw CommandFailure(
                .failed, "\(location): its content does not match its codebuild-content-sha256",
                hint: "build it again; somebody may have changed the object")
        }
    }
}

extension CommandFailure {
    /// The same failure in the words of whoever gave the location: temporary files mean nothing to them.
    fileprivate func naming(_ location: String, for files: [String]) -> CommandFailure {
        var failure = self
        for file in files {
            failure.message = failure.message?.replacing(file, with: location)
            failure.hint = failure.hint?.replacing(file, with: location)
        }
        return failure
    }
}

extension EnvelopeError {
    /// Whether the message may be fine, and a disk, a key or a service is not.
    fileprivate var isRunnersFault: Bool {
        switch code {
        case .inputOutput, .keyringFailed, .cancelled: true
        default: false
        }
    }
}
