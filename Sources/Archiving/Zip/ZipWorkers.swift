import Dispatch
import Synchronization

/// Threads that make the parts of an archive, and the desk at which they meet the one that writes it.
///
/// They are threads of their own, not tasks: they read files and compress, and would hold the few threads of
/// the concurrency runtime up.
final class ZipWorkers: Sendable {
    private struct State {
        var schedule: ZipSchedule
        var sleepers = 0
        var isWriterWaiting = false

        /// How many workers to wake, as something has changed.
        mutating func wakeAll() -> Int {
            defer { sleepers = 0 }
            return sleepers
        }

        mutating func wakeWriter() -> Bool {
            defer { isWriterWaiting = false }
            return isWriterWaiting
        }
    }

    private let state: Mutex<State>
    private let workers = DispatchSemaphore(value: 0)
    private let writer = DispatchSemaphore(value: 0)

    init(_ schedule: ZipSchedule) {
        state = Mutex(State(schedule: schedule))
    }

    /// Runs threads while `body` writes what they make; they are gone when it returns or throws.
    ///
    /// One alone would only take turns with the caller, which therefore makes the parts itself.
    ///
    /// - Parameters:
    ///   - schedule: what is to be made.
    ///   - count: how many threads.
    ///   - make: is called on each of the threads for what it works with; nil when there is no memory.
    ///   - body: is given what waits for the next part in order, nil after the last; it is told how many bytes of the part
    ///     before are out of memory now.
    /// - Returns: what `body` returns.
    /// - Throws: `limitExceeded` when no thread can be started, and what `body` throws.
    static func run<Result>(
        _ schedule: ZipSchedule, threads count: Int, worker make: @escaping @Sendable () -> ZipWorker?,
        _ body: ((_ written: Int) -> ZipPart?) throws(ArchivingError) -> Result
    ) throws(ArchivingError) -> Result {
        guard count > 1 else { return try runAlone(schedule, make(), body) }
        let desk = ZipWorkers(schedule)
        var threads: [WorkerThread] = []
        for _ in 0..<count {
            guard let thread = WorkerThread({ desk.work(make()) }) else { break }
            threads.append(thread)
        }
        defer {
            desk.stop()
            for thread in threads { thread.join() }
        }
        guard !threads.isEmpty else {
            throw ArchivingError(.limitExceeded, "the archive", "no thread can be started for it")
        }
        return try body(desk.next)
    }

    private static func runAlone<Result>(
        _ schedule: ZipSchedule, _ worker: ZipWorker?,
        _ body: ((_ written: Int) -> ZipPart?) throws(ArchivingError) -> Result
    ) throws(ArchivingError) -> Result {
        var schedule = schedule
        return try body { written in
            schedule.release(written)
            while true {
                if let part = schedule.nextToWrite() { return part }
                guard let take = made(of: schedule.take(), by: worker) else { return nil }
                take(&schedule)
            }
        }
    }

    private func next(written: Int) -> ZipPart? {
        var released = written
        while true {
            let (part, isComplete, wake) = state.withLock { state in
                state.schedule.release(released)
                released = 0
                guard !state.schedule.isComplete else { return (ZipPart?.none, true, 0) }
                let part = state.schedule.nextToWrite()
                state.isWriterWaiting = part == nil
                return (part, false, state.wakeAll())
            }
            for _ in 0..<wake { workers.signal() }
            if isComplete { return nil }
            if let part { return part }
            writer.wait()
        }
    }

    private func stop() {
        let wake = state.withLock { state in
            state.schedule.stop()
            return state.wakeAll()
        }
        for _ in 0..<wake { workers.signal() }
    }

    private func work(_ worker: ZipWorker?) {
        while true {
            let job = state.withLock { state in
                let job = state.schedule.take()
                if case .wait = job { state.sleepers += 1 }
                return job
            }
            if case .end = job { return }
            if let take = Self.made(of: job, by: worker) { finish(take) } else { workers.wait() }
        }
    }

    /// Does a job: how the schedule takes over what became of it; nil where there is nothing to do.
    private static func made(
        of job: ZipSchedule.Job, by worker: ZipWorker?
    ) -> ((inout ZipSchedule) -> Void)? {
        switch job {
        case .wait, .end: return nil
        case .files(let files):
            let made = worker?.make(files) ?? (part: noMemory, end: files.lowerBound, long: nil)
            return { $0.finish(files, part: made.part, end: made.end, long: made.long) }
        case .block(let file, let block):
            let part = worker?.make(block: block, of: file) ?? noMemory
            return { $0.finish(file, block: block, part: part) }
        }
    }

    private func finish(_ change: (inout ZipSchedule) -> Void) {
        let (wake, wakesWriter) = state.withLock { state in
            change(&state.schedule)
            return (state.wakeAll(), state.wakeWriter())
        }
        for _ in 0..<wake { workers.signal() }
        if wakesWriter { writer.signal() }
    }

    private static var noMemory: ZipPart {
        var part = ZipPart()
        part.failure = ArchivingError(.limitExceeded, "the archive", "no memory for a compressor")
        return part
    }
}
