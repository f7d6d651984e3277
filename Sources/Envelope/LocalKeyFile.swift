import Crypto
import FoundationEssentials
import Glibc
package import SystemPackage

/// A 256-bit wrapping key in a file: 32 raw bytes, or 64 hexadecimal digits, or base64.
package enum LocalKeyFile {
    /// The namespace of keys from files, the provider id in messages.
    package static let namespace = "buildspec"

    private static let byteLimit = 4096

    /// Loads a key as a keyring whose key name follows from the key itself.
    /// - Throws: ``EnvelopeError/Code/invalidKeyFile`` when the file is no regular file, others can change it,
    ///   or holds no key; ``EnvelopeError/Code/inputOutput`` when it cannot be read.
    package static func load(at path: FilePath) throws(EnvelopeError) -> RawAESKeyring {
        var content = try read(path)
        defer { content.wipe() }
        let key: SymmetricKey
        do {
            key = try parse(content)
        } catch {
            throw error.about(path)
        }
        return try keyring(for: key)
    }

    /// Namespace and name tell which key a message needs, and nothing about the key.
    static func keyring(for key: SymmetricKey) throws(EnvelopeError) -> RawAESKeyring {
        var hash = SHA256()
        // A prefix of its own, so that the name is no hash of the key that anything else might use.
        hash.update(data: Array("buildspec local key name, version 1\0".utf8))
        key.withUnsafeBytes { hash.update(bufferPointer: $0) }
        let name = "buildspec-" + hexadecimal(Array(hash.finalize().prefix(8)))
        return try RawAESKeyring(namespace: namespace, name: name, wrappingKey: key)
    }

    static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func read(_ path: FilePath) throws(EnvelopeError) -> [UInt8] {
        do {
            // Non-blocking, so that a pipe in place of the file is refused instead of waited for.
            let descriptor = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
            defer { try? descriptor.close() }
            try checkPrivate(descriptor)
            var bytes = [UInt8](repeating: 0, count: byteLimit + 1)
            var count = 0
            while count < bytes.count {
                let more = try bytes.withUnsafeMutableBytes {
                    try descriptor.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[count...]))
                }
                if more == 0 { break }
                count += more
            }
            guard count <= byteLimit else {
                bytes.wipe()
                throw invalid("it has more than \(byteLimit) bytes; a key has 32")
            }
            bytes.removeLast(bytes.count - count)
            return bytes
        } catch let error as EnvelopeError {
            throw error.about(path)
        } catch {
            throw EnvelopeError.inputOutput("cannot read the key file", error).about(path)
        }
    }

    private static func checkPrivate(_ descriptor: FileDescriptor) throws(EnvelopeError) {
        var status = stat()
        guard fstat(descriptor.rawValue, &status) == 0 else {
            throw .inputOutput("cannot look at the key file", Errno(rawValue: errno))
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw invalid("it is not a regular file") }
        guard status.st_mode & 0o022 == 0 else {
            let mode = String(status.st_mode & 0o777, radix: 8)
            throw EnvelopeError(
                .invalidKeyFile, "its mode is \(mode): group or others can change it",
                hint: "chmod 600 the file; make a new key if somebody may have changed it")
        }
    }

    /// Whether group or others can read the file: reason for a warning, but no refusal, because keys are often made by
    /// tools that leave the usual mode 0644.
    package static func isReadableByOthers(_ path: FilePath) -> Bool {
        var status = stat()
        return path.withPlatformString { stat($0, &status) } == 0 && status.st_mode & 0o044 != 0
    }

    static func invalid(_ detail: String) -> EnvelopeError {
        EnvelopeError(
            .invalidKeyFile, detail, hint: "give 32 random bytes, raw, as 64 hexadecimal digits or as base64")
    }
}
