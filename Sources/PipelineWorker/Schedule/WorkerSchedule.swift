/// What a worker does next, decided from what has happened: no clock, no network, no tasks.
///
/// Every event is answered with the actions to take; the ``PipelineWorker`` carries them out and tells of their ends.
package struct WorkerSchedule: Sendable {
    /// Something that has happened.
    package enum Event: Sendable {
        /// The worker starts, with these jobs of an earlier run to finish first.
        case started(recovered: [String])
        /// CodePipeline offers these jobs.
        case offered([String])
        /// CodePipeline could not be asked; after how long at the earliest to ask again is ours to say.
        case pollFailed
        /// A pause is over.
        case pauseOver
        /// A job has ended; it counts unless it turned out to be another worker's.
        case jobEnded(String, counts: Bool)
        /// No more jobs are to be taken.
        case drain
        /// Jobs under way are to be ended at once.
        case stop
    }

    /// Something to be done.
    package enum Action: Sendable, Hashable {
        /// Ask for at most so many jobs.
        case poll(Int)
        /// Wait so long, then tell that the pause is over.
        case pause(Duration)
        /// Claim and build this job.
        case begin(String)
        /// Ask no longer: whatever the answer offers is left to others.
        case cancelPoll
        /// End every job under way.
        case cancelJobs
        /// Nothing is left to do.
        case finish
    }

    /// When to stop, and how often to ask.
    package struct Rules: Sendable, Hashable {
        /// Builds at a time; at least 1.
        package var concurrency: Int
        /// How many jobs to build in all; nil: no limit.
        package var maximumJobs: Int?
        /// How long to go without a job before ending; nil: for ever.
        package var idleLimit: Duration?
        /// The pause between two questions while there is nothing to do.
        package var pollInterval: Duration = .seconds(5)
        /// The longest pause between two questions while CodePipeline cannot be asked.
        package var longestPause: Duration = .seconds(60)

        /// Rules of a worker that never stops by itself.
        package init(concurrency: Int) {
            self.concurrency = max(1, concurrency)
        }
    }

    private let rules: Rules
    private var active: Set<String> = []
    private var taken = 0
    private var failures = 0
    private var idle: Duration = .zero
    private var lastPause: Duration = .zero
    private var isPolling = false
    private var isPausing = false
    /// Whether no more jobs are taken.
    package private(set) var isDraining = false
    private var hasFinished = false

    /// A schedule under these rules.
    package init(_ rules: Rules) {
        self.rules = rules
    }

    /// The jobs under way.
    package var activeCount: Int { active.count }

    /// Decides what is to be done now.
    ///
    /// - Parameters:
    ///   - event: what has happened.
    ///   - random: a number from 0 to 1, by which pauses differ among workers.
    /// - Returns: The actions, in their order.
    package mutating func actions(after event: Event, random: Double) -> [Action] {
        var actions: [Action] = []
        switch event {
        case .started(let recovered):
            actions = begin(recovered)
        case .offered(let jobs):
            isPolling = false
            failures = 0
            // What is offered while draining is left to others: it has not been acknowledged.
            if !isDraining { actions = begin(Array(jobs.prefix(capacity))) }
            if jobs.isEmpty, active.isEmpty { idle += lastPause } else { idle = .zero }
            lastPause = .zero
            if jobs.isEmpty {
                let interval = rules.pollInterval * (0.75 + random / 2)
                actions += pause(rules.idleLimit.map { min(interval, max($0 - idle, .zero)) } ?? interval)
            }
        case .pollFailed:
            isPolling = false
            failures = min(failures + 1, 16)
            // Who cannot ask has no jobs either.
            if active.isEmpty { idle += lastPause } else { idle = .zero }
            lastPause = .zero
            let ceiling = min(rules.longestPause, .seconds(1) * (1 << min(failures, 10)))
            let interval = ceiling * (0.5 + random / 2)
            if !isDraining {
                actions = pause(rules.idleLimit.map { min(interval, max($0 - idle, .zero)) } ?? interval)
            }
        case .pauseOver:
            isPausing = false
        case .jobEnded(let job, let counts):
            active.remove(job)
            if !counts { taken -= 1 }
            idle = .zero
        case .drain:
            isDraining = true
            if isPolling { actions = [.cancelPoll] }
        case .stop:
            isDraining = true
            actions = (isPolling ? [.cancelPoll] : []) + [.cancelJobs]
        }
        return actions + next()
    }

    private mutating func begin(_ jobs: [String]) -> [Action] {
        var actions: [Action] = []
        for job in jobs where active.insert(job).inserted {
            taken += 1
            actions.append(.begin(job))
        }
        return actions
    }

    private mutating func pause(_ duration: Duration) -> [Action] {
        guard !isPausing else { return [] }
        isPausing = true
        lastPause = duration
        return [.pause(duration)]
    }

    private var capacity: Int {
        max(0, min(rules.concurrency - active.count, (rules.maximumJobs ?? .max) - taken))
    }

    private mutating func next() -> [Action] {
        guard !hasFinished else { return [] }
        let isIdle = rules.idleLimit.map { idle >= $0 } ?? false
        let isDone = isDraining || isIdle || taken >= rules.maximumJobs ?? .max
        if isDone, active.isEmpty, !isPolling {
            hasFinished = true
            return [.finish]
        }
        guard !isDone, capacity > 0, !isPolling, !isPausing else { return [] }
        isPolling = true
        return [.poll(capacity)]
    }
}
