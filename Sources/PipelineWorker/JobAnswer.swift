import AWSClient

/// Brings a job's result to CodePipeline: the only call that frees the pipeline's action, so it is repeated until
/// it is taken or known to be unwanted.
struct JobAnswer: Sendable {
    let client: CodePipelineClient
    let observer: any WorkerObserver
    var pauses = RetryPauses()

    /// Answers for a job; returns when CodePipeline has the answer, or does not want it.
    func send(_ result: JobResult, for jobID: String) async {
        var result = result
        var pauses = pauses
        while true {
            do throws(AWSError) {
                try await put(result, jobID)
                return observer.note(.answered(jobID: jobID, result))
            } catch {
                switch error.serviceFailure?.code {
                case "InvalidJobStateException", "JobNotFoundException":
                    return observer.note(.answerDropped(jobID: jobID, reason: error.reason))
                case "OutputVariablesSizeExceededException":
                    result = .failure(Self.tooManyVariables)
                case "ValidationException" where !result.isPlain:
                    // Something in the build's own words is not to the service's taste: the outcome matters more.
                    result = result.plain
                default:
                    observer.note(.willRetry(jobID: jobID, error))
                    await pauses.wait()
                }
            }
        }
    }

    private func put(_ result: JobResult, _ jobID: String) async throws(AWSError) {
        switch result {
        case .success(let details, let variables):
            try await client.putJobSuccessResult(
                jobID: jobID, summary: details.summary, externalExecutionID: details.externalExecutionID,
                outputVariables: variables)
        case .failure(let details):
            try await client.putJobFailureResult(
                jobID: jobID, type: details.kind.rawValue, message: details.message,
                externalExecutionID: details.externalExecutionID)
        }
    }

    private static let tooManyVariables = JobResult.FailureDetails(
        kind: .jobFailed,
        message: "the build's exported variables are larger than CodePipeline takes as output variables",
        externalExecutionID: nil)
}

/// Growing pauses, with a random part so that many workers do not ask in step.
struct RetryPauses: Sendable {
    var next: Duration = .milliseconds(250)
    var longest: Duration = .seconds(30)

    /// Waits; a cancelled task waits too, for what it waits for has to be done.
    mutating func wait() async {
        let pause = next * Double.random(in: 0.5...1)
        next = min(next * 2, longest)
        await Task { try? await Task.sleep(for: pause) }.value
    }
}
