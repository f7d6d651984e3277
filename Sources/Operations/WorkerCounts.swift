import AWSClient
import PipelineWorker

/// What a worker has done so far: counted event by event, without a clock of its own.
struct WorkerCounts {
    /// When CodePipeline last answered a question for jobs.
    private(set) var lastPoll: Timestamp?
    /// Questions for jobs by what came of them: `offered`, `empty`, or why it failed.
    private(set) var polls: [String: Int] = ["offered": 0, "empty": 0]
    private(set) var jobsOffered = 0
    private(set) var jobsClaimed = 0
    private(set) var jobsRecovered = 0
    private(set) var jobsNotOurs = 0
    private(set) var jobsAnswered: [Answer: Int] = [.success: 0]
    private(set) var answersDropped = 0
    private(set) var retries: [FailureReason: Int] = [:]
    private(set) var journalFailures = 0
    private(set) var durations: [String: DurationHistogram] = ["success": .init(), "failure": .init()]
    private(set) var isDraining = false
    /// Since when each job is being built.
    private var builds: [String: Timestamp] = [:]
    /// Jobs whose builds have ended, and of which CodePipeline does not know yet.
    private var answers: Set<String> = []
    private var pollProblem: String?
    private var journalProblem: String?

    /// How an answer is counted.
    struct Answer: Hashable {
        var result: String
        var failureType: String

        static let success = Answer(result: "success", failureType: "none")

        init(result: String, failureType: String) {
            self.result = result
            self.failureType = failureType
        }

        init(_ result: JobResult) {
            switch result {
            case .success: self = .success
            case .failure(let details): self.init(result: "failure", failureType: details.kind.rawValue)
            }
        }
    }

    var buildsInProgress: Int { builds.count }
    var answersPending: Int { answers.count }

    /// Whether the worker takes jobs, and why not.
    var readiness: Readiness {
        if isDraining { return .notReady("draining: no more jobs are taken") }
        if let journalProblem { return .notReady("the journal cannot be written: \(journalProblem)") }
        if let pollProblem { return .notReady("CodePipeline cannot be asked for jobs: \(pollProblem)") }
        return lastPoll == nil ? .notReady("starting: CodePipeline has not answered yet") : .ready
    }

    /// Counts an event.
    mutating func note(_ event: WorkerEvent, at time: Timestamp) {
        switch event {
        case .polled(let offered):
            lastPoll = time
            pollProblem = nil
            jobsOffered += offered
            polls[offered > 0 ? "offered" : "empty", default: 0] += 1
        case .pollFailed(let error):
            pollProblem = Self.line(error.description)
            polls[FailureReason(error).rawValue, default: 0] += 1
        case .claimed(let job, _):
            journalProblem = nil
            jobsClaimed += 1
            builds[job] = time
        case .notOurs(let job, _):
            journalProblem = nil
            jobsNotOurs += 1
            forget(job)
        case .recovered(let entry):
            jobsRecovered += 1
            if case .claiming = entry.stage { builds[entry.jobID] = time }
        case .built(let job, let result):
            let began = builds.removeValue(forKey: job) ?? time
            durations[Answer(result).result]?.observe(max(0, time.seconds(since: began)))
            answers.insert(job)
        case .answered(let job, let result):
            jobsAnswered[Answer(result), default: 0] += 1
            forget(job)
        case .answerDropped(let job, _):
            answersDropped += 1
            forget(job)
        case .willRetry(_, let error):
            retries[FailureReason(error), default: 0] += 1
        case .journalFailed(_, let reason):
            journalProblem = Self.line(reason)
            journalFailures += 1
        case .strangeEntry: break
        case .journalWorks: journalProblem = nil
        case .draining:
            isDraining = true
        }
    }

    private mutating func forget(_ job: String) {
        builds[job] = nil
        answers.remove(job)
    }

    /// One bounded line.
    private static func line(_ text: String) -> String {
        String(text.prefix(500).map { $0.isNewline ? " " : $0 })
    }
}

/// Whether a worker takes jobs.
package enum Readiness: Sendable, Hashable {
    /// It does.
    case ready
    /// It does not; why, in one line.
    case notReady(String)
}
