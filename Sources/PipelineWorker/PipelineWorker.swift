package import AWSClient
import BuildEngine
import SystemPackage

/// Takes jobs from CodePipeline, has them built, and answers for every one of them.
package struct PipelineWorker: Sendable {
    /// Whose jobs.
    private let actionType: BuildActionType
    private let rules: WorkerSchedule.Rules
    private let session: AWSSession
    private let journal: JobJournal
    private let builder: any JobBuilder
    private let observer: any WorkerObserver

    /// Tries of one question: the schedule's own pauses are told to operators, and end when the worker is to end.
    private static let pollAttempts = 2

    /// A worker.
    ///
    /// - Parameters:
    ///   - actionType: whose jobs it takes.
    ///   - rules: how many at a time, and when it stops.
    ///   - session: the worker's own identity, which may call CodePipeline.
    ///   - journal: where it keeps what it has claimed.
    ///   - builder: who builds.
    ///   - observer: who hears what happens.
    package init(
        actionType: BuildActionType, rules: WorkerSchedule.Rules, session: AWSSession, journal: JobJournal,
        builder: any JobBuilder, observer: any WorkerObserver
    ) {
        self.actionType = actionType
        self.rules = rules
        self.session = session
        self.journal = journal
        self.builder = builder
        self.observer = observer
    }

    /// Works until the rules or `control` say otherwise, and every claimed job has been answered.
    ///
    /// - Parameter control: where an operator's wishes come from.
    /// - Throws: `AWSError` when the very first question is refused for good (no such action type, no permission, no
    ///   credentials); ``RunnerFailure`` when the journal cannot be used.
    package func run(_ control: WorkerControl) async throws {
        let context = try session.context(.codePipeline)
        let client = CodePipelineClient(context: context)
        let asking = CodePipelineClient(context: context.trying(atMost: Self.pollAttempts))
        let entries = try journal.adopt { observer.note(.strangeEntry(file: $0.string)) }
        var schedule = WorkerSchedule(rules)
        var recovered = Dictionary(entries.map { ($0.jobID, $0) }, uniquingKeysWith: { $1 })
        var offered: [String: PipelineJob] = [:]
        var hasAnswered = false
        let job = ClaimedJob(
            client: client, session: session, journal: journal, builder: builder, observer: observer,
            clock: .system)
        try await withThrowingTaskGroup(of: Void.self) { group in
            var running: [String: Task<Void, Never>] = [:]
            var question: Task<Void, Never>?
            var actions = schedule.actions(
                after: .started(recovered: recovered.keys.sorted()), random: .random(in: 0...1))
            var events = control.messages.makeAsyncIterator()
            while true {
                for action in actions {
                    switch action {
                    case .poll(let count):
                        question = Task { await poll(asking, count, control) }
                    case .pause(let duration):
                        group.addTask {
                            try? await Task.sleep(for: duration)
                            control.tell(.event(.pauseOver))
                        }
                    case .begin(let id):
                        let entry = recovered.removeValue(forKey: id)
                        let offer = offered.removeValue(forKey: id)
                        running[id] = Task {
                            let counts: Bool
                            if let entry {
                                counts = await job.resume(entry)
                            } else if let offer {
                                counts = await job.run(offer)
                            } else {
                                counts = false
                            }
                            control.tell(.event(.jobEnded(id, counts: counts)))
                        }
                    case .cancelPoll: question?.cancel()
                    case .cancelJobs:
                        for task in running.values { task.cancel() }
                    case .finish:
                        question?.cancel()
                        group.cancelAll()
                        journal.close()
                        return
                    }
                }
                guard let message = await events.next() else { return }
                let event: WorkerSchedule.Event
                switch message {
                case .offered(let jobs):
                    hasAnswered = true
                    observer.note(.polled(offered: jobs.count))
                    offered = Dictionary(jobs.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
                    event = .offered(jobs.map(\.id))
                case .refused(let error) where error.kind == .cancelled: event = .pollFailed
                case .refused(let error):
                    if !hasAnswered, error.isFinal, schedule.activeCount == 0 {
                        journal.close()
                        throw error
                    }
                    observer.note(.pollFailed(error))
                    event = .pollFailed
                case .event(let other):
                    if case .jobEnded(let id, _) = other { running[id] = nil }
                    if case .drain = other { observer.note(.draining) }
                    event = other
                }
                actions = schedule.actions(after: event, random: .random(in: 0...1))
            }
        }
    }

    private func poll(_ client: CodePipelineClient, _ count: Int, _ control: WorkerControl) async {
        // Jobs that could not be kept would only be kept from other workers.
        if journal.hasFailed {
            guard journal.works() else { return control.tell(.event(.pollFailed)) }
            observer.note(.journalWorks)
        }
        do throws(AWSError) {
            control.tell(.offered(try await client.pollForJobs(actionType, maximumCount: count)))
        } catch {
            control.tell(.refused(error))
        }
    }
}

/// How a running worker is told what to do.
package struct WorkerControl: Sendable {
    enum Message: Sendable {
        case offered([PipelineJob])
        case refused(AWSError)
        case event(WorkerSchedule.Event)
    }

    let messages: AsyncStream<Message>
    private let continuation: AsyncStream<Message>.Continuation

    /// A way to one worker.
    package init() {
        (messages, continuation) = AsyncStream.makeStream()
    }

    /// No more jobs are to be taken; the worker ends when those under way have been answered.
    package func drain() { tell(.event(.drain)) }

    /// Jobs under way are to be ended and answered at once.
    package func stop() { tell(.event(.stop)) }

    func tell(_ message: Message) { continuation.yield(message) }
}
