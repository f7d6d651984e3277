package import AWSClient

/// Who builds a job: the worker knows the protocol, and nothing of projects and sandboxes.
package protocol JobBuilder: Sendable {
    /// Builds a job, and says what CodePipeline is to be answered.
    ///
    /// Must end soon after the task is cancelled, with every process of the build gone.
    ///
    /// - Parameters:
    ///   - job: what is to be built.
    ///   - artifacts: S3 under the job's own identity, which renews itself.
    /// - Returns: What CodePipeline is answered.
    func build(_ job: PipelineJob, artifacts: AWSSession) async -> JobResult
}

/// Who hears what a worker does: an operator's log, and counters.
package protocol WorkerObserver: Sendable {
    /// One thing a worker has done or met.
    func note(_ event: WorkerEvent)
}

/// One thing a worker has done or met, for logs and metrics.
package enum WorkerEvent: Sendable {
    /// CodePipeline was asked and offered so many jobs.
    case polled(offered: Int)
    /// CodePipeline could not be asked.
    case pollFailed(AWSError)
    /// A job was claimed; how many are under way now.
    case claimed(jobID: String, pipeline: String?)
    /// A job turned out to be another worker's, or nobody's any more.
    case notOurs(jobID: String, reason: String)
    /// What an earlier run left is taken up again.
    case recovered(JobEntry)
    /// The journal holds a file that this version of the worker does not understand.
    case strangeEntry(file: String)
    /// A build has ended.
    case built(jobID: String, JobResult)
    /// CodePipeline has taken an answer.
    case answered(jobID: String, JobResult)
    /// CodePipeline does not want the answer: the job has timed out, was stopped, or was answered before.
    case answerDropped(jobID: String, reason: String)
    /// A call that has to succeed has failed, and is repeated.
    case willRetry(jobID: String, AWSError)
    /// The journal cannot be written.
    case journalFailed(jobID: String, reason: String)
    /// The journal, which could not be written, can be written again.
    case journalWorks
    /// No more jobs are taken.
    case draining
}
