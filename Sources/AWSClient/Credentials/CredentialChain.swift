/// Looks for credentials where the AWS CLI does, in its order, and stops at the first source that is configured.
///
/// A source that is configured but fails ends the search: going on would act as somebody else than was meant.
struct CredentialChain: Sendable {
    let configuration: AWSConfiguration
    let connection: ServiceContext.Connection
    /// Asks a person for the code that a device shows.
    let oneTimeCode: OneTimeCode

    /// What asking one source came to.
    enum Outcome: Sendable {
        case found(Credentials)
        /// Not configured here.
        case absent(String)
        /// Configured, but it does not work; what to try where something is known.
        case failed(String, hint: String? = nil)
    }

    private struct Source: Sendable {
        let name: String
        let ask: @Sendable () async -> Outcome
    }

    /// The first credentials found.
    ///
    /// - Throws: `AWSError` (`credentials`) which names every source that was asked, or `cancelled`.
    func find() async throws(AWSError) -> Credentials {
        var attempts: [CredentialAttempt] = []
        for source in sources {
            let outcome = await source.ask()
            if Task.isCancelled { throw AWSError.cancelled("AWS credentials") }
            func note(_ reason: String) {
                // Errors of a source may begin with its name.
                let name = source.name + ": "
                let short = reason.hasPrefix(name) ? String(reason.dropFirst(name.count)) : reason
                attempts.append(CredentialAttempt(source: source.name, reason: short))
            }
            switch outcome {
            case .found(let credentials):
                guard let flaw = credentials.flaw else { return credentials }
                note(flaw)
                throw AWSError.credentials(attempts)
            case .absent(let reason): note(reason)
            case .failed(let reason, let hint):
                note(reason)
                throw AWSError.credentials(attempts, hint: hint)
            }
        }
        throw AWSError.credentials(attempts)
    }

    private var sources: [Source] {
        let environment = Source(name: "environment variables") { environmentKeys() }
        let webIdentity = Source(name: "web identity token") { await webIdentityFromEnvironment() }
        let profile = Source(name: "profile \(configuration.profileName)") {
            var visited: [String] = []
            return await profileCredentials(configuration.profileName, &visited)
        }
        let container = Source(name: "container endpoint") { await containerCredentials() }
        let metadata = Source(name: "EC2 instance metadata") { await instanceCredentials() }
        if configuration.overrides.profile != nil { return [profile, container, metadata] }
        let hasRole = configuration.profile["role_arn"] != nil
        return [environment] + (hasRole ? [profile, webIdentity] : [webIdentity, profile]) + [
            container, metadata,
        ]
    }

    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`.
    func environmentKeys() -> Outcome {
        let token =
            configuration.variable("AWS_SESSION_TOKEN") ?? configuration.variable("AWS_SECURITY_TOKEN")
        switch (configuration.variable("AWS_ACCESS_KEY_ID"), configuration.variable("AWS_SECRET_ACCESS_KEY"))
        {
        case (let id?, let secret?):
            return .found(
                Credentials(
                    accessKeyID: id, secretAccessKey: secret, sessionToken: token,
                    source: "environment variables"))
        case (nil, nil): return .absent("AWS_ACCESS_KEY_ID is not set")
        case (_?, nil): return .failed("AWS_ACCESS_KEY_ID is set, AWS_SECRET_ACCESS_KEY is not")
        case (nil, _?): return .failed("AWS_SECRET_ACCESS_KEY is set, AWS_ACCESS_KEY_ID is not")
        }
    }
}

extension AWSError {
    static func credentials(_ attempts: [CredentialAttempt], hint: String? = nil) -> AWSError {
        let list = attempts.map { "\($0.source): \($0.reason)" }.joined(separator: "; ")
        return AWSError(
            .credentials(attempts), "AWS credentials", "none found (\(list))",
            hint: hint
                ?? "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile with --profile or AWS_PROFILE"
        )
    }
}

extension CredentialChain.Outcome {
    /// `found`, or `failed` with the error's text.
    static func result(_ body: () async throws(AWSError) -> Credentials) async -> CredentialChain.Outcome {
        do throws(AWSError) {
            return .found(try await body())
        } catch {
            return .failed(error.description, hint: error.hint)
        }
    }
}
