/// Answers that are about the worker rather than a build.
extension JobResult {
    /// The worker could not do its part.
    package static func unavailable(_ reason: String) -> JobResult {
        .failure(FailureDetails(kind: .systemUnavailable, message: reason))
    }

    /// The worker was ended in the middle of the build.
    static let interrupted = unavailable(
        "the build host was stopped during the build, and its commands may have run in part; retry the action"
    )

    /// Whether there is nothing left that the service could object to.
    var isPlain: Bool { self == plain }

    /// The same outcome in words that every service takes.
    var plain: JobResult {
        switch self {
        case .success(let details, _):
            .success(
                ExecutionDetails(
                    summary: "the build succeeded; its output variables were refused",
                    externalExecutionID: details.externalExecutionID),
                outputVariables: [:])
        case .failure(let details):
            .failure(FailureDetails(kind: details.kind, message: "the build failed; its message was refused"))
        }
    }
}
