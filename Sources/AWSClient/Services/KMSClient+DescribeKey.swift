/// What is known of a KMS key.
package struct KeyDescription: Sendable, Hashable, Decodable {
    /// The key's ARN.
    package let arn: String
    /// The key's id.
    package let keyID: String
    /// Whether it can be used.
    package let isEnabled: Bool
    /// `Enabled`, `Disabled`, `PendingDeletion`, ...
    package let state: String?
    /// `SYMMETRIC_DEFAULT`, `RSA_4096`, ...
    package let specification: String?
    /// `AWS` or `CUSTOMER`.
    ///
    /// A key that AWS manages can not be used from another account.
    package let manager: String?

    enum CodingKeys: String, CodingKey {
        case arn = "Arn"
        case keyID = "KeyId"
        case isEnabled = "Enabled"
        case state = "KeyState"
        case specification = "KeySpec"
        case manager = "KeyManager"
    }
}

extension KMSClient {
    /// Looks up a key by id, ARN, alias name or alias ARN.
    ///
    /// - Throws: `AWSError`; an unknown key is the service's `NotFoundException`.
    package func describeKey(_ keyID: String) async throws(AWSError) -> KeyDescription {
        try await call("DescribeKey", ["KeyId": keyID], keyID: keyID, returning: Output.self).KeyMetadata
    }

    private struct Output: Decodable {
        var KeyMetadata: KeyDescription
    }
}
