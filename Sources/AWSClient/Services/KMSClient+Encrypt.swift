/// A small message encrypted by a KMS key.
package struct EncryptedBlob: Sendable, Hashable {
    /// What `decrypt` takes.
    package let ciphertext: [UInt8]
    /// The ARN of the KMS key.
    package let keyID: String
}

extension KMSClient {
    /// Encrypts at most 4,096 bytes, such as a data key for a further reader.
    ///
    /// - Throws: `AWSError`
    package func encrypt(
        _ plaintext: [UInt8], keyID: String, encryptionContext: [String: String] = [:]
    ) async throws(AWSError) -> EncryptedBlob {
        let input = Input(KeyId: keyID, Plaintext: plaintext.base64, EncryptionContext: encryptionContext)
        let output = try await call("Encrypt", input, keyID: keyID, returning: Output.self)
        return EncryptedBlob(ciphertext: try bytes(output.CiphertextBlob, "Encrypt"), keyID: output.KeyId)
    }

    private struct Input: Encodable {
        var KeyId: String
        var Plaintext: String
        var EncryptionContext: [String: String]
    }

    private struct Output: Decodable {
        var CiphertextBlob: String
        var KeyId: String
    }
}
