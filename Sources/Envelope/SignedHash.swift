import CSystemDigest
import Crypto

/// SHA-384 by whoever is faster: the system's OpenSSL where there is one, else swift-crypto.
///
/// Swift-crypto's own has no fast form for AMD's processors: it takes 1.4 times as long there, and the hash is nearly all
/// that a signed message costs. What is hashed is no secret: it is the message as it is stored.
struct SignedHash: Sendable {
    private enum State: Sendable {
        case system(buildspec_sha384)
        case own(SHA384)
    }

    /// Below so many bytes, opening the library costs more than it saves.
    static let smallByteCount: Int64 = 8 << 20

    private static let isSystemAvailable = buildspec_sha384_is_available() != 0

    private var state: State

    /// A hash over nothing yet.
    /// - Parameter expected: About how many bytes will come; nil when nobody knows.
    init(expecting expected: Int64? = nil) {
        if expected ?? .max >= Self.smallByteCount, Self.isSystemAvailable {
            var hash = buildspec_sha384()
            buildspec_sha384_begin(&hash)
            state = .system(hash)
        } else {
            state = .own(SHA384())
        }
    }

    /// Whether the system's OpenSSL computes it.
    var isSystem: Bool {
        if case .system = state { true } else { false }
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        switch state {
        case .system(var hash):
            buildspec_sha384_update(&hash, bytes.baseAddress, bytes.count)
            state = .system(hash)
        case .own(var hash):
            hash.update(bufferPointer: bytes)
            state = .own(hash)
        }
    }

    /// The hash of all bytes so far.
    func finish() -> SignedDigest {
        switch state {
        case .system(var hash):
            var bytes = [UInt8](repeating: 0, count: SignedDigest.byteCount)
            buildspec_sha384_finish(&hash, &bytes)
            return SignedDigest(bytes: bytes)
        case .own(let hash):
            return SignedDigest(bytes: Array(hash.finalize()))
        }
    }
}

/// A SHA-384 digest of whatever origin, in the form in which swift-crypto signs it.
struct SignedDigest: Digest {
    static let byteCount = 48

    let bytes: [UInt8]

    func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try bytes.withUnsafeBytes(body)
    }
}
