import Archiving
import Dispatch
import Synchronization

/// Threads that read and pack code, so that those of the concurrency runtime, which are as few as the processors, stay
/// free for talking to the store meanwhile.
final class CodeThreads: Sendable {
    private struct State {
        var jobs = CodeJobs<@Sendable () -> Void>()
        var threads: [WorkerThread] = []
    }

    private let state = Mutex(State())
    private let work = DispatchSemaphore(value: 0)

    /// Begins so many threads for as long as `body` runs.
    static func with<R, Failure: Error>(
        _ count: Int, _ body: (CodeThreads) async throws(Failure) -> R
    ) async throws(Failure) -> R {
        let threads = CodeThreads()
        threads.begin(count)
        defer { threads.stop() }
        return try await body(threads)
    }

    private func begin(_ count: Int) {
        let begun = (0..<max(1, count)).compactMap { _ in WorkerThread { [self] in take() } }
        state.withLock { $0.threads = begun }
    }

    /// Runs a body on one of the threads, or here if there is none.
    ///
    /// Large jobs are begun before small ones, so that in the end no thread waits long for another.
    ///
    /// - Parameters:
    ///   - size: bytes it has to do with; without it, it is begun before all that have one.
    ///   - body: is told how to ask whether the task was cancelled, because a thread has no task to ask.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws.
    func run<R: Sendable, Failure: Error>(
        size: UInt64 = .max,
        _ body: @escaping @Sendable (@escaping @Sendable () -> Bool) throws(Failure) -> R
    ) async throws(Failure) -> R {
        let cancelled = Cancelled()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Result<R, Failure>, Never>) in
                let job: @Sendable () -> Void = {
                    do throws(Failure) {
                        continuation.resume(returning: .success(try body { cancelled.isSet }))
                    } catch {
                        continuation.resume(returning: .failure(error))
                    }
                }
                let isTaken = state.withLock { state in
                    guard !state.threads.isEmpty else { return false }
                    state.jobs.add(job, size: size)
                    return true
                }
                if isTaken { work.signal() } else { job() }
            }
        } onCancel: {
            cancelled.set()
        }
        return try result.get()
    }

    private func take() {
        while true {
            work.wait()
            let job = state.withLock { $0.jobs.next() }
            guard let job else { return }
            job()
        }
    }

    /// Jobs that nobody waits for any more are done first.
    private func stop() {
        let threads = state.withLock { state in
            defer { state.threads = [] }
            return state.threads
        }
        for _ in threads { work.signal() }
        for thread in threads { thread.join() }
    }
}

/// What waits for a thread: the largest job is next, and of equal ones the first.
struct CodeJobs<Job> {
    private var jobs: [(job: Job, size: UInt64)] = []

    /// Adds a job that has to do with so many bytes.
    mutating func add(_ job: Job, size: UInt64) { jobs.append((job, size)) }

    /// Takes a job; nil when there is none.
    mutating func next() -> Job? {
        guard var largest = jobs.indices.first else { return nil }
        for index in jobs.indices where jobs[index].size > jobs[largest].size { largest = index }
        return jobs.remove(at: largest).job
    }
}

/// Whether somebody wants an end.
private final class Cancelled: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() { flag.store(true, ordering: .relaxed) }
}
