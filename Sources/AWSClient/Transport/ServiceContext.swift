/// All that a service's client needs: who answers where, who asks, and how patiently.
package struct ServiceContext: Sendable {
    /// The service.
    package let service: AWSService
    /// Where it answers.
    package var endpoint: ServiceEndpoint
    /// The region that requests are signed for.
    package var region: String
    /// Who signs; nil for requests without a signature.
    package let credentials: CredentialProvider?
    private(set) var connection: Connection

    /// What all services of a session share.
    struct Connection: Sendable {
        let transport: AWSTransport
        let clock: WallClock
        let retry: RetryPolicy
        let budget: RetryBudget
        let serverClock: ServerClock
    }

    /// The same, with fewer tries of each request: for callers who have a patience of their own.
    package func trying(atMost attempts: Int) -> ServiceContext {
        var retry = connection.retry
        retry.maximumAttempts = min(retry.maximumAttempts, max(1, attempts))
        var context = self
        context.connection = Connection(
            transport: connection.transport, clock: connection.clock, retry: retry, budget: connection.budget,
            serverClock: connection.serverClock)
        return context
    }

    func subject(_ operation: String) -> String { "\(service.identifier) \(operation)" }

    func signed(_ request: AWSRequest, _ subject: String) async throws(AWSError) -> (AWSRequest, Credentials?)
    {
        var request = request
        request.headers["User-Agent"] = "buildspec"
        guard let credentials else {
            request.headers["Host"] = request.endpoint.authority
            return (request, nil)
        }
        let keys = try await credentials.credentials()
        let time = await connection.serverClock.time(connection.clock.now())
        RequestSigner(credentials: keys, region: region, service: service).sign(&request, at: time)
        return (request, keys)
    }
}
