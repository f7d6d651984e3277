import SystemPackage
import TestSupport
import Testing

@testable import Archiving

struct DeflateNoiseTests {
    static func noise(_ count: Int) -> [UInt8] {
        var generator = SeededGenerator(state: 4)
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    static let text = (0..<40_000).flatMap { Array("\($0) lines\n".utf8) }

    @Test func `noise is recognised wherever compressible bytes are not`() throws {
        let noise = Self.noise(300_000)
        func looksLikeNoise(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { DeflateNoise.isLikely($0) } }
        for count in [DeflateNoise.leastSize, 10_000, 65_537, 300_000] {
            #expect(looksLikeNoise(Array(noise[..<count])))
            #expect(!looksLikeNoise(Array(Self.text[..<count])))
        }
        #expect(!looksLikeNoise(Array(noise[..<(DeflateNoise.leastSize - 1)])))
        #expect(!looksLikeNoise([]))
        // Half the values, and a text at either end.
        #expect(!looksLikeNoise(noise.map { $0 & 0x7F }))
        #expect(!looksLikeNoise(noise + Self.text[..<20_000]))
        #expect(!looksLikeNoise(Self.text[..<50_000] + noise))
        // Headers are not looked at.
        #expect(looksLikeNoise(Self.text[..<100] + noise))
    }

    @Test(
        arguments: [
            (4, false), (5, false), (6, true), (12, true),
        ] as [(Int, Bool)])
    func `only levels above the default try what looks like noise`(level: Int, isTried: Bool) throws {
        let noise = Self.noise(200_000)
        // Too little repeats to be looked for.
        let content = noise + noise.suffix(2_000)
        let packer = try #require(ContentPacker(level: level, blockSize: 1 << 20, written: nil))
        let packed = content.withUnsafeBytes { packer.pack(file: $0, crc: 0)?.count }
        #expect((packed != nil) == isTried)
    }

    @Test(arguments: [1, 5, 12])
    func `evenly frequent bytes that repeat are compressed`(level: Int) throws {
        let content = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
        let packer = try #require(ContentPacker(level: level, blockSize: 1 << 20, written: nil))
        content.withUnsafeBytes { raw in
            #expect(DeflateNoise.isLikely(raw))
            #expect(packer.pack(file: raw, crc: 0)?.count ?? .max < 2_000)
            #expect(packer.pack(block: raw, crc: 0, isLast: true).count < 2_000)
            #expect(packer.pack(block: raw, crc: 0, isLast: false).count < 2_000)
        }
    }

    @Test(arguments: [1, 5, 12], [20_000, 12_345, 31_000])
    func `noise that repeats within deflate's reach is compressed`(level: Int, period: Int) throws {
        let noise = Self.noise(period)
        let content = (0..<10).flatMap { _ in noise }
        let packer = try #require(ContentPacker(level: level, blockSize: 1 << 20, written: nil))
        content.withUnsafeBytes { raw in
            #expect(packer.pack(file: raw, crc: 0)?.count ?? .max < period * 12 / 10)
            #expect(packer.pack(block: raw, crc: 0, isLast: true).count < period * 12 / 10)
        }
        Array(noise + noise).withUnsafeBytes {
            #expect(packer.pack(file: $0, crc: 0)?.count ?? .max < period + 2_000)
        }
        noise.withUnsafeBytes { #expect(packer.pack(file: $0, crc: 0) == nil) }
    }

    @Test func `blocks of noise in a long file are left as they are`() throws {
        let tree = try BuildTree(
            "(seq 1 20000; head -c 400000 /dev/urandom; seq 1 20000) > mixed; head -c 60000 /dev/urandom > noise"
        )
        try tree.zip(tree.select(.init(patterns: ["*"])), blockSize: 100_000)
        try tree.scratch.sh(
            "unzip -qq out.zip -d u; diff -r u root/codebuild/output/src123/src; bsdtar -tf out.zip")
    }
}
