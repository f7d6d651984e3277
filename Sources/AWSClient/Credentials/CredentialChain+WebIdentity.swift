import SystemPackage

extension CredentialChain {
    /// `AWS_WEB_IDENTITY_TOKEN_FILE` with `AWS_ROLE_ARN`, as Kubernetes gives them to a pod.
    func webIdentityFromEnvironment() async -> Outcome {
        guard let tokenFile = configuration.variable("AWS_WEB_IDENTITY_TOKEN_FILE") else {
            return .absent("AWS_WEB_IDENTITY_TOKEN_FILE is not set")
        }
        guard let role = configuration.variable("AWS_ROLE_ARN") else {
            return .failed("AWS_WEB_IDENTITY_TOKEN_FILE is set, AWS_ROLE_ARN is not")
        }
        let name = configuration.sessionName(at: connection.clock.now())
        return await webIdentityCredentials(
            AssumeRoleInput(roleARN: role, sessionName: name), tokenFile: tokenFile)
    }

    func webIdentityCredentials(_ input: AssumeRoleInput, tokenFile: String) async -> Outcome {
        await .result { () async throws(AWSError) in
            // Read anew each time: the one who wrote it replaces it before it ends.
            let text = try SmallFile.text(at: FilePath(tokenFile), limit: 64 << 10)
            let token = String(text[...].trimmed(where: \.isWhitespace))
            guard !token.isEmpty else { throw AWSError(.configuration, tokenFile, "the file has no token") }
            let client = STSClient(context: try stsContext(nil))
            return try await client.assumeRole(input, webIdentityToken: token).credentials
        }
    }
}
