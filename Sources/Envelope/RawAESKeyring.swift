package import Crypto
import FoundationEssentials

/// Encrypts data keys with AES-256-GCM under a wrapping key that we hold ourselves.
///
/// Byte for byte the raw AES keyring of the AWS Encryption SDK: the provider id is the namespace; the provider info is
/// name, tag length in bits, IV length, IV; the encrypted key is followed by its tag; the encryption context is
/// authenticated with it. Whoever has the 32 bytes, namespace and name opens our messages with any official SDK.
package struct RawAESKeyring: Keyring {
    /// The provider id in messages.
    package let namespace: String
    /// The name of the wrapping key in messages.
    package let name: String
    private let wrappingKey: SymmetricKey

    private static let tagByteCount = 16
    private static let ivByteCount = 12
    /// Tag length in bits and IV length in bytes, four bytes each.
    private static let sizes: [UInt8] = [0, 0, 0, 128, 0, 0, 0, 12]

    /// Uses a wrapping key of 32 bytes.
    /// - Throws: ``EnvelopeError/Code/invalidKey`` when the key has another length, or the namespace is empty, is
    ///   `aws-kms` (which is KMS's own), or either name is longer than 32 KiB.
    package init(namespace: String, name: String, wrappingKey: SymmetricKey) throws(EnvelopeError) {
        guard wrappingKey.bitCount == 256 else {
            throw .invalidKey("a wrapping key has 32 bytes, this one has \(wrappingKey.bitCount / 8)")
        }
        guard !namespace.isEmpty, !namespace.hasPrefix("aws-kms") else {
            throw .invalidKey("'\(namespace)' cannot be the namespace of a raw key")
        }
        guard !name.isEmpty, name.utf8.count < 1 << 15, namespace.utf8.count < 1 << 15 else {
            throw .invalidKey("the name of a raw key must have between 1 byte and 32 KiB")
        }
        self.namespace = namespace
        self.name = name
        self.wrappingKey = wrappingKey
    }

    /// Namespace and name.
    package var keyNames: [String] { ["\(namespace)/\(name)"] }

    /// Makes a random data key and encrypts it.
    /// - Throws: ``EnvelopeError`` when the context or a key cannot be used.
    package func generateDataKey(for purpose: DataKeyPurpose) async throws -> GeneratedDataKey {
        let dataKey = SymmetricKey(size: SymmetricKeySize(bitCount: purpose.suite.dataKeyByteCount * 8))
        return GeneratedDataKey(dataKey: dataKey, encrypted: try await encryptDataKey(dataKey, for: purpose))
    }

    /// Encrypts a data key under a fresh IV.
    /// - Throws: ``EnvelopeError`` when the context or a key cannot be used.
    package func encryptDataKey(
        _ dataKey: SymmetricKey, for purpose: DataKeyPurpose
    ) async throws -> [EncryptedDataKey] {
        var plaintext = dataKey.withUnsafeBytes { Array($0) }
        defer { plaintext.wipe() }
        let box = try AES.GCM.seal(plaintext, using: wrappingKey, authenticating: purpose.context.serialized)
        let info = Array(name.utf8) + Self.sizes + Array(box.nonce)
        return [
            EncryptedDataKey(
                providerID: namespace, providerInfo: info, ciphertext: Array(box.ciphertext) + Array(box.tag))
        ]
    }

    /// Decrypts a data key that names this wrapping key.
    /// - Throws: ``EnvelopeError/Code/tampered`` when encrypted key or encryption context were changed, or the
    ///   wrapping key is another one of the same name.
    package func decryptDataKey(
        _ encrypted: EncryptedDataKey, for purpose: DataKeyPurpose
    ) async throws -> SymmetricKey? {
        let prefix = Array(name.utf8) + Self.sizes
        guard encrypted.providerID.utf8.elementsEqual(namespace.utf8),
            encrypted.providerInfo.starts(with: prefix),
            encrypted.providerInfo.count == prefix.count + Self.ivByteCount
        else { return nil }
        let combined = encrypted.providerInfo.suffix(Self.ivByteCount) + encrypted.ciphertext
        do {
            let box = try AES.GCM.SealedBox(combined: Array(combined))
            var plaintext = Array(
                try AES.GCM.open(box, using: wrappingKey, authenticating: purpose.context.serialized))
            defer { plaintext.wipe() }
            return SymmetricKey(data: plaintext)
        } catch {
            throw EnvelopeError.tampered(
                .header,
                "the data key for \(keyNames[0]) does not decrypt: it or the encryption context was changed")
        }
    }

    /// The name part of a raw AES keyring's provider info; nil when it does not have that form.
    static func name(inProviderInfo info: [UInt8]) -> [UInt8]? {
        let tail = sizes.count + ivByteCount
        guard info.count > tail, info.dropLast(ivByteCount).suffix(sizes.count).elementsEqual(sizes) else {
            return nil
        }
        return Array(info.dropLast(tail))
    }
}
