import Crypto
import Envelope
import Glibc
import SystemPackage

/// A private directory that goes away with the last reference to it.
final class EnvelopeScratch: Sendable {
    let root: FilePath

    init() throws {
        var generator = SystemRandomNumberGenerator()
        let path = "/tmp/envelope-tests-" + String(generator.next(), radix: 36)
        guard mkdir(path, 0o700) == 0 else { throw Errno(rawValue: errno) }
        root = FilePath(path)
    }

    deinit {
        Self.remove(root)
    }

    func path(_ name: String) -> FilePath { root.appending(name) }

    func write(_ bytes: [UInt8], to name: String, mode: FilePermissions = .ownerReadWrite) throws {
        let file = try FileDescriptor.open(
            path(name), .writeOnly, options: [.create, .truncate], permissions: mode)
        try file.closeAfter {
            _ = try file.writeAll(bytes)
            guard fchmod(file.rawValue, mode.rawValue) == 0 else { throw Errno(rawValue: errno) }
        }
    }

    func read(_ name: String) throws -> [UInt8] { try Self.read(path(name)) }

    func exists(_ name: String) -> Bool { access(path(name).string, F_OK) == 0 }

    func mode(_ name: String) -> UInt32 {
        var status = stat()
        return lstat(path(name).string, &status) == 0 ? status.st_mode & 0o777 : 0
    }

    /// Names of all files, in order.
    var names: [String] { Self.names(in: root) }

    static func read(_ path: FilePath) throws -> [UInt8] {
        let file = try FileDescriptor.open(path, .readOnly)
        return try file.closeAfter {
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
                if count == 0 { return bytes }
                bytes += buffer[..<count]
            }
        }
    }

    static func names(in directory: FilePath) -> [String] {
        guard let stream = opendir(directory.string) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private static func remove(_ path: FilePath) {
        if unlink(path.string) != 0 {
            for name in names(in: path) { remove(path.appending(name)) }
            rmdir(path.string)
        }
    }
}

/// Bytes without a pattern that a cipher could repeat, the same in every run.
func sampleBytes(_ count: Int) -> [UInt8] {
    var state: UInt32 = 2_463_534_242
    return (0..<count).map { _ in
        state ^= state << 13
        state ^= state >> 17
        state ^= state << 5
        return UInt8(truncatingIfNeeded: state)
    }
}

/// A wrapping key of 32 equal bytes.
func rawKeyring(_ byte: UInt8 = 7, namespace: String = "tests", name: String? = nil) throws -> RawAESKeyring {
    try RawAESKeyring(
        namespace: namespace, name: name ?? "key-\(byte)",
        wrappingKey: SymmetricKey(data: [UInt8](repeating: byte, count: 32)))
}

extension EnvelopeScratch {
    /// Seals bytes and returns the message.
    func seal(
        _ content: [UInt8], keyring: any Keyring, context: [String: String] = [:],
        suite: AlgorithmSuite = .committingSigned, frameByteCount: Int = 16
    ) async throws -> [UInt8] {
        try write(content, to: "content")
        _ = try await Envelope.sealFile(
            at: path("content"), to: path("message"), keyring: keyring, context: EncryptionContext(context),
            suite: suite, frameByteCount: frameByteCount)
        return try read("message")
    }

    /// Opens a message and returns what was in it.
    func open(
        _ message: [UInt8], keyring: any Keyring, requiredContext: [String: String] = [:],
        policy: OpenPolicy = .strict
    ) async throws -> [UInt8] {
        try write(message, to: "message")
        _ = try await Envelope.openFile(
            at: path("message"), to: path("opened"), keyring: keyring, requiredContext: requiredContext,
            policy: policy)
        return try read("opened")
    }

    /// Tries to open a message and returns why that failed; nil when it did not.
    func failure(
        opening message: [UInt8], keyring: any Keyring, requiredContext: [String: String] = [:],
        policy: OpenPolicy = .strict
    ) async throws -> EnvelopeError? {
        do {
            _ = try await open(message, keyring: keyring, requiredContext: requiredContext, policy: policy)
            return nil
        } catch let error as EnvelopeError {
            return error
        }
    }
}
