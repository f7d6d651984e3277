extension CodePipelineClient {
    /// Asks for jobs that wait for a worker.
    ///
    /// - Parameters:
    ///   - actionType: whose jobs.
    ///   - maximumCount: how many at most; at least 1.
    ///   - query: the value of the action's queryable property, and its name, where it has one.
    /// - Returns: the jobs, each still to be acknowledged with its nonce.
    /// - Throws: `AWSError`; `ActionTypeNotFoundException` when the account has no such action.
    package func pollForJobs(
        _ actionType: BuildActionType, maximumCount: Int, query: (name: String, value: String)? = nil
    ) async throws(AWSError) -> [PipelineJob] {
        let input = PollInput(
            actionTypeId: ActionTypeID(provider: actionType.provider, version: actionType.version),
            maxBatchSize: max(1, maximumCount), queryParam: query.map { [$0.name: $0.value] })
        let output = try await call("PollForJobs", input, returning: PollOutput.self)
        return (output.jobs ?? []).compactMap(\.job)
    }

    /// Takes a job: nobody else gets it from now on.
    ///
    /// - Returns: the job's state; `InProgress` means that it is the caller's.
    /// - Throws: `AWSError`; `InvalidNonceException` when another worker has it.
    package func acknowledge(jobID: String, nonce: String) async throws(AWSError) -> String {
        let input = AcknowledgeInput(jobId: jobID, nonce: nonce)
        return try await call("AcknowledgeJob", input, jobID: jobID, returning: AcknowledgeOutput.self).status
    }

    /// Asks for a job once more: with new artifact credentials.
    ///
    /// - Throws: `AWSError`; `JobNotFoundException`.
    package func jobDetails(jobID: String) async throws(AWSError) -> PipelineJob {
        let input = DetailsInput(jobId: jobID)
        let output = try await call("GetJobDetails", input, jobID: jobID, returning: DetailsOutput.self)
        guard let job = output.jobDetails?.job else {
            throw AWSError(.decoding, context.subject("GetJobDetails"), "the answer has no job in it")
        }
        return job
    }

    /// Ends a job well.
    ///
    /// - Parameters:
    ///   - jobID: the job.
    ///   - summary: at most 2,048 characters.
    ///   - externalExecutionID: the build's id, at most 1,500 characters.
    ///   - outputVariables: what later actions may refer to.
    /// - Throws: `AWSError`; `InvalidJobStateException` when the job has ended already.
    package func putJobSuccessResult(
        jobID: String, summary: String, externalExecutionID: String, outputVariables: [String: String]
    ) async throws(AWSError) {
        let input = SuccessInput(
            jobId: jobID,
            executionDetails: ExecutionDetails(summary: summary, externalExecutionId: externalExecutionID),
            outputVariables: outputVariables.isEmpty ? nil : outputVariables)
        _ = try await call("PutJobSuccessResult", input, jobID: jobID, returning: Nothing.self)
    }

    /// Ends a job badly.
    ///
    /// - Parameters:
    ///   - jobID: the job.
    ///   - type: `JobFailed`, `ConfigurationError`, `PermissionError` or another of `FailureType`.
    ///   - message: 1 to 5,000 characters.
    ///   - externalExecutionID: the build's id, at most 1,500 characters; nil when there was no build.
    /// - Throws: `AWSError`; `InvalidJobStateException` when the job has ended already.
    package func putJobFailureResult(
        jobID: String, type: String, message: String, externalExecutionID: String?
    ) async throws(AWSError) {
        let input = FailureInput(
            jobId: jobID,
            failureDetails: FailureDetails(
                type: type, message: message, externalExecutionId: externalExecutionID))
        _ = try await call("PutJobFailureResult", input, jobID: jobID, returning: Nothing.self)
    }

    private struct ActionTypeID: Encodable {
        var category = "Build"
        var owner = "Custom"
        var provider: String
        var version: String
    }

    private struct PollInput: Encodable {
        var actionTypeId: ActionTypeID
        var maxBatchSize: Int
        var queryParam: [String: String]?
    }

    private struct PollOutput: Decodable { var jobs: [PipelineJobDocument]? }

    private struct AcknowledgeInput: Encodable {
        var jobId: String
        var nonce: String
    }

    private struct AcknowledgeOutput: Decodable { var status: String }

    private struct DetailsInput: Encodable { var jobId: String }

    private struct DetailsOutput: Decodable { var jobDetails: PipelineJobDocument? }

    private struct ExecutionDetails: Encodable {
        var summary: String
        var externalExecutionId: String
    }

    private struct SuccessInput: Encodable {
        var jobId: String
        var executionDetails: ExecutionDetails
        var outputVariables: [String: String]?
    }

    private struct FailureDetails: Encodable {
        var type: String
        var message: String
        var externalExecutionId: String?
    }

    private struct FailureInput: Encodable {
        var jobId: String
        var failureDetails: FailureDetails
    }
}
