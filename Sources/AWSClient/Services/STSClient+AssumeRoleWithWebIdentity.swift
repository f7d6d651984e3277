extension STSClient {
    /// Assumes a role with a token of another identity provider.
    ///
    /// The request is not signed, so the client needs no credentials.
    ///
    /// - Throws: `AWSError`
    package func assumeRole(
        _ input: AssumeRoleInput, webIdentityToken: String
    ) async throws(AWSError) -> AssumedRole {
        let result = try await context.callQuery(
            "AssumeRoleWithWebIdentity", version: Self.version,
            [
                ("RoleArn", input.roleARN), ("RoleSessionName", input.sessionName),
                ("WebIdentityToken", webIdentityToken),
                ("DurationSeconds", input.durationSeconds.map(String.init)),
            ], resource: input.roleARN)
        let credentials = try temporaryCredentials(
            result, source: "role \(input.roleARN) by web identity", "AssumeRoleWithWebIdentity")
        return AssumedRole(credentials: credentials, arn: result["AssumedRoleUser"]?.text("Arn"))
    }
}
