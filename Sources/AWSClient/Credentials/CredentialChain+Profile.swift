extension CredentialChain {
    /// What a profile offers: a role, keys, or a command.
    ///
    /// `visited` guards against profiles that name each other.
    func profileCredentials(_ name: String, _ visited: inout Set<String>) async -> Outcome {
        guard let profile = configuration.shared.profile(name) else {
            return visited.isEmpty
                ? .absent("it does not exist") : .failed("source profile \(name) does not exist")
        }
        let isRepeated = !visited.insert(name).inserted
        // A profile may name itself as the source of its role: then its own keys are meant.
        if let role = profile["role_arn"], !isRepeated {
            return await roleCredentials(role, profile, name, &visited)
        }
        if let keys = staticKeys(profile, name) { return keys }
        if isRepeated { return .failed("source profiles form a circle at \(name)") }
        if let command = profile["credential_process"] { return await processCredentials(command, name) }
        if profile["sso_session"] != nil || profile["sso_start_url"] != nil {
            return .failed(
                "it signs in through IAM Identity Center, which is not supported; "
                    + "`aws configure export-credentials --format env` prints variables that are")
        }
        return .absent("it has neither keys nor a role nor a command")
    }

    private func staticKeys(_ profile: [String: String], _ name: String) -> Outcome? {
        switch (profile["aws_access_key_id"], profile["aws_secret_access_key"]) {
        case (let id?, let secret?) where !id.isEmpty && !secret.isEmpty:
            .found(
                Credentials(
                    accessKeyID: id, secretAccessKey: secret, sessionToken: profile["aws_session_token"],
                    source: "profile \(name)"))
        case (nil, nil): nil
        default: .failed("it has only one of aws_access_key_id and aws_secret_access_key")
        }
    }

    private func roleCredentials(
        _ role: String, _ profile: [String: String], _ name: String, _ visited: inout Set<String>
    ) async -> Outcome {
        if profile["mfa_serial"] != nil {
            return .failed("its role asks for a one-time password, which a runner can not type")
        }
        let input = AssumeRoleInput(
            roleARN: role,
            sessionName: profile["role_session_name"]
                ?? configuration.sessionName(at: connection.clock.now()),
            externalID: profile["external_id"], durationSeconds: profile["duration_seconds"].flatMap(Int.init)
        )
        if let tokenFile = profile["web_identity_token_file"] {
            return await webIdentityCredentials(input, tokenFile: tokenFile)
        }
        let source = await roleSource(profile, &visited)
        guard case .found(let base) = source else {
            if case .absent(let reason) = source {
                return .failed("no credentials to assume \(role) with: \(reason)")
            }
            return source
        }
        return await .result { () async throws(AWSError) in
            try await STSClient(context: stsContext(CredentialProvider(base))).assumeRole(input).credentials
        }
    }

    private func roleSource(_ profile: [String: String], _ visited: inout Set<String>) async -> Outcome {
        switch (profile["source_profile"], profile["credential_source"]) {
        case (let source?, _): return await profileCredentials(source, &visited)
        case (_, "Environment"): return environmentKeys()
        case (_, "EcsContainer"): return await containerCredentials()
        case (_, "Ec2InstanceMetadata"): return await instanceCredentials()
        case (_, let other?): return .failed("credential_source \(other) is unknown")
        case (nil, nil): return .failed("it has role_arn, but neither source_profile nor credential_source")
        }
    }

    /// STS for `provider`, or for requests without a signature.
    func stsContext(_ provider: CredentialProvider?) throws(AWSError) -> ServiceContext {
        let region = configuration.region ?? "us-east-1"
        return ServiceContext(
            service: .sts, endpoint: try configuration.endpoint(for: .sts, region: region), region: region,
            credentials: provider, connection: connection)
    }
}

extension AWSConfiguration {
    /// What was asked for, else `AWS_ROLE_SESSION_NAME`, else one that tells the time.
    func sessionName(at time: Timestamp) -> String {
        overrides.sessionName ?? variable("AWS_ROLE_SESSION_NAME") ?? "buildspec-" + time.compactText
    }
}
