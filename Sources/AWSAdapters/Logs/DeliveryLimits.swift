/// How long deliveries wait and how often they try.
package struct DeliveryLimits: Sendable, Hashable {
    /// How long lines are gathered before they are sent, unless there are many.
    package var interval: Duration = .seconds(1)
    /// At the end: how long nothing may be taken by the service before delivery is given up.
    package var patience: Duration = .seconds(30)
    /// At the end: how long delivery may take in all.
    package var total: Duration = .seconds(600)
    /// At the end of a build that was stopped: how long delivery may take.
    package var whenStopped: Duration = .seconds(10)
    /// The longest pause before a batch that failed is sent again.
    package var longestPause: Duration = .seconds(10)

    /// The values for ordinary use.
    package init() {}
}

/// Runs `body` in a task of its own, so that it goes on when this one is cancelled, but no longer than `limit`.
/// - Returns: What it returns; nil when it took longer and was cancelled.
func withinLimit<R: Sendable>(_ limit: Duration, _ body: @escaping @Sendable () async -> R) async -> R? {
    await Task.detached {
        await withTaskGroup(of: R?.self) { group in
            group.addTask { await body() }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? nil
        }
    }.value
}
