/// An algorithm suite of the AWS Encryption SDK message format.
///
/// Source of numbers and parameters: AWS Encryption SDK Developer Guide, "Algorithms reference".
package enum AlgorithmSuite: UInt16, Sendable, Hashable, CaseIterable {
    /// AES-256-GCM with key commitment; message version 2.
    case committing = 0x0478
    /// AES-256-GCM with key commitment and an ECDSA P-384 signature; message version 2. What we write by default.
    case committingSigned = 0x0578
    /// AES-128-GCM without key derivation.
    case aes128 = 0x0014
    /// AES-192-GCM without key derivation.
    case aes192 = 0x0046
    /// AES-256-GCM without key derivation.
    case aes256 = 0x0078
    /// AES-128-GCM, HKDF with SHA-256.
    case aes128Derived = 0x0114
    /// AES-192-GCM, HKDF with SHA-256.
    case aes192Derived = 0x0146
    /// AES-256-GCM, HKDF with SHA-256.
    case aes256Derived = 0x0178
    /// AES-128-GCM, HKDF with SHA-256, ECDSA P-256.
    case aes128Signed = 0x0214
    /// AES-192-GCM, HKDF with SHA-384, ECDSA P-384.
    case aes192Signed = 0x0346
    /// AES-256-GCM, HKDF with SHA-384, ECDSA P-384.
    case aes256Signed = 0x0378

    /// The hash of the key derivation.
    enum Derivation {
        case none
        case sha256
        case sha384
        case sha512
    }

    /// The curve of the footer's signature.
    enum Signature {
        case none
        case p256
        case p384
    }

    /// Whether a message can be opened with one data key only.
    ///
    /// Only such suites are written.
    package var isCommitting: Bool { messageVersion == 2 }

    /// Whether a message ends with a signature of its author.
    package var isSigned: Bool { signature != .none }

    /// Bytes of the data key that a keyring has to provide.
    package var dataKeyByteCount: Int {
        switch self {
        case .aes128, .aes128Derived, .aes128Signed: 16
        case .aes192, .aes192Derived, .aes192Signed: 24
        default: 32
        }
    }

    var messageVersion: UInt8 {
        switch self {
        case .committing, .committingSigned: 2
        default: 1
        }
    }

    var messageIDByteCount: Int { messageVersion == 2 ? 32 : 16 }

    var derivation: Derivation {
        switch self {
        case .aes128, .aes192, .aes256: .none
        case .aes128Derived, .aes192Derived, .aes256Derived, .aes128Signed: .sha256
        case .aes192Signed, .aes256Signed: .sha384
        case .committing, .committingSigned: .sha512
        }
    }

    var signature: Signature {
        switch self {
        case .aes128Signed: .p256
        case .aes192Signed, .aes256Signed, .committingSigned: .p384
        default: .none
        }
    }
}

extension AlgorithmSuite: CustomStringConvertible {
    /// The number as AWS writes it, such as `0x0578`.
    package var description: String { Self.name(of: rawValue) }

    static func name(of number: UInt16) -> String {
        let digits = String(number, radix: 16)
        return "0x" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
