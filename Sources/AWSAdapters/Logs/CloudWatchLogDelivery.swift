package import AWSClient
package import BuildEngine
import Synchronization
package import SystemPackage

/// A build's log in a stream of CloudWatch Logs (behaviour reference, sections 4.8 and 10.5).
///
/// The build never waits for the service: what the service has not taken yet waits in a ``LogSpool``.
package final class CloudWatchLogDelivery: LogDelivery {
    private let client: CloudWatchLogsClient
    private let place: Place
    private let limits: DeliveryLimits
    private let clock: @Sendable () -> BuildEngine.Timestamp
    private let spool: LogSpool
    private let state = Mutex(State())

    /// The stream, and what CodeBuild's message says of who may not write it.
    package struct Place: Sendable, Hashable {
        /// The log group.
        package var group: String
        /// The log stream.
        package var stream: String
        /// The ARN of the role that delivers.
        package var role: String
        /// The build's ARN.
        package var build: String

        /// Names the place.
        package init(group: String, stream: String, role: String, build: String) {
            self.group = group
            self.stream = stream
            self.role = role
            self.build = build
        }
    }

    private struct State {
        var pump: Task<Void, Never>?
        var nap: Task<Void, Never>?
        var isEnding = false
        var hasEnded = false
        /// Counts what the service has taken, so that the end can tell progress.
        var accepted = 0
        var rejected = RejectedLogEvents()
        var failure: AWSError?
    }

    /// Delivers into a stream.
    /// - Parameters:
    ///   - client: The way to CloudWatch Logs.
    ///   - place: The stream.
    ///   - directory: A private directory for what does not fit into memory.
    ///   - limits: How long is waited.
    ///   - clock: The time of what is written.
    package init(
        client: CloudWatchLogsClient, place: Place, directory: FilePath,
        limits: DeliveryLimits = DeliveryLimits(), clock: @escaping @Sendable () -> BuildEngine.Timestamp
    ) {
        self.client = client
        self.place = place
        self.limits = limits
        self.clock = clock
        spool = LogSpool(directory: directory)
    }

    /// Creates group and stream where they are missing.
    /// - Throws: ``RunnerFailure`` with CodeBuild's code and words when the service refuses.
    package func open() async throws(RunnerFailure) {
        try await createStream()
        let pump = Task.detached {
            await self.deliver()
            self.state.withLock { $0.hasEnded = true }
        }
        state.withLock { $0.pump = pump }
    }

    package func write(_ bytes: [UInt8]) {
        spool.append(bytes, at: clock().epochMilliseconds)
    }

    /// Delivers the rest, as long as the service takes something now and then.
    package func finish() async -> [String] {
        let isStopped = Task.isCancelled
        guard let pump = state.withLock({ $0.pump }) else { return [] }
        spool.close()
        state.withLock {
            $0.isEnding = true
            return $0.nap
        }?.cancel()
        let (patience, total) =
            isStopped
            ? (limits.whenStopped, limits.whenStopped)
            : (limits.patience, limits.total)
        let hasEnded = await hasEnded(by: .now + total, patience)
        if !hasEnded {
            pump.cancel()
            spool.discard()
        }
        return warnings(hasEnded: hasEnded)
    }

    /// Waits until everything is delivered, while the service takes something within `patience`, and until `end` at most.
    private func hasEnded(by end: ContinuousClock.Instant, _ patience: Duration) async -> Bool {
        var accepted = -1
        var lastProgress = ContinuousClock.now
        while true {
            let (hasEnded, now) = state.withLock { ($0.hasEnded, $0.accepted) }
            if hasEnded { return true }
            if now != accepted { (accepted, lastProgress) = (now, .now) }
            if .now >= end || lastProgress.duration(to: .now) >= patience { return false }
            // Not this task's own sleep, which a build that was stopped has no more.
            await Task.detached { _ = try? await Task.sleep(for: .milliseconds(20)) }.value
        }
    }

    /// Sends batch after batch until the spool is closed and empty.
    private func deliver() async {
        var lines = LogEventLines()
        var waiting: ArraySlice<LogEvent> = []
        while true {
            let isLast = await spool.wait()
            if !isLast, !spool.hasMuch { await nap() }
            var batch = LogEventBatch()
            while true {
                while let event = waiting.first, batch.add(event) { _ = waiting.popFirst() }
                guard waiting.isEmpty else { break }
                guard let piece = spool.take() else { break }
                waiting = lines.feed(piece.bytes, at: piece.time)[...]
            }
            if waiting.isEmpty, isLast, spool.isEmpty {
                for event in lines.finish() where !batch.add(event) { waiting.append(event) }
            }
            if !batch.events.isEmpty, !(await send(batch)) { return spool.discard() }
            if isLast, waiting.isEmpty, spool.isEmpty { return }
        }
    }

    /// Gathers for a while; the end of the build ends it.
    private func nap() async {
        let interval = limits.interval
        let nap = Task { _ = try? await Task.sleep(for: interval) }
        let isEnding = state.withLock {
            $0.nap = nap
            return $0.isEnding
        }
        if isEnding { nap.cancel() }
        await nap.value
    }

    /// Sends a batch, again and again while that may help.
    /// - Returns: Whether the service has it.
    private func send(_ batch: LogEventBatch) async -> Bool {
        var pause = Duration.seconds(1)
        var mayCreate = true
        while !Task.isCancelled {
            do throws(AWSError) {
                let rejected = try await client.putLogEvents(batch, to: place.stream, in: place.group)
                state.withLock {
                    $0.accepted += batch.events.count
                    $0.rejected.tooOld += rejected.tooOld
                    $0.rejected.tooNew += rejected.tooNew
                    $0.failure = nil
                }
                return true
            } catch {
                state.withLock { $0.failure = error }
                if error.isService("ResourceNotFoundException"), mayCreate {
                    // Somebody has removed the stream meanwhile.
                    mayCreate = false
                    if (try? await createStream()) != nil { continue }
                    return false
                }
                guard error.mayPass else { return false }
                try? await Task.sleep(for: min(pause, limits.longestPause))
                pause *= 2
            }
        }
        return false
    }

    private func createStream() async throws(RunnerFailure) {
        var refusal: AWSError?
        do throws(AWSError) {
            try await client.createLogGroup(place.group)
        } catch {
            // Whoever may not create groups can still use one that is there.
            refusal = error
        }
        do throws(AWSError) {
            try await client.createLogStream(place.stream, in: place.group)
        } catch {
            throw failure(error.isService("ResourceNotFoundException") ? refusal ?? error : error)
        }
    }

    private func failure(_ error: AWSError) -> RunnerFailure {
        var failure = RunnerFailure(
            "create the log stream \(place.stream) in \(place.group)", error.description,
            hint: error.hint)
        if let refusal = error.serviceFailure, refusal.code.hasPrefix("AccessDenied") {
            failure.statusCode = "ACCESS_DENIED"
            failure.phaseMessage =
                "Service role \(place.role) does not allow AWS CodeBuild to create Amazon CloudWatch Logs log "
                + "streams for build \(place.build). Error message: \(refusal.message)"
        }
        return failure
    }

    private func warnings(hasEnded: Bool) -> [String] {
        let (rejected, failure) = state.withLock { ($0.rejected, $0.failure) }
        let losses = spool.losses
        var warnings: [String] = []
        if !hasEnded || failure != nil || losses.bytes > 0 {
            let reason =
                failure?.description ?? losses.reason.map { "what was waiting: \($0)" }
                ?? "the service was too slow"
            warnings.append(
                "the log in CloudWatch Logs (\(place.group), \(place.stream)) is not complete: \(reason); "
                    + "build.log is")
        }
        if rejected.tooOld > 0 {
            warnings.append(
                "CloudWatch Logs rejected \(rejected.tooOld) line(s) as too old: is this machine's clock right?"
            )
        }
        if rejected.tooNew > 0 {
            warnings.append(
                "CloudWatch Logs rejected \(rejected.tooNew) line(s) as of the future: is this machine's clock right?"
            )
        }
        return warnings
    }
}
