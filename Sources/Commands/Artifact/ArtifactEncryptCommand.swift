import AWSClient
import ArgumentParser
import BuildEngine
import Envelope
import Glibc
import SystemPackage

/// `buildspec artifact encrypt`.
struct ArtifactEncryptCommand: AsyncParsableCommand {
    /// `--suite`: signed or not; both commit to their key.
    enum Suite: String, OptionWord {
        case signed = "0x0578"
        case unsigned = "0x0478"
    }

    static let configuration = CommandConfiguration(
        commandName: "encrypt",
        abstract: "Encrypt a file as artifacts are encrypted on the client's side.",
        discussion: """
            The file becomes a message of the AWS Encryption SDK, which each of the keys opens by itself.

            Example:
              buildspec artifact encrypt app.zip -o app.zip.enc --encryption-key alias/tools
              buildspec artifact encrypt app.zip -o app.zip.enc \\
                --encryption-key arn:aws:kms:eu-central-1:111122223333:key/... \\
                --encryption-key arn:aws:kms:eu-central-1:444455556666:key/...
            """)

    @Argument(help: "The file; - reads standard input.")
    var file: String

    @Option(name: .shortAndLong, help: "The encrypted file, replaced if there is one; - for standard output.")
    var output: String

    @Option(
        help: """
            A KMS key id, ARN or alias/... (KEY,role=ARN[,external-id=ID]: used through that role), or local:FILE \
            (repeatable; default: your own local key).
            """)
    var encryptionKey: [String] = []

    @Option(help: "NAME=VALUE to bind the message to; not secret (repeatable).")
    var encryptionContext: [String] = []

    @Option(help: "The algorithm suite: 0x0578 with a signature, or 0x0478 without.")
    var suite: Suite = .signed

    @Option(help: "Bytes in a frame, at most 1048576: what a reader holds in memory.")
    var frameLength = Envelope.defaultFrameByteCount

    @OptionGroup var aws: AWSOptions

    func run() async throws {
        let environment = RunnerEnvironment.current
        let source = file == "-" ? "/dev/stdin" : environment.absolute(file)
        guard access(source.string, R_OK) == 0 else {
            throw CommandFailure.usage("\(file): \(Errno(rawValue: errno).description)")
        }
        guard (1...Envelope.frameByteLimit).contains(frameLength) else {
            throw CommandFailure.usage(
                "--frame-length \(frameLength): frames have 1 to \(Envelope.frameByteLimit) bytes")
        }
        let keys = try RunRequest.Key.read(encryptionKey, environment)
        let context = try Self.context(try EncryptionContextArguments.read(encryptionContext))
        let (result, signal) = await Interruption.watch { [self] () -> Result<Void, CommandFailure> in
            do throws(CommandFailure) {
                try await withKeyring(keys, environment) { keyring async throws(EnvelopeError) in
                    try await seal(source, environment, keyring, context)
                }
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        if let signal { throw CommandFailure(signal: signal) }
        try result.get()
    }

    private func seal(
        _ source: FilePath, _ environment: RunnerEnvironment, _ keyring: any Keyring,
        _ context: EncryptionContext
    ) async throws(EnvelopeError) {
        let suite: AlgorithmSuite = suite == .signed ? .committingSigned : .committing
        let summary: Envelope.SealedSummary
        if output == "-" {
            let input = try Envelope.openInput(source)
            defer { try? input.close() }
            summary = try await Envelope.seal(
                from: input, to: .standardOutput, keyring: keyring, context: context, suite: suite,
                frameByteCount: frameLength)
        } else {
            summary = try await Envelope.sealFile(
                at: source, to: environment.absolute(output), keyring: keyring, context: context,
                suite: suite, frameByteCount: frameLength)
        }
        Console.note("encrypted for \(summary.keyNames.joined(separator: " and "))")
    }

    private static func context(
        _ pairs: [String: String]
    ) throws(CommandFailure) -> EncryptionContext {
        do {
            return try EncryptionContext(pairs)
        } catch {
            throw .usage("--encryption-context: \(error.detail)")
        }
    }

    /// Opens an AWS session when one of the keys is in KMS.
    private func withKeyring(
        _ keys: [RunRequest.Key], _ environment: RunnerEnvironment,
        _ body: (any Keyring) async throws(EnvelopeError) -> Void
    ) async throws(CommandFailure) {
        do {
            guard keys.contains(where: { $0.isKMS }) else {
                try await body(try keyring(keys, environment, nil))
                return
            }
            let configuration = try AWSConfiguration(
                environment: environment.variables, overrides: AWSRequest(aws).overrides)
            try await withAWSSession(configuration) { session in
                try await body(try keyring(keys, environment, session))
            }
        } catch let failure as CommandFailure {
            throw failure
        } catch let error as EnvelopeError {
            throw CommandFailure(.runner, error.description, hint: error.hint)
        } catch let error as AWSError {
            throw CommandFailure(error)
        } catch {
            throw CommandFailure(.runner, "\(error)")
        }
    }

    private func keyring(
        _ keys: [RunRequest.Key], _ environment: RunnerEnvironment, _ session: AWSSession?
    ) throws(CommandFailure) -> any Keyring {
        guard let first = keys.first else { return try LocalKeys.own(environment) }
        return try SealingKeyring.keyring(of: first, and: Array(keys.dropFirst()), session)
    }
}
