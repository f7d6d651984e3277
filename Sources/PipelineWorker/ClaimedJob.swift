import AWSClient
import BuildEngine

/// One job from its claim to its answer; each step is in the journal before it is taken.
struct ClaimedJob: Sendable {
    let client: CodePipelineClient
    let session: AWSSession
    let journal: JobJournal
    let builder: any JobBuilder
    let observer: any WorkerObserver
    let clock: WallClock

    /// How long artifact credentials are used: CodePipeline does not say when they end
    /// (behaviour reference, section 11.3).
    private static let credentialLifetime = 30.0 * 60

    /// Claims, builds and answers a job that was offered.
    /// - Returns: whether the job was this worker's.
    func run(_ job: PipelineJob) async -> Bool {
        guard let nonce = job.nonce, keep(job.id, .claiming(nonce: nonce)) else { return false }
        guard await claim(job.id, nonce) else { return false }
        observer.note(.claimed(jobID: job.id, pipeline: job.data.pipelineContext?.pipelineName))
        await build(job)
        return true
    }

    /// Goes on where an earlier run of the worker was ended.
    /// - Returns: whether the job was this worker's.
    func resume(_ entry: JobEntry) async -> Bool {
        observer.note(.recovered(entry))
        switch entry.stage {
        case .claiming(let nonce):
            // None of its commands has run: it can be built as if nothing had happened.
            guard await claim(entry.jobID, nonce) else { return false }
            guard let job = await details(entry.jobID) else { return false }
            await build(job)
        case .building:
            // Commands may have run, and nobody knows how far: to run them again is the pipeline's decision.
            await answer(entry.jobID, .interrupted)
        case .answering(let result):
            await answer(entry.jobID, result)
        }
        return true
    }

    private func build(_ job: PipelineJob) async {
        guard keep(job.id, .building) else {
            return await answer(job.id, .unavailable("the worker cannot write its journal"))
        }
        let result: JobResult
        if let credentials = job.data.artifactCredentials {
            let session = session.acting(through: provider(job.id, first: credentials))
            result = await builder.build(job, artifacts: session)
        } else {
            result = .unavailable("the job came without artifact credentials")
        }
        observer.note(.built(jobID: job.id, result))
        await answer(job.id, result)
    }

    /// The job's own credentials; asked for anew in time, for long builds.
    private func provider(_ jobID: String, first: Credentials) -> CredentialProvider {
        let unused = FirstUse(first)
        return CredentialProvider(clock: clock) { () throws(AWSError) in
            let credentials =
                if let first = unused.take() { first } else {
                    try await client.jobDetails(jobID: jobID).data.artifactCredentials ?? unused.value
                }
            return credentials.ending(at: clock.now().advanced(bySeconds: Self.credentialLifetime))
        }
    }

    private func answer(_ jobID: String, _ result: JobResult) async {
        _ = keep(jobID, .answering(result))
        await shielded { await JobAnswer(client: client, observer: observer).send(result, for: jobID) }
        journal.remove(jobID)
    }

    /// Whether the job is this worker's; repeated until CodePipeline says so or not.
    private func claim(_ jobID: String, _ nonce: String) async -> Bool {
        await shielded {
            var pauses = RetryPauses()
            while true {
                do throws(AWSError) {
                    let status = try await client.acknowledge(jobID: jobID, nonce: nonce)
                    if status == "InProgress" { return true }
                    return drop(jobID, "it is \(status)")
                } catch {
                    // Whatever else the service refuses, it will refuse again.
                    if let failure = error.serviceFailure, (400..<500).contains(failure.status),
                        !failure.isPassing
                    {
                        return drop(jobID, error.reason)
                    }
                    observer.note(.willRetry(jobID: jobID, error))
                    await pauses.wait()
                }
            }
        }
    }

    private func details(_ jobID: String) async -> PipelineJob? {
        await shielded {
            var pauses = RetryPauses()
            while true {
                do throws(AWSError) {
                    return try await client.jobDetails(jobID: jobID)
                } catch {
                    if error.isService("JobNotFoundException") {
                        _ = drop(jobID, error.reason)
                        return nil
                    }
                    observer.note(.willRetry(jobID: jobID, error))
                    await pauses.wait()
                }
            }
        }
    }

    private func drop(_ jobID: String, _ reason: String) -> Bool {
        journal.remove(jobID)
        observer.note(.notOurs(jobID: jobID, reason: reason))
        return false
    }

    private func keep(_ jobID: String, _ stage: JobEntry.Stage) -> Bool {
        do throws(RunnerFailure) {
            try journal.write(JobEntry(jobID: jobID, stage: stage))
            return true
        } catch {
            let advice = error.hint.map { "; \($0)" } ?? ""
            observer.note(.journalFailed(jobID: jobID, reason: error.description + advice))
            return false
        }
    }

    /// What CodePipeline has to hear is said also when the build is cancelled.
    private func shielded<R: Sendable>(_ body: @escaping @Sendable () async -> R) async -> R {
        await Task { await body() }.value
    }
}
