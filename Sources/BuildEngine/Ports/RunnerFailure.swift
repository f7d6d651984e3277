package import SystemPackage

/// The runner could not do its part: not the build's fault, and told apart from it by the exit status.
package struct RunnerFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What the runner wanted to do: `store the artifact app.zip`.
    package var action: String
    /// Why it could not: the words of whoever refused.
    package var reason: String
    /// What to try.
    package var hint: String?
    /// Who can mend it.
    package var cause = Cause.runner
    /// CodeBuild's code for a phase that ends so.
    package var statusCode = "CLIENT_ERROR"
    /// CodeBuild's own words for it, where it has some.
    package var phaseMessage: String?

    /// Who can mend a failure.
    package enum Cause: Sendable, Hashable {
        /// Whoever looks after this machine.
        case runner
        /// Whoever grants permissions: a role, a key or a bucket does not allow what is needed.
        case permission
        /// Whoever named what is not there, or cannot be used as it is.
        case configuration
        /// Nobody: a service was busy, or could not be reached.
        case unavailable
    }

    /// Describes a failure.
    package init(_ action: String, _ reason: String, hint: String? = nil) {
        self.action = action
        self.reason = reason
        self.hint = hint
    }

    /// Describes what a system call refused to do with a path; a full file system is named, with what to do.
    package init(_ action: String, _ error: Errno, at path: FilePath) {
        self.init(
            action, error.description,
            hint: error == .noSpace ? "free space on the file system of \(path)" : nil)
    }

    /// What the record says of the phase.
    var context: PhaseContext { PhaseContext(statusCode: statusCode, message: phaseMessage ?? description) }

    /// `cannot <action>: <reason>`.
    package var description: String { "cannot \(action): \(reason)" }
}
