import Dispatch
import Glibc
import PipelineWorker
import Synchronization

/// SIGTERM, SIGINT and SIGHUP drain a worker; a second signal ends its builds at once.
enum WorkerSignals {
    /// Runs `body` while signals are turned into an operator's wishes.
    /// - Returns: What `body` returned, and the signal that ended builds, if one did.
    static func during<Result: Sendable>(
        _ control: WorkerControl, _ body: () async throws -> Result
    ) async rethrows -> (result: Result, stopped: Int32?) {
        let state = Mutex<(count: Int, last: Int32)>((0, 0))
        let sources = [SIGTERM, SIGINT, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                let count = state.withLock { state in
                    state = (state.count + 1, number)
                    return state.count
                }
                count == 1 ? control.drain() : control.stop()
            }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        let result = try await body()
        let (count, last) = state.withLock { $0 }
        return (result, count > 1 ? last : nil)
    }
}
