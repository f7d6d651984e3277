/// What a look at one thing that a build will need came to.
struct PreflightFinding: Sendable, Hashable {
    /// How sure it is that the build's end will fail.
    enum Verdict: Sendable, Hashable {
        /// It is there, and may be used.
        case fine
        /// Nobody can say: a permission to look, or the answer, is missing.
        case doubt
        /// It cannot be used: there is no need to build first.
        case proof
    }

    var verdict: Verdict
    /// What was looked at: `bucket artifacts`.
    var subject: String
    /// What is known of it.
    var text: String
    /// What to do.
    var hint: String?
    /// Whether the configuration is wrong, rather than what it names.
    var isMisconfigured = false

    static func fine(_ subject: String, _ text: String) -> Self {
        Self(verdict: .fine, subject: subject, text: text, hint: nil)
    }

    static func doubt(_ subject: String, _ text: String, hint: String? = nil) -> Self {
        Self(verdict: .doubt, subject: subject, text: text, hint: hint)
    }

    static func proof(_ subject: String, _ text: String, hint: String? = nil) -> Self {
        Self(verdict: .proof, subject: subject, text: text, hint: hint)
    }

    /// The line of `doctor`.
    var check: Check {
        switch verdict {
        case .fine: Check(subject, fine: text)
        case .doubt: Check(subject, text, hint, isNeeded: false)
        case .proof: Check(subject, text, hint)
        }
    }

    /// What `run` ends with.
    var failure: CommandFailure {
        isMisconfigured
            ? CommandFailure(.usage, text, hint: hint)
            : CommandFailure(.runner, "\(subject): \(text)", hint: hint)
    }
}
