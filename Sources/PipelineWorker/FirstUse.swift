import AWSClient
import Synchronization

/// The credentials that came with a job: used until they have to be renewed.
final class FirstUse: Sendable {
    /// The credentials.
    let value: Credentials
    private let isUsed = Mutex(false)

    init(_ value: Credentials) {
        self.value = value
    }

    /// The credentials at the first call, and nil ever after.
    func take() -> Credentials? {
        isUsed.withLock { isUsed in
            defer { isUsed = true }
            return isUsed ? nil : value
        }
    }
}
