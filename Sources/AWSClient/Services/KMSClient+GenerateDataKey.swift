/// A fresh data key, in the clear and wrapped.
package struct GeneratedDataKey: Sendable, Hashable {
    /// The key itself.
    package let plaintext: PlainBytes
    /// The key wrapped by the KMS key.
    package let ciphertext: [UInt8]
    /// The ARN of the KMS key.
    package let keyID: String
}

extension KMSClient {
    /// Makes a data key of `length` bytes (1 to 1024), wrapped by a KMS key (id, ARN, alias name or alias ARN).
    ///
    /// - Throws: `AWSError`
    package func generateDataKey(
        keyID: String, length: Int, encryptionContext: [String: String] = [:]
    ) async throws(AWSError) -> GeneratedDataKey {
        let input = Input(KeyId: keyID, NumberOfBytes: length, EncryptionContext: encryptionContext)
        let output = try await call("GenerateDataKey", input, keyID: keyID, returning: Output.self)
        let plaintext = try bytes(output.Plaintext, "GenerateDataKey")
        guard plaintext.count == length else {
            throw AWSError(
                .decoding, context.subject("GenerateDataKey"), "the key has another length than asked for")
        }
        return GeneratedDataKey(
            plaintext: PlainBytes(bytes: plaintext),
            ciphertext: try bytes(output.CiphertextBlob, "GenerateDataKey"), keyID: output.KeyId)
    }

    private struct Input: Encodable {
        var KeyId: String
        var NumberOfBytes: Int
        var EncryptionContext: [String: String]
    }

    private struct Output: Decodable {
        var CiphertextBlob: String
        var Plaintext: String
        var KeyId: String
    }
}
