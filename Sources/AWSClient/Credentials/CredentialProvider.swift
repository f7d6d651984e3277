/// Hands out credentials that are still good, and fetches new ones before the old ones end. However many ask at once,
/// one fetch runs.
package actor CredentialProvider {
    /// Where credentials come from.
    package typealias Fetch = @Sendable () async throws(AWSError) -> Credentials

    // As the AWS SDKs do: fetched anew in the last five minutes; in the last minute the old ones are not used even
    // when fetching fails.
    private static let refreshWindow = 300.0
    private static let refusalWindow = 60.0

    private let fetch: Fetch
    private let clock: WallClock
    private let observer: @Sendable (Credentials) -> Void
    private var current: Credentials?
    /// The last ones that a service called expired.
    private var discarded: Credentials?
    private var refresh: Task<Void, Never>?
    /// Whether the fetch was called off, for nobody waits any more.
    private var isCalledOff = false
    private var waiting: [Int: CheckedContinuation<Result<Credentials, AWSError>, Never>] = [:]
    private var latestTicket = 0
    private var secrets: Set<String> = []

    /// A provider over any source.
    ///
    /// - Parameters:
    ///   - clock: tells when credentials end.
    ///   - observer: called with each new set before anybody gets it, so that its secrets can be masked.
    ///   - fetch: gets a new set.
    package init(
        clock: WallClock, observer: @escaping @Sendable (Credentials) -> Void = { _ in },
        fetch: @escaping Fetch
    ) {
        self.clock = clock
        self.observer = observer
        self.fetch = fetch
    }

    /// A provider of one fixed set.
    package init(_ credentials: Credentials) {
        self.init(clock: .system) { () throws(AWSError) in credentials }
    }

    /// Every secret value handed out so far, for a masker.
    package var knownSecrets: Set<String> { secrets }

    /// Credentials good for at least a minute.
    ///
    /// - Throws: `AWSError` of the source. The next call asks the source again: a failure is never remembered.
    package func credentials() async throws(AWSError) -> Credentials {
        if let current, remaining(current) > Self.refreshWindow { return current }
        switch await refreshed() {
        case .success(let fresh): return fresh
        case .failure(let error):
            if let current, remaining(current) > Self.refusalWindow { return current }
            throw error
        }
    }

    /// Forgets these credentials because a service called them expired.
    func discard(_ credentials: Credentials) {
        if current == credentials { current = nil }
        discarded = credentials
    }

    /// Whether the source has others by now than those that were called expired; its own failure is told by who asks next.
    func hasOthersThanDiscarded() async -> Bool {
        guard let discarded, let next = try? await credentials() else { return true }
        return next != discarded
    }

    private func remaining(_ credentials: Credentials) -> Double {
        credentials.expiration?.seconds(since: clock.now()) ?? .infinity
    }

    private func refreshed() async -> Result<Credentials, AWSError> {
        // What a fetch that was called off still does, such as ending a command, comes first.
        while isCalledOff, let refresh { await refresh.value }
        if refresh == nil { startRefresh() }
        latestTicket += 1
        let ticket = latestTicket
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiting[ticket] = continuation
                if Task.isCancelled { leave(ticket) }
            }
        } onCancel: {
            Task { await self.leave(ticket) }
        }
    }

    private func startRefresh() {
        // Not a child task: the one who asks first may be cancelled, and others wait for the same answer.
        refresh = Task { [fetch, observer] in
            let result: Result<Credentials, AWSError>
            do throws(AWSError) {
                let fresh = try await fetch()
                observer(fresh)
                result = .success(fresh)
            } catch {
                result = .failure(error)
            }
            finish(result)
        }
    }

    /// Lets one who asked go without an answer; the last one only when the fetch has ended, so that nothing of it is
    /// left when the process ends.
    private func leave(_ ticket: Int) {
        if waiting.count == 1, waiting[ticket] != nil {
            isCalledOff = true
            refresh?.cancel()
        } else {
            waiting.removeValue(forKey: ticket)?.resume(returning: .failure(.cancelled("AWS credentials")))
        }
    }

    private func finish(_ result: Result<Credentials, AWSError>) {
        if case .success(let fresh) = result {
            current = fresh
            secrets.formUnion(fresh.secretValues)
        }
        (refresh, isCalledOff) = (nil, false)
        for continuation in waiting.values { continuation.resume(returning: result) }
        waiting = [:]
    }
}
