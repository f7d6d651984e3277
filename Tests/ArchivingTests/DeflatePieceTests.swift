import SystemPackage
import TestSupport
import Testing

@testable import Archiving

struct DeflatePieceTests {
    /// Random bytes of changing character, so that all kinds of blocks occur.
    static func content(seed: UInt64, count: Int) -> [UInt8] {
        var generator = SeededGenerator(state: seed)
        var bytes: [UInt8] = []
        while bytes.count < count {
            let length = Int.random(in: 1...20_000, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: bytes += repeatElement(UInt8.random(in: 0...255, using: &generator), count: length)
            case 1: bytes += (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            case 2: bytes += (0..<length).map { _ in UInt8.random(in: 97...104, using: &generator) }
            default: bytes += bytes.suffix(length)
            }
        }
        return Array(bytes.prefix(count))
    }

    @Test(arguments: 0..<12)
    func `pieces join to one stream that inflates to the whole`(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed &+ 77)
        let level = Int(seed) % 12 + 1
        let compressor = try #require(DeflateCompressor(level: level))
        let piece = DeflatePiece(compressor: compressor)
        let whole = Self.content(seed: seed, count: 200_000)
        var stream: [UInt8] = []
        var rest = whole[...]
        while !rest.isEmpty {
            let next = Array(rest.prefix(Int.random(in: 1...70_000, using: &generator)))
            rest = rest.dropFirst(next.count)
            stream += next.withUnsafeBytes { piece.encode($0, isLast: rest.isEmpty) }
        }
        let scratch = try Scratch()
        try write(stream, to: scratch.path.appending("stream"))
        try write(whole, to: scratch.path.appending("whole"))
        try scratch.python(
            """
            import zlib; d = zlib.decompressobj(-15); raw = d.decompress(open("stream", "rb").read())
            assert d.eof and not d.unused_data and raw == open("whole", "rb").read()
            """)
    }

    @Test func `reads through streams of every level exactly to their end`() throws {
        for level in 1...12 {
            let compressor = try #require(DeflateCompressor(level: level))
            for count in [0, 1, 2, 100, 5_000, 65_535, 65_536, 150_000] {
                let raw = Self.content(seed: UInt64(level), count: count)
                guard let stream = raw.withUnsafeBytes({ compressor.compress($0, limit: count + 100) }) else {
                    continue
                }
                let last = try #require(DeflateReader.lastBlock(of: stream))
                #expect(last.rawLength == count)
                #expect((last.endBit + 7) / 8 == stream.count)
                #expect(stream[last.headerBit / 8] >> UInt8(last.headerBit % 8) & 1 == 1)
                #expect(DeflateReader.lastBlock(of: stream.dropLast()) == nil || count == 0)
            }
        }
    }

    @Test func `damaged streams are not read and never trap`() throws {
        let compressor = try #require(DeflateCompressor(level: 6))
        let raw = Self.content(seed: 5, count: 30_000)
        let stream = try #require(raw.withUnsafeBytes { compressor.compress($0, limit: 40_000) })
        var generator = SeededGenerator(state: 9)
        for _ in 0..<300 {
            var damaged = stream
            let place = Int.random(in: 0..<min(damaged.count, 400), using: &generator)
            damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            _ = DeflateReader.lastBlock(of: damaged)
            _ = DeflateReader.lastBlock(
                of: (0..<200).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
        #expect(DeflateReader.lastBlock(of: []) == nil)
    }
}
