import Glibc

/// Time as a parameter: what the time is, and how to wait.
///
/// Signing, credential expiry and backoff take it.
package struct WallClock: Sendable {
    /// The present moment.
    package var now: @Sendable () -> Timestamp
    /// Waits; throws `CancellationError` when the task is cancelled meanwhile.
    package var sleep: @Sendable (Duration) async throws -> Void

    /// A clock from its two abilities.
    package init(
        now: @escaping @Sendable () -> Timestamp,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    /// The machine's clock.
    package static let system = WallClock(
        now: {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            return Timestamp(secondsSince1970: Double(time.tv_sec) + Double(time.tv_nsec) / 1e9)
        },
        sleep: { try await Task.sleep(for: $0) })
}
