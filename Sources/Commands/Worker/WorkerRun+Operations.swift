import Operations
import PipelineWorker

extension WorkerRun {
    /// Runs `body` while operators are answered, and while the end of the machine is looked out for.
    /// - Returns: What `body` returns.
    /// - Throws: ``CommandFailure`` when `--listen` is not possible, `AWSError` when the address of the instance's
    ///   metadata is none; and whatever `body` throws.
    func attended<R: Sendable>(
        _ metrics: WorkerMetrics, _ log: WorkerLog, _ control: WorkerControl, _ body: () async throws -> R
    ) async throws -> R {
        let watch = try SpotWatch(session)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            if let watch {
                group.addTask {
                    guard let notice = await watch.notice() else { return }
                    log.write("\(notice)")
                    control.drain()
                }
            }
            defer { group.cancelAll() }
            guard let listen = request.listen else { return try await body() }
            do {
                return try await withOperationsServer(at: listen, OperationsPages(metrics)) { address in
                    log.write("health and metrics are at http://\(address)/metrics")
                    if !address.isLoopback { log.write("warning: whoever reaches \(address) can read them") }
                    return try await body()
                }
            } catch let failure as ListenFailure {
                throw CommandFailure(listen: failure)
            }
        }
    }
}

extension CommandFailure {
    /// Why `--listen` is not possible.
    init(listen failure: ListenFailure) {
        self.init(
            failure.kind == .invalid ? .usage : .runner, "--listen: \(failure.reason)", hint: failure.hint)
    }
}
