/// Tokens that retries cost, shared by all requests of a session, so that a broken service is not stormed
/// (AWS SDKs reference guide, "Retry behavior": 500 tokens, 5 for a retry, 10 after a timeout).
package actor RetryBudget {
    private let capacity = 500
    private var tokens = 500

    /// A full budget.
    package init() {}

    /// Takes what a retry costs; false when there is not enough left.
    func spend(_ cost: Int) -> Bool {
        guard tokens >= cost else { return false }
        tokens -= cost
        return true
    }

    /// Gives back what a retry cost when it succeeded, or one token for a first try that did.
    func refund(_ amount: Int) {
        tokens = min(capacity, tokens + amount)
    }
}

/// How far the service's clock is ahead of ours, learned from refusals.
package actor ServerClock {
    private var offset = 0.0

    /// No difference, until one is seen.
    package init() {}

    /// Our time, corrected.
    func time(_ now: Timestamp) -> Timestamp { now.advanced(bySeconds: offset) }

    /// Learns from an answer's date.
    ///
    /// False when the clocks agree within four minutes, so that another try with the same clock would end the
    /// same way.
    func learn(serverDate: Timestamp, now: Timestamp) -> Bool {
        let difference = serverDate.seconds(since: now)
        guard abs(difference - offset) > 240 else { return false }
        offset = difference
        return true
    }
}
