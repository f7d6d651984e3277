import Dispatch
import Glibc
import Synchronization

/// A thread for calls that wait for the kernel: it makes one after the other, until nobody holds it any more.
///
/// A sandbox's process takes the end of the thread that started it for the runner's (`PR_SET_PDEATHSIG`), so the threads
/// of Swift's pools, which come and go, cannot start one. And a pool has as many threads as there are processors: two that
/// wait for the kernel would hold up all else on a small machine.
final class BlockingThread: Sendable {
    /// What the thread and those who ask share.
    private final class Work: Sendable {
        /// Calls to make, the first first; nil at the end.
        let calls = Mutex<[(@Sendable () -> Void)?]>([])
        let count = DispatchSemaphore(value: 0)

        func add(_ call: (@Sendable () -> Void)?) {
            calls.withLock { $0.append(call) }
            count.signal()
        }

        func run() {
            while true {
                count.wait()
                guard let call = calls.withLock({ $0.removeFirst() }) else { return }
                call()
            }
        }
    }

    private let work = Work()

    /// Starts the thread.
    /// - Throws: ``SandboxError`` when there are too many already.
    init() throws(SandboxError) {
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(work)
        let result = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, argument.toOpaque())
        guard result == 0 else {
            argument.release()
            throw SandboxError(
                code: .startFailed, detail: "no thread can be made: error \(result)", path: nil, hint: nil)
        }
        pthread_detach(thread)
    }

    deinit { work.add(nil) }

    /// Makes a call on the thread some time, even when nobody holds it any more.
    func begin(_ call: @escaping @Sendable () -> Void) { work.add(call) }

    /// Makes a call on the thread.
    func run<Result: Sendable>(_ call: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            work.add { continuation.resume(returning: call()) }
        }
    }
}
