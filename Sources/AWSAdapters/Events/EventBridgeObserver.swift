package import AWSClient
package import BuildEngine
import Synchronization

/// A build's changes as events on an EventBridge bus (behaviour reference, section 3.7).
///
/// The detail is that of CodeBuild's own events. Their source cannot be, because `aws.` belongs to AWS: it is
/// ``source``.
package final class EventBridgeObserver: BuildObserver {
    /// The `source` of the events.
    package static let source = "buildspec"

    private let bus: String
    private let limits: DeliveryLimits
    private let mailbox: AsyncStream<BusEvent>.Continuation
    private let failures = Failures()
    private let pump: Task<Void, Never>

    /// Puts events on a bus, a name or an ARN.
    package init(client: EventBridgeClient, bus: String, limits: DeliveryLimits = DeliveryLimits()) {
        self.bus = bus
        self.limits = limits
        let (events, mailbox) = AsyncStream<BusEvent>.makeStream()
        self.mailbox = mailbox
        let failures = failures
        pump = Task.detached {
            for await event in events {
                if let error = await Self.send(event, client, bus) { failures.note(error) }
            }
            failures.end()
        }
    }

    /// What could not be told.
    private final class Failures: Sendable {
        private let state = Mutex<(first: AWSError?, count: Int, hasEnded: Bool)>((nil, 0, false))

        func note(_ error: AWSError) {
            state.withLock { ($0.first, $0.count) = ($0.first ?? error, $0.count + 1) }
        }

        func end() { state.withLock { $0.hasEnded = true } }

        var all: (first: AWSError?, count: Int, hasEnded: Bool) { state.withLock { $0 } }
    }

    package func buildChanged(_ record: BuildRecord) {
        let detail = BuildEventDetail(stateOf: record)
        tell("CodeBuild Build State Change", detail, record, at: record.endTime ?? record.startTime)
    }

    package func phaseEnded(_ phase: BuildRecord.Phase, of record: BuildRecord) {
        let detail = BuildEventDetail(phase, of: record)
        tell("CodeBuild Build Phase Change", detail, record, at: phase.endTime ?? phase.startTime)
    }

    package func finish() async -> [String] {
        let limit = Task.isCancelled ? limits.whenStopped : limits.patience
        mailbox.finish()
        let end = ContinuousClock.now + limit
        while !failures.all.hasEnded, .now < end {
            await Task.detached { _ = try? await Task.sleep(for: .milliseconds(20)) }.value
        }
        let failures = failures.all
        if !failures.hasEnded { pump.cancel() }
        if let error = failures.first {
            return ["\(failures.count) event(s) did not reach the bus \(bus): \(error)"]
        }
        return failures.hasEnded ? [] : ["events did not reach the bus \(bus): it took too long"]
    }

    private func tell(_ type: String, _ detail: BuildEventDetail, _ record: BuildRecord, at time: Double) {
        // A detail that does not fit is told without what makes it large.
        let text = [detail, detail.withoutVariables, detail.brief].lazy.map(\.json)
            .first { $0.utf8.count < EventBridgeClient.largestEvent - 4096 }
        guard let text else { return }
        mailbox.yield(
            BusEvent(
                source: Self.source, detailType: type, detail: text, resources: [record.arn], time: time))
    }

    /// An entry that was refused for a while is sent again, as is a request.
    private static func send(_ event: BusEvent, _ client: EventBridgeClient, _ bus: String) async -> AWSError?
    {
        for attempt in 1... {
            do throws(AWSError) {
                try await client.putEvent(event, bus: bus)
                return nil
            } catch {
                guard attempt < 3, error.serviceFailure?.status == 200, error.mayPass else { return error }
            }
            try? await Task.sleep(for: .seconds(attempt))
        }
        return nil
    }
}
