import AWSClient

/// Cuts a log into events: one a line, with its line end (behaviour reference, section 4.1).
///
/// Lines that are longer than an event may be become several. Memory is bounded by that length.
struct LogEventLines: Sendable {
    /// The longest text of an event.
    static let longestText = LogEventBatch.largestEvent - LogEvent.overhead

    private var line: [UInt8] = []
    private var lineStart: Int64 = 0

    /// Takes a piece of the log that was written at a moment, in milliseconds; a line has the time of its first byte.
    /// - Returns: The events that are complete.
    mutating func feed(_ bytes: [UInt8], at time: Int64) -> [LogEvent] {
        var events: [LogEvent] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            if line.isEmpty { lineStart = time }
            let room = Self.longestText - line.count
            let window = rest.prefix(room)
            if let end = window.firstIndex(of: UInt8(ascii: "\n")) {
                line += rest[...end]
                rest = rest[(end + 1)...]
                events += take(line.count)
            } else {
                line += window
                rest = rest[window.endIndex...]
                if line.count == Self.longestText { events += take(Self.wholeScalars(line)) }
            }
        }
        return events
    }

    /// The last line, if it has no end.
    mutating func finish() -> [LogEvent] {
        line.isEmpty ? [] : take(line.count)
    }

    private mutating func take(_ count: Int) -> [LogEvent] {
        let text = String(decoding: line.prefix(count), as: UTF8.self)
        line.removeFirst(count)
        // What is no UTF-8 becomes U+FFFD, which is three bytes where there was one.
        guard text.utf8.count > Self.longestText else {
            return [LogEvent(timestamp: lineStart, message: text)]
        }
        var events: [LogEvent] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let window = Array(rest.prefix(Self.longestText))
            let count = window.count == rest.count ? rest.count : Self.wholeScalars(window)
            events.append(
                LogEvent(timestamp: lineStart, message: String(decoding: rest.prefix(count), as: UTF8.self)))
            rest = rest.dropFirst(count)
        }
        return events
    }

    /// How many of the bytes do not belong to a scalar that is cut off.
    private static func wholeScalars(_ bytes: [UInt8]) -> Int {
        for back in 1...3 where back < bytes.count {
            let byte = bytes[bytes.count - back]
            if byte & 0xC0 == 0x80 { continue }
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            return length > back ? bytes.count - back : bytes.count
        }
        return bytes.count
    }
}
