/// What the journal knows of one job: enough for another run of the worker to answer for it.
///
/// No credentials and no configuration are in it: CodePipeline tells both again.
package struct JobEntry: Sendable, Codable, Hashable {
    /// How far a job has come.
    package enum Stage: Sendable, Codable, Hashable {
        /// AcknowledgeJob is being called with this nonce; its answer is not known.
        case claiming(nonce: String)
        /// The job is this worker's, and its commands may have begun to run.
        case building
        /// The build has ended; CodePipeline may not know yet.
        case answering(JobResult)
    }

    /// The job's name.
    package let jobID: String
    /// How far it has come.
    package var stage: Stage

    /// An entry.
    package init(jobID: String, stage: Stage) {
        self.jobID = jobID
        self.stage = stage
    }
}
