import AWSClient
import Testing

/// What one PutLogEvents may hold.
struct LogEventBatchTests {
    @Test func `a batch holds at most ten thousand events`() {
        var batch = LogEventBatch()
        var hasRoom = true
        for number in 0..<10_000 {
            hasRoom = batch.add(LogEvent(timestamp: Int64(number), message: "x\n"))
            #expect(hasRoom)
        }
        hasRoom = batch.add(LogEvent(timestamp: 10_000, message: "x\n"))
        #expect(!hasRoom)
        #expect(batch.events.count == 10_000)
    }

    @Test func `a batch holds at most one mebibyte, and each event counts 26 bytes more than it has`() {
        var batch = LogEventBatch()
        var hasRoom = true
        let text = String(repeating: "é", count: (65_536 - 26) / 2)
        for _ in 0..<16 {
            let wasAdded = batch.add(LogEvent(timestamp: 0, message: text))
            #expect(wasAdded)
        }
        #expect(batch.events.reduce(0) { $0 + $1.size } == 1 << 20)
        hasRoom = batch.add(LogEvent(timestamp: 0, message: ""))
        #expect(!hasRoom)
    }

    @Test func `a batch spans less than a day`() {
        var batch = LogEventBatch()
        var hasRoom = true
        let day: Int64 = 24 * 3600 * 1000
        hasRoom = batch.add(LogEvent(timestamp: 1000, message: "first"))
        #expect(hasRoom)
        hasRoom = batch.add(LogEvent(timestamp: 1000 + day, message: "a day later"))
        #expect(!hasRoom)
        hasRoom = batch.add(LogEvent(timestamp: 999 + day, message: "just within"))
        #expect(hasRoom)
    }

    @Test func `a clock that is set back does not break the order`() {
        var batch = LogEventBatch()
        for time: Int64 in [100, 90, 110] {
            let wasAdded = batch.add(LogEvent(timestamp: time, message: "x"))
            #expect(wasAdded)
        }
        #expect(batch.events.map(\.timestamp) == [100, 100, 110])
    }
}
