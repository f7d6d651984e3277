package import AWSClient
package import Crypto
package import Envelope

/// Data keys made and decrypted by one KMS key: the AWS KMS keyring of the AWS Encryption SDK (provider id `aws-kms`,
/// provider info the key's ARN).
///
/// KMS is asked in the Region of the key's ARN, whatever Region is configured. A multi-Region key also opens what its
/// twins in other Regions sealed.
package struct KMSKeyring: Keyring {
    static let providerID = "aws-kms"

    private let session: AWSSession
    private let keyID: String

    /// Seals and opens with `keyID`: an id, an ARN or an alias.
    package init(session: AWSSession, keyID: String) {
        self.session = session
        self.keyID = keyID
    }

    /// The key as configured.
    package var keyNames: [String] { [keyID] }

    /// Asks KMS for a data key bound to the message's context.
    /// - Throws: `AWSError` when KMS refuses or cannot be reached.
    package func generateDataKey(for purpose: DataKeyPurpose) async throws -> EnvelopeDataKey {
        let made = try await client().generateDataKey(
            keyID: keyID, length: purpose.suite.dataKeyByteCount,
            encryptionContext: purpose.context.pairs)
        return EnvelopeDataKey(
            dataKey: SymmetricKey(data: made.plaintext.bytes),
            encrypted: [Self.wrapped(made.ciphertext, made.keyID)])
    }

    /// Lets KMS encrypt a data key that another keyring made.
    /// - Throws: `AWSError` when KMS refuses or cannot be reached.
    package func encryptDataKey(
        _ dataKey: SymmetricKey, for purpose: DataKeyPurpose
    ) async throws -> [EncryptedDataKey] {
        var plain = dataKey.withUnsafeBytes { Array($0) }
        defer { plain.wipe() }
        let encrypted = try await client().encrypt(
            plain, keyID: keyID, encryptionContext: purpose.context.pairs)
        return [Self.wrapped(encrypted.ciphertext, encrypted.keyID)]
    }

    /// Lets KMS decrypt a data key, with this key and no other.
    /// - Throws: `AWSError` when KMS refuses or cannot be reached.
    package func decryptDataKey(
        _ encrypted: EncryptedDataKey, for purpose: DataKeyPurpose
    ) async throws -> SymmetricKey? {
        guard let wanted = encrypted.kmsKey, mayBe(wanted) else { return nil }
        return try await Self.decrypt(encrypted, of: wanted, for: purpose, with: client(), keyID: keyID)
    }

    /// Whether the configured key can be the one that a message names; an alias can be any.
    private func mayBe(_ wanted: KMSKeyName) -> Bool {
        if let own = KMSKeyName(arn: keyID) {
            return own.resource.hasPrefix("alias/") || own.isTwin(of: wanted)
        }
        return keyID.hasPrefix("alias/") || wanted.resource == "key/\(keyID)"
    }

    /// The Region of an ARN is where the key is.
    private func client() throws(AWSError) -> KMSClient {
        KMSClient(context: try session.context(.kms, region: KMSKeyName(arn: keyID)?.region))
    }

    /// Lets KMS decrypt, and believes the answer only when the key it used is the one that the message names.
    static func decrypt(
        _ encrypted: EncryptedDataKey, of wanted: KMSKeyName, for purpose: DataKeyPurpose,
        with client: KMSClient, keyID: String
    ) async throws(AWSError) -> SymmetricKey? {
        let plain = try await client.decrypt(
            encrypted.ciphertext, keyID: keyID, encryptionContext: purpose.context.pairs)
        guard let used = KMSKeyName(arn: plain.keyID), used.isTwin(of: wanted),
            plain.plaintext.bytes.count == purpose.suite.dataKeyByteCount
        else { return nil }
        return SymmetricKey(data: plain.plaintext.bytes)
    }

    private static func wrapped(_ ciphertext: [UInt8], _ keyARN: String) -> EncryptedDataKey {
        EncryptedDataKey(providerID: providerID, providerInfo: Array(keyARN.utf8), ciphertext: ciphertext)
    }
}

extension EncryptedDataKey {
    /// The KMS key that can decrypt it; nil for data keys of other providers.
    var kmsKey: KMSKeyName? {
        guard providerID == KMSKeyring.providerID else { return nil }
        return KMSKeyName(arn: String(decoding: providerInfo, as: UTF8.self))
    }
}
