import AWSClient
import Diagnostics
import Glibc
import PipelineWorker

/// A worker's log on standard error: one line an event, with the time in UTC; nothing in it is secret.
struct WorkerLog: WorkerObserver {
    func note(_ event: WorkerEvent) {
        switch event {
        case .polled: break
        case .pollFailed(let error): write("CodePipeline cannot be asked for jobs: \(error)")
        case .claimed(let job, let pipeline):
            write("job \(job) is claimed" + (pipeline.map { ": pipeline \($0)" } ?? ""))
        case .notOurs(let job, let reason): write("job \(job) is not this worker's: \(reason)")
        case .recovered(let entry):
            write("job \(entry.jobID) was left by an earlier run (\(Self.words(entry.stage)))")
        case .strangeEntry(let file):
            write(
                "the journal's file \(file) is of another version of the worker, or of something else: it is left alone, and nobody answers for its job"
            )
        case .built(let job, let result): write("job \(job) is built: \(Self.words(result))")
        case .answered(let job, let result): write("job \(job) is answered: \(Self.status(result))")
        case .answerDropped(let job, let reason):
            write("job \(job): CodePipeline does not want the answer: \(reason)")
        case .willRetry(let job, let error): write("job \(job): will try again: \(error)")
        case .journalFailed(let job, let reason): write("job \(job): the journal: \(reason)")
        case .journalWorks: write("the journal can be written again")
        case .draining: write("no more jobs are taken")
        }
    }

    /// The build of a job begins.
    func began(_ job: String, build: String) { write("job \(job) begins: build \(build)") }

    /// Something about a job that its operator should know.
    func warn(_ job: String, _ text: String) { write("job \(job): warning: \(text)") }

    /// One line of the log.
    func write(_ text: String) {
        Console.note("\(Self.now) \(DisplayText.harmless(text))")
    }

    private static func words(_ stage: JobEntry.Stage) -> String {
        switch stage {
        case .claiming: "its acknowledgement"
        case .building: "its build"
        case .answering: "its answer"
        }
    }

    private static func words(_ result: JobResult) -> String {
        switch result {
        case .success(let details, _): details.summary
        case .failure(let details): "\(details.kind.rawValue): \(details.message)"
        }
    }

    private static func status(_ result: JobResult) -> String {
        switch result {
        case .success: "success"
        case .failure(let details): details.kind.rawValue
        }
    }

    /// `2026-01-31T12:00:00Z`.
    private static var now: String {
        var seconds = time(nil)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        var text = [CChar](repeating: 0, count: 32)
        let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
        return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Several observers as one.
struct WorkerObservers: WorkerObserver {
    var observers: [any WorkerObserver]

    func note(_ event: WorkerEvent) {
        for observer in observers { observer.note(event) }
    }
}
