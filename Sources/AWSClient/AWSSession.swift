import Synchronization

/// The way to AWS for one identity: hands out clients of services that share connections, credentials and
/// retry budget.
///
/// Live only inside `withAWSSession`.
package struct AWSSession: Sendable {
    /// What was configured.
    package let configuration: AWSConfiguration
    /// Who the session acts as.
    package let credentials: CredentialProvider
    let connection: ServiceContext.Connection
    let observer: @Sendable (Credentials) -> Void

    /// The context of a service's client.
    ///
    /// - Parameters:
    ///   - service: the service.
    ///   - region: another region than the configured one.
    /// - Returns: the context.
    /// - Throws: `AWSError` (`configuration`) when no region or an unusable endpoint is configured.
    package func context(_ service: AWSService, region: String? = nil) throws(AWSError) -> ServiceContext {
        // With an endpoint of one's own the region only enters the signature; such places mostly ignore it.
        let configured = region ?? configuration.region
        let endpoint = try configuration.endpoint(for: service, region: configured ?? "us-east-1")
        if !endpoint.isCustom, configured == nil { _ = try configuration.requiredRegion() }
        return ServiceContext(
            service: service, endpoint: endpoint, region: configured ?? "us-east-1", credentials: credentials,
            connection: connection)
    }

    /// The same connections under another identity, such as a pipeline job's own credentials.
    package func acting(as credentials: Credentials) -> AWSSession {
        observer(credentials)
        return acting(through: CredentialProvider(credentials))
    }

    /// The same connections under another identity that renews itself, such as a long job's credentials.
    package func acting(through provider: CredentialProvider) -> AWSSession {
        AWSSession(
            configuration: configuration, credentials: provider, connection: connection, observer: observer)
    }

    /// The same connections as a role, assumed with this session's identity when first needed and renewed in time.
    package func assuming(_ role: AssumeRoleInput) -> AWSSession {
        let base = self
        let provider = CredentialProvider(clock: connection.clock, observer: observer) {
            () throws(AWSError) in
            try await STSClient(context: base.stsContext()).assumeRole(role).credentials
        }
        return acting(through: provider)
    }

    /// STS answers the same everywhere, so that a session without a region can still assume a role.
    package func stsContext() throws(AWSError) -> ServiceContext {
        try context(.sts, region: configuration.region ?? "us-east-1")
    }
}

/// What a session takes besides the configuration.
///
/// All have the values for ordinary use.
package struct AWSSessionOptions: Sendable {
    /// What the time is, and how to wait.
    package var clock: WallClock = .system
    /// How long each kind of waiting may last.
    package var timeouts = TransportTimeouts()
    /// The longest first pause before a retry.
    package var firstRetryDelay: Duration = .seconds(1)
    /// Told of every set of credentials before it is used, so that its secrets can be masked.
    package var observer: @Sendable (Credentials) -> Void = { _ in }

    /// Who is asked for a one-time code when a profile's role wants one; the terminal, unless told otherwise.
    package var oneTimeCode: OneTimeCode = TerminalPrompt.oneTimeCode

    /// The values for ordinary use.
    package init() {}
}

/// Opens a session for `body` and closes its connections afterwards, also on errors.
///
/// No request is made before a client needs one; credentials are looked for at the first.
///
/// - Parameters:
///   - configuration: what was configured; its `roleARN` is assumed on top of the credentials found.
///   - options: clock, timeouts, observer.
///   - body: what to do.
/// - Returns: what `body` returns.
/// - Throws: `AWSError` (`configuration`), and whatever `body` throws.
package func withAWSSession<R>(
    _ configuration: AWSConfiguration, options: AWSSessionOptions = AWSSessionOptions(),
    _ body: (AWSSession) async throws -> R
) async throws -> R {
    try await withAWSTransport(configuration, timeouts: options.timeouts) { transport in
        try await body(AWSSession(configuration, options, transport))
    }
}

extension AWSSession {
    /// Opens a session whose connections last as long as the process: for commands that end with it.
    ///
    /// - Parameters:
    ///   - configuration: what was configured.
    ///   - options: clock, timeouts, observer.
    /// - Throws: `AWSError` (`configuration`) when a proxy's address is unusable.
    package init(
        lasting configuration: AWSConfiguration, options: AWSSessionOptions = AWSSessionOptions()
    ) throws(AWSError) {
        let transport = try AWSTransport(configuration, options.timeouts)
        Self.lasting.withLock { $0.append(transport) }
        self.init(configuration, options, transport)
    }

    /// A client whose connections nobody closed may not be forgotten.
    private static let lasting = Mutex<[AWSTransport]>([])

    fileprivate init(
        _ configuration: AWSConfiguration, _ options: AWSSessionOptions, _ transport: AWSTransport
    ) {
        let connection = ServiceContext.Connection(
            transport: transport, clock: options.clock,
            retry: RetryPolicy(
                maximumAttempts: configuration.maximumAttempts, firstDelay: options.firstRetryDelay),
            budget: RetryBudget(), serverClock: ServerClock())
        let chain = CredentialChain(
            configuration: configuration, connection: connection, oneTimeCode: options.oneTimeCode)
        let provider = CredentialProvider(clock: options.clock, observer: options.observer) {
            () throws(AWSError) in
            try await chain.find()
        }
        let session = AWSSession(
            configuration: configuration, credentials: provider, connection: connection,
            observer: options.observer)
        guard let role = configuration.roleARN else {
            self = session
            return
        }
        self = session.assuming(
            AssumeRoleInput(
                roleARN: role, sessionName: configuration.sessionName(at: options.clock.now()),
                externalID: configuration.overrides.externalID))
    }
}
