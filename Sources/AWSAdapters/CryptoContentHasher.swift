package import BuildEngine
import Crypto
import FoundationEssentials
package import SystemPackage

/// MD5 and SHA-256 of files, in one reading.
package struct CryptoContentHasher: ContentHasher {
    /// Makes a hasher; it has no state.
    package init() {}

    /// Hashes a file.
    /// - Throws: ``RunnerFailure`` when it cannot be read.
    package func digest(of file: FilePath) async throws(RunnerFailure) -> ContentDigest {
        var md5 = Insecure.MD5()
        var sha256 = SHA256()
        try Self.read(file) { bytes in
            md5.update(bufferPointer: bytes)
            sha256.update(bufferPointer: bytes)
        }
        return ContentDigest(md5: hexadecimal(md5.finalize()), sha256: hexadecimal(sha256.finalize()))
    }

    /// Begins to hash what is not written yet.
    package func running() -> any RunningContentDigest { RunningDigest() }

    private static func read(
        _ file: FilePath, _ take: (UnsafeRawBufferPointer) -> Void
    ) throws(RunnerFailure) {
        do {
            let reader = try FileDescriptor.open(file, .readOnly, options: .closeOnExec)
            defer { try? reader.close() }
            var buffer = [UInt8](repeating: 0, count: 1 << 20)
            while true {
                let count = try buffer.withUnsafeMutableBytes { try reader.read(into: $0) }
                if count == 0 { break }
                buffer.withUnsafeBytes { take(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            }
        } catch {
            throw RunnerFailure("read \(file)", "\(error)")
        }
    }
}

/// MD5 and SHA-256 of bytes as they come.
package final class RunningDigest: RunningContentDigest {
    private var md5 = Insecure.MD5()
    private var sha256 = SHA256()

    /// Nothing yet.
    package init() {}

    /// Takes the next bytes.
    package func update(_ bytes: UnsafeRawBufferPointer) {
        md5.update(bufferPointer: bytes)
        sha256.update(bufferPointer: bytes)
    }

    /// The hashes of all bytes so far.
    package func finish() -> ContentDigest {
        ContentDigest(md5: hexadecimal(md5.finalize()), sha256: hexadecimal(sha256.finalize()))
    }
}

/// SHA-256 of bytes as they come, in base64 as Lambda's `CodeSha256` has it.
package final class RunningCodeSHA256 {
    private var sha256 = SHA256()

    /// Nothing yet.
    package init() {}

    /// Takes the next bytes.
    package func update(_ bytes: UnsafeRawBufferPointer) {
        sha256.update(bufferPointer: bytes)
    }

    /// The hash of all bytes so far.
    package func base64() -> String {
        Data(sha256.finalize()).base64EncodedString()
    }
}

private func hexadecimal(_ digest: some Sequence<UInt8>) -> String {
    digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
