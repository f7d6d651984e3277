package import AWSClient
package import Crypto
package import Envelope

/// Data keys made and decrypted by a KMS key: the AWS KMS keyring of the AWS Encryption SDK (provider id `aws-kms`,
/// provider info the key's ARN).
package struct KMSKeyring: Keyring {
    private static let providerID = "aws-kms"

    private let client: KMSClient
    /// The key to seal with; nil opens only.
    private let keyID: String?

    /// Seals with `keyID` (id, ARN or alias); opens what that key, or with nil any key that may be used, has sealed.
    package init(client: KMSClient, keyID: String?) {
        self.client = client
        self.keyID = keyID
    }

    /// The key as configured.
    package var keyNames: [String] { keyID.map { [$0] } ?? [] }

    /// Asks KMS for a data key bound to the message's context.
    /// - Throws: `AWSError` when KMS refuses or cannot be reached; ``KMSKeyMissing`` without a key to seal with.
    package func generateDataKey(for purpose: DataKeyPurpose) async throws -> EnvelopeDataKey {
        let made = try await client.generateDataKey(
            keyID: try sealingKey(), length: purpose.suite.dataKeyByteCount,
            encryptionContext: purpose.context.pairs)
        return EnvelopeDataKey(
            dataKey: SymmetricKey(data: made.plaintext.bytes),
            encrypted: [Self.wrapped(made.ciphertext, made.keyID)])
    }

    /// Lets KMS encrypt a data key that another keyring made.
    /// - Throws: `AWSError` when KMS refuses or cannot be reached; ``KMSKeyMissing`` without a key to seal with.
    package func encryptDataKey(
        _ dataKey: SymmetricKey, for purpose: DataKeyPurpose
    ) async throws -> [EncryptedDataKey] {
        let encrypted = try await client.encrypt(
            dataKey.withUnsafeBytes { Array($0) }, keyID: try sealingKey(),
            encryptionContext: purpose.context.pairs)
        return [Self.wrapped(encrypted.ciphertext, encrypted.keyID)]
    }

    /// Lets KMS decrypt a data key with the very key that the message names.
    /// - Throws: `AWSError` when KMS refuses or cannot be reached; ``KMSKeyMissing`` without a key to seal with.
    package func decryptDataKey(
        _ encrypted: EncryptedDataKey, for purpose: DataKeyPurpose
    ) async throws -> SymmetricKey? {
        guard encrypted.providerID == Self.providerID else { return nil }
        let arn = String(decoding: encrypted.providerInfo, as: UTF8.self)
        guard arn.hasPrefix("arn:") else { return nil }
        let plain = try await client.decrypt(
            encrypted.ciphertext, keyID: arn, encryptionContext: purpose.context.pairs)
        guard plain.keyID == arn, plain.plaintext.bytes.count == purpose.suite.dataKeyByteCount else {
            return nil
        }
        return SymmetricKey(data: plain.plaintext.bytes)
    }

    private func sealingKey() throws(KMSKeyMissing) -> String {
        guard let keyID else { throw KMSKeyMissing() }
        return keyID
    }

    private static func wrapped(_ ciphertext: [UInt8], _ keyARN: String) -> EncryptedDataKey {
        EncryptedDataKey(providerID: providerID, providerInfo: Array(keyARN.utf8), ciphertext: ciphertext)
    }
}

/// A keyring that only opens was asked to seal.
package struct KMSKeyMissing: Error, CustomStringConvertible {
    /// Makes the error.
    package init() {}

    /// One sentence.
    package var description: String { "no KMS key was given to encrypt with" }
}
