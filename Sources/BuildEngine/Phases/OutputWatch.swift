import RetryPattern
import Synchronization

/// Looks in what a phase prints for the reason to try it again, without keeping any of it
/// (behaviour reference, section 1.6, on-failure).
final class OutputWatch: Sendable {
    private let matcher = Mutex<RetryPatternMatcher?>(nil)

    /// An attempt begins.
    func begin(_ pattern: RetryPattern) {
        matcher.withLock { $0 = RetryPatternMatcher(pattern) }
    }

    /// Output, before anything in it is hidden.
    func feed(_ bytes: [UInt8]) {
        matcher.withLock { $0?.feed(bytes) }
    }

    /// The attempt is over.
    /// - Returns: Whether its output, or what the phase's contexts say, matches.
    func end(_ contexts: [PhaseContext]) -> Bool {
        matcher.withLock { matcher in
            defer { matcher = nil }
            for context in contexts { matcher?.feed(Array("\n\(context.message)".utf8)) }
            return matcher?.finish() ?? false
        }
    }
}
