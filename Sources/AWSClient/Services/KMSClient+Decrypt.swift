/// What a KMS key decrypted.
package struct DecryptedBlob: Sendable, Hashable {
    /// The message.
    package let plaintext: PlainBytes
    /// The ARN of the KMS key that was used; compare it with the one expected.
    package let keyID: String
}

extension KMSClient {
    /// Decrypts what `encrypt` or `generateDataKey` made, under the same encryption context.
    ///
    /// - Parameters:
    ///   - ciphertext: the wrapped bytes.
    ///   - keyID: the only key that may be used; nil lets the bytes themselves say.
    ///   - encryptionContext: what the bytes were bound to.
    /// - Returns: the message, and the key that was used.
    /// - Throws: `AWSError`; `InvalidCiphertextException` and `IncorrectKeyException` are the usual codes.
    package func decrypt(
        _ ciphertext: [UInt8], keyID: String?, encryptionContext: [String: String] = [:]
    ) async throws(AWSError) -> DecryptedBlob {
        let input = Input(
            CiphertextBlob: ciphertext.base64, KeyId: keyID, EncryptionContext: encryptionContext)
        let output = try await call("Decrypt", input, keyID: keyID, returning: Output.self)
        return DecryptedBlob(
            plaintext: PlainBytes(bytes: try bytes(output.Plaintext, "Decrypt")), keyID: output.KeyId)
    }

    private struct Input: Encodable {
        var CiphertextBlob: String
        var KeyId: String?
        var EncryptionContext: [String: String]
    }

    private struct Output: Decodable {
        var Plaintext: String
        var KeyId: String
    }
}
