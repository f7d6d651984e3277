import AWSClient
import SystemPackage
import TestSupport
import Testing

@testable import AWSAdapters

/// What waits for a log service, and how a log becomes events.
struct LogSpoolTests {
    @Test(arguments: [1, 100, 1 << 20])
    func `pieces come out as they went in, whether memory holds them or a file`(memory: Int) async throws {
        try await withScratchDirectory { scratch in
            let spool = LogSpool(directory: scratch.path, memoryLimit: memory)
            var written: [UInt8] = []
            var read: [UInt8] = []
            var times: [Int64] = []
            for round in 0..<50 {
                for number in 0..<7 {
                    let bytes = Array("round \(round) piece \(number)\n".utf8)
                    written += bytes
                    spool.append(bytes, at: Int64(round))
                }
                for _ in 0..<(round % 9) {
                    guard let piece = spool.take() else { break }
                    read += piece.bytes
                    times.append(piece.time)
                }
            }
            spool.close()
            #expect(await spool.wait())
            while let piece = spool.take() {
                read += piece.bytes
                times.append(piece.time)
            }
            #expect(read == written)
            #expect(times == times.sorted())
            #expect(spool.isEmpty)
            #expect(spool.losses.bytes == 0)
            // The file has no name that anybody could open.
            let names = try scratch.names()
            #expect(names.isEmpty)
        }
    }

    @Test func `what does not fit on the disk is counted`() async throws {
        let spool = LogSpool(directory: "/nonexistent", memoryLimit: 4)
        spool.append([1, 2, 3], at: 0)
        spool.append([4, 5, 6], at: 0)
        #expect(spool.losses.bytes == 3)
        #expect(spool.losses.reason == .noSuchFileOrDirectory)
        #expect(spool.take()?.bytes == [1, 2, 3])
    }

    @Test func `each line is an event with its line end, and the time of its first byte`() {
        var lines = LogEventLines()
        var events = lines.feed(Array("one\n\ntw".utf8), at: 1)
        events += lines.feed(Array("o\nthr".utf8), at: 2)
        events += lines.feed(Array("ee".utf8), at: 3)
        events += lines.finish()
        #expect(events.map(\.message) == ["one\n", "\n", "two\n", "three"])
        #expect(events.map(\.timestamp) == [1, 1, 1, 2])
    }

    @Test(arguments: ["a", "é", "€", "😀"])
    func `a long line becomes events within the limit, cut between scalars`(text: String) {
        var lines = LogEventLines()
        let line = String(repeating: text, count: 700_000 / text.utf8.count) + "\n"
        var events: [LogEvent] = []
        for piece in Array(line.utf8).chunks(of: 65_537) { events += lines.feed(piece, at: 0) }
        events += lines.finish()
        #expect(events.map(\.message).joined() == line)
        #expect(events.allSatisfy { $0.size <= LogEventBatch.largestEvent })
        #expect(events.count == 3)
    }

    @Test func `bytes that are no text stay within the limit`() {
        var lines = LogEventLines()
        let events = lines.feed([UInt8](repeating: 0xFF, count: 600_000), at: 0) + lines.finish()
        #expect(events.allSatisfy { $0.size <= LogEventBatch.largestEvent })
        #expect(events.reduce(0) { $0 + $1.message.unicodeScalars.count } == 600_000)
    }

    @Test func `times are told as CodeBuild's events tell them`() {
        #expect(EventTime.text(1_504_282_349) == "Sep 1, 2017 4:12:29 PM")
        #expect(EventTime.text(0) == "Jan 1, 1970 12:00:00 AM")
        #expect(EventTime.text(43_200.9) == "Jan 1, 1970 12:00:00 PM")
    }
}

extension [UInt8] {
    fileprivate func chunks(of size: Int) -> [[UInt8]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
