extension SecretsManagerClient {
    /// Fetches a secret's value.
    ///
    /// - Parameters:
    ///   - secretID: a name, an ARN, or an ARN without its random suffix.
    ///   - versionStage: nil means `AWSCURRENT`, unless `versionID` is given.
    ///   - versionID: one version.
    /// - Returns: the value; its text is nil for a binary secret.
    /// - Throws: `AWSError`; an unknown secret is the service's `ResourceNotFoundException`.
    package func secretValue(
        _ secretID: String, versionStage: String? = nil, versionID: String? = nil
    ) async throws(AWSError) -> SecretValue {
        let input = Input(SecretId: secretID, VersionStage: versionStage, VersionId: versionID)
        let output = try await context.callJSON(
            "GetSecretValue", targetPrefix: "secretsmanager", input, resource: secretID,
            returning: Output.self)
        return SecretValue(
            name: output.Name ?? secretID, arn: output.ARN, versionID: output.VersionId,
            text: output.SecretString)
    }

    private struct Input: Encodable {
        var SecretId: String
        var VersionStage: String?
        var VersionId: String?
    }

    private struct Output: Decodable {
        var Name: String?
        var ARN: String?
        var VersionId: String?
        var SecretString: String?
    }
}
