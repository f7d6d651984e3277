import Crypto
import FoundationEssentials

/// The hash over a message as far as it was written or read, which the footer signs.
enum MessageDigest {
    case none
    case sha256(SHA256)
    case sha384(SignedHash)

    /// A hash over nothing yet.
    /// - Parameters:
    ///   - suite: Says which hash.
    ///   - expected: About how many bytes will come; nil when nobody knows.
    init(for suite: AlgorithmSuite, expecting expected: Int64?) {
        switch suite.signature {
        case .none: self = .none
        case .p256: self = .sha256(SHA256())
        case .p384: self = .sha384(SignedHash(expecting: expected))
        }
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        switch self {
        case .none: break
        case .sha256(var hash):
            hash.update(bufferPointer: bytes)
            self = .sha256(hash)
        case .sha384(var hash):
            hash.update(bytes)
            self = .sha384(hash)
        }
    }
}

extension MessageDigest {
    /// Adds a range of an array.
    mutating func update(_ bytes: [UInt8], _ range: Range<Int>) {
        bytes.withUnsafeBytes { update(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }
}

/// The author's key of one message; a new one for each message.
struct MessageSigner {
    /// Every footer signature has this many bytes, so that the length of a message can be known beforehand.
    static let signatureByteCount = 103

    private let key = P384.Signing.PrivateKey()

    /// What the encryption context carries: the compressed point in base64.
    var publicKeyText: String { key.publicKey.compressedRepresentation.base64EncodedString() }

    /// Signs in DER, whose length varies by a few bytes; about every second signature has the wanted one.
    func sign(_ digest: MessageDigest) throws(EnvelopeError) -> [UInt8] {
        guard case .sha384(let hash) = digest else { return [] }
        let value = hash.finish()
        var signature: [UInt8] = []
        for _ in 0..<256 {
            do {
                signature = Array(try key.signature(for: value).derRepresentation)
            } catch {
                throw EnvelopeError(.invalidKey, "signing failed: \(error)", part: .footer, underlying: error)
            }
            if signature.count == Self.signatureByteCount { break }
        }
        return signature
    }
}

/// Checks the signature of a message that was read.
struct MessageVerifier {
    private enum Key {
        case p256(P256.Signing.PublicKey)
        case p384(P384.Signing.PublicKey)
    }

    private let key: Key

    /// Takes the author's public key from the encryption context; nil for suites without signature.
    init?(suite: AlgorithmSuite, context: EncryptionContext) throws(EnvelopeError) {
        let text = context[EncryptionContext.publicKeyName]
        guard suite.isSigned else {
            guard text == nil else {
                throw .malformed(
                    .header, "its suite \(suite) has no signature, but the context has a public key")
            }
            return nil
        }
        guard let text, let point = Data(base64Encoded: text) else {
            throw .malformed(.header, "its suite \(suite) is signed, but the context has no public key")
        }
        do {
            key =
                suite.signature == .p256
                ? .p256(try P256.Signing.PublicKey(compressedRepresentation: point))
                : .p384(try P384.Signing.PublicKey(compressedRepresentation: point))
        } catch {
            throw .malformed(.header, "the public key in its context is no point of the curve")
        }
    }

    func isValid(_ signature: [UInt8], for digest: MessageDigest) -> Bool {
        switch (key, digest) {
        case (.p256(let key), .sha256(let hash)):
            guard let signature = try? P256.Signing.ECDSASignature(derRepresentation: signature) else {
                return false
            }
            return key.isValidSignature(signature, for: hash.finalize())
        case (.p384(let key), .sha384(let hash)):
            guard let signature = try? P384.Signing.ECDSASignature(derRepresentation: signature) else {
                return false
            }
            return key.isValidSignature(signature, for: hash.finish())
        default:
            return false
        }
    }
}
