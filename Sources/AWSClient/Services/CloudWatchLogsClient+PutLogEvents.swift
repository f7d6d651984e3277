/// One event of a log stream.
package struct LogEvent: Sendable, Hashable, Encodable {
    /// Milliseconds since 1970.
    package var timestamp: Int64
    /// At least one byte of UTF-8.
    package var message: String

    /// Says a text at a moment.
    package init(timestamp: Int64, message: String) {
        self.timestamp = timestamp
        self.message = message
    }

    /// What the event counts towards the limits: its bytes and 26 (API reference of PutLogEvents).
    package var size: Int { message.utf8.count + Self.overhead }

    /// What each event counts besides its bytes.
    package static let overhead = 26
}

/// Events that one PutLogEvents takes: at most 1 MiB and 10,000, in order, within 24 hours.
package struct LogEventBatch: Sendable, Hashable {
    /// The largest event, its overhead included; the service has raised its limit since, but not everywhere.
    package static let largestEvent = 256 << 10
    private static let largestBatch = 1 << 20
    private static let mostEvents = 10_000
    private static let longestSpan: Int64 = 24 * 3600 * 1000

    /// The events.
    package private(set) var events: [LogEvent] = []
    private var size = 0

    /// A batch without events.
    package init() {}

    /// Adds an event, unless it has to begin another batch.
    ///
    /// An event that is said to be older than the one before it gets that one's time: clocks are set back.
    ///
    /// - Returns: whether it was added.
    package mutating func add(_ event: LogEvent) -> Bool {
        var event = event
        if let last = events.last { event.timestamp = max(event.timestamp, last.timestamp) }
        let isWithin = event.timestamp - (events.first?.timestamp ?? event.timestamp) < Self.longestSpan
        guard
            events.isEmpty
                || (isWithin && events.count < Self.mostEvents && size + event.size <= Self.largestBatch)
        else { return false }
        events.append(event)
        size += event.size
        return true
    }
}

/// What the service did not take of a batch.
package struct RejectedLogEvents: Sendable, Hashable {
    /// How many were older than 14 days, or than the group keeps events.
    package var tooOld = 0
    /// How many were more than two hours in the future.
    package var tooNew = 0

    /// Nothing was rejected.
    package init() {}
}

extension CloudWatchLogsClient {
    /// Puts a batch of events into a stream.
    ///
    /// - Returns: what of it was rejected.
    /// - Throws: `AWSError`; that the service has the batch already is a success.
    package func putLogEvents(
        _ batch: LogEventBatch, to stream: String, in group: String
    ) async throws(AWSError) -> RejectedLogEvents {
        let input = Input(logGroupName: group, logStreamName: stream, logEvents: batch.events)
        let output: Output
        do throws(AWSError) {
            output = try await call(
                "PutLogEvents", input, resource: "\(group):\(stream)", returning: Output.self)
        } catch {
            guard error.isService("DataAlreadyAcceptedException") else { throw error }
            return RejectedLogEvents()
        }
        var rejected = RejectedLogEvents()
        if let info = output.rejectedLogEventsInfo {
            rejected.tooOld = max(info.tooOldLogEventEndIndex ?? 0, info.expiredLogEventEndIndex ?? 0)
            rejected.tooNew = info.tooNewLogEventStartIndex.map { max(0, batch.events.count - $0) } ?? 0
        }
        return rejected
    }

    private struct Input: Encodable {
        var logGroupName: String
        var logStreamName: String
        var logEvents: [LogEvent]
    }

    private struct Output: Decodable {
        var rejectedLogEventsInfo: Rejected?
    }

    private struct Rejected: Decodable {
        var tooNewLogEventStartIndex: Int?
        var tooOldLogEventEndIndex: Int?
        var expiredLogEventEndIndex: Int?
    }
}
