import AWSAdapters
import AWSClient
import BuildEngine
import PipelineWorker

/// Why a job cannot be built, in words for the pipeline's owner.
struct JobFault: Error, Sendable, Hashable {
    /// Whose fault it is.
    var kind: JobResult.FailureDetails.Kind
    /// What, and why.
    var message: String
    /// What to change.
    var hint: String?

    /// The action's configuration or the project is wrong.
    static func configuration(_ message: String, hint: String? = nil) -> JobFault {
        JobFault(kind: .configurationError, message: message, hint: hint)
    }

    /// The worker could not do its part.
    static func unavailable(_ message: String, hint: String? = nil) -> JobFault {
        JobFault(kind: .systemUnavailable, message: message, hint: hint)
    }

    init(kind: JobResult.FailureDetails.Kind, message: String, hint: String? = nil) {
        self.kind = kind
        self.message = message
        self.hint = hint
    }

    /// What the runner could not do.
    init(_ failure: RunnerFailure) {
        self.init(kind: .init(failure.cause), message: failure.description, hint: failure.hint)
    }

    /// What the same failure is in the middle of a build.
    func failure(of action: String) -> RunnerFailure {
        var failure = RunnerFailure(action, message, hint: hint)
        failure.cause =
            switch kind {
            case .permissionError: .permission
            case .configurationError: .configuration
            case .jobFailed, .systemUnavailable: .unavailable
            }
        return failure
    }

    /// The answer.
    var result: JobResult {
        .failure(.init(kind: kind, message: message + (hint.map { "; \($0)" } ?? "")))
    }
}
