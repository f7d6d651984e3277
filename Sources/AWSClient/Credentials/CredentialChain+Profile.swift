extension CredentialChain {
    /// Most profiles that may name each other as sources of their roles.
    private static let mostProfiles = 32

    /// What a profile offers: a role, a sign-in, keys, or a command, in the AWS CLI's order.
    ///
    /// `visited` guards against profiles that name each other.
    func profileCredentials(_ name: String, _ visited: inout [String]) async -> Outcome {
        guard let profile = configuration.shared.profile(name) else {
            return visited.isEmpty
                ? .absent("it does not exist") : .failed("source profile \(name) does not exist")
        }
        guard visited.count < Self.mostProfiles else {
            return .failed("more than \(Self.mostProfiles) profiles name each other as source_profile")
        }
        let isRepeated = visited.contains(name)
        visited.append(name)
        // A profile may name itself as the source of its role: then its own keys are meant.
        if let role = profile["role_arn"], !isRepeated {
            return await roleCredentials(role, profile, name, &visited)
        }
        if isRepeated {
            let circle = visited.joined(separator: ", ")
            return staticKeys(profile, name) ?? .failed("source profiles form a circle: \(circle)")
        }
        if let signIn = SignIn.configured(profile, in: configuration.shared) {
            return await signInCredentials(signIn, profile, name)
        }
        let command = profile["credential_process"]
        let keysComeFirst = command == nil || configuration.shared.hasKeysInCredentialsFile(name)
        if keysComeFirst, let keys = staticKeys(profile, name) { return keys }
        if let command { return await processCredentials(command, name) }
        return .absent("it has neither keys nor a role, a sign-in or a command")
    }

    private func staticKeys(_ profile: [String: String], _ name: String) -> Outcome? {
        switch (profile["aws_access_key_id"], profile["aws_secret_access_key"]) {
        case (let id?, let secret?) where !id.isEmpty && !secret.isEmpty:
            .found(
                Credentials(
                    accessKeyID: id, secretAccessKey: secret,
                    sessionToken: profile["aws_session_token"].flatMap { $0.isEmpty ? nil : $0 },
                    source: "profile \(name)"))
        case (nil, nil): nil
        default: .failed("it has only one of aws_access_key_id and aws_secret_access_key")
        }
    }

    private func roleCredentials(
        _ role: String, _ profile: [String: String], _ name: String, _ visited: inout [String]
    ) async -> Outcome {
        var input = AssumeRoleInput(
            roleARN: role,
            sessionName: profile["role_session_name"]
                ?? configuration.sessionName(at: connection.clock.now()),
            externalID: profile["external_id"])
        if let text = profile["duration_seconds"] {
            guard let seconds = Int(text), (900...43_200).contains(seconds) else {
                return .failed("its duration_seconds is not a number from 900 to 43200")
            }
            input.durationSeconds = seconds
        }
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
        if let flaw = base.flaw {
            return .failed("no credentials to assume \(role) with: \(base.source): \(flaw)")
        }
        return await .result { () async throws(AWSError) in
            if let serial = profile["mfa_serial"] {
                input.mfa = .init(serialNumber: serial, code: try await oneTimeCode(serial))
            }
            return try await STSClient(context: stsContext(CredentialProvider(base))).assumeRole(input)
                .credentials
        }
    }

    private func roleSource(_ profile: [String: String], _ visited: inout [String]) async -> Outcome {
        switch (profile["source_profile"], profile["credential_source"]) {
        case (_?, _?): return .failed("it has both source_profile and credential_source")
        case (let source?, nil): return await profileCredentials(source, &visited)
        case (nil, "Environment"): return environmentKeys()
        case (nil, "EcsContainer"): return await containerCredentials()
        case (nil, "Ec2InstanceMetadata"):
            let outcome = await instanceCredentials()
            if case .absent(let reason) = outcome { return .absent("EC2 instance metadata: " + reason) }
            return outcome
        case (nil, let other?):
            return .failed(
                "credential_source \(other.visible) is unknown",
                hint: "it is one of Environment, EcsContainer and Ec2InstanceMetadata")
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
