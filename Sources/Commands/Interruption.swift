import Dispatch
import Glibc
import Sandbox
import Synchronization

/// SIGINT, SIGTERM and SIGHUP stop what is running in good order; the second signal ends the process at once.
final class Interruption: Sendable {
    /// Runs `body` in a task that is cancelled by the first signal.
    /// - Returns: What `body` returned, and the signal that came, if one did.
    static func watch<Result: Sendable>(
        _ body: @escaping @Sendable () async -> Result
    ) async -> (result: Result, signal: Int32?) {
        let caught = Mutex<Int32?>(nil)
        let task = Task { await body() }
        let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                let isSecond = caught.withLock { caught in
                    defer { caught = caught ?? number }
                    return caught != nil
                }
                if isSecond {
                    TerminalMode.restore()
                    _exit(128 + number)
                }
                task.cancel()
            }
            source.resume()
            return source
        }
        let result = await task.value
        for source in sources { source.cancel() }
        return (result, caught.withLock { $0 })
    }
}
