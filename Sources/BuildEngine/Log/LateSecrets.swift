import Masking
import Synchronization

/// Secrets that the runner learns while a build runs, such as fresh credentials, on their way to the log.
///
/// Whoever learns one adds it before it is used; the log takes it before the next byte is written.
package final class LateSecrets: Sendable {
    private let waiting = Mutex<[SecretText]>([])

    /// None yet.
    package init() {}

    /// Hides values from now on.
    package func add(_ values: [String]) {
        waiting.withLock { $0 += values.filter { !$0.isEmpty }.map { SecretText($0) } }
    }

    /// Everything added since the last call.
    func take() -> [SecretText] {
        waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
    }
}
