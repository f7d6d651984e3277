import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Archiving

struct KeptContentsTests {
    private let content = (0..<2_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
    private let packed: [UInt8] = [1, 2, 3]

    private func crc(_ content: [UInt8]) -> UInt32 { content.withUnsafeBytes { DeflateCompressor.crc32($0) } }

    private func keep(
        _ content: [UInt8], as packed: [UInt8]?, in kept: KeptContents, _ digest: ContentHash? = nil
    ) {
        content.withUnsafeBytes { content in
            let crc = DeflateCompressor.crc32(content)
            if let packed {
                packed.withUnsafeBytes { kept.keep(content, packed: $0, crc: crc, digest: digest) }
            } else {
                kept.keep(content, packed: nil, crc: crc, digest: digest)
            }
        }
    }

    private func find(_ content: [UInt8], in kept: KeptContents) -> KeptContents.Content? {
        content.withUnsafeBytes { kept.find($0, crc: DeflateCompressor.crc32($0)) }
    }

    @Test func `a content is found with all that is known of it`() throws {
        let kept = KeptContents()
        #expect(find(content, in: kept) == nil)
        let digest = try ContentHash.made(of: 1...32)
        keep(content, as: packed, in: kept, digest)
        let found = try #require(find(content, in: kept))
        #expect(found.packed == packed)
        #expect(found.digest == digest)
        let stored = Array(content.reversed())
        keep(stored, as: nil, in: kept)
        #expect(try #require(find(stored, in: kept)).packed == nil)
    }

    @Test func `other contents with the same length and CRC-32 are not taken for it`() throws {
        let other = RepeatedContentTests.sameCRC(as: content)
        #expect(crc(other) == crc(content) && other != content)
        let kept = KeptContents()
        keep(content, as: packed, in: kept)
        #expect(find(other, in: kept) == nil)
        keep(other, as: [4], in: kept)
        #expect(find(other, in: kept) == nil)
        #expect(try #require(find(content, in: kept)).packed == packed)
    }

    @Test func `more is kept only as far as it is of use, and never more than the limit`() {
        let kept = KeptContents()
        func content(_ number: Int) -> [UInt8] {
            var content = [UInt8](repeating: 7, count: 1 << 20)
            content[0] = UInt8(truncatingIfNeeded: number)
            return content
        }
        for number in 0..<6 { keep(content(number), as: nil, in: kept) }
        func count() -> Int { (0..<80).filter { find(content($0), in: kept) != nil }.count }
        #expect(KeptContents.firstBytes == 4 << 20)
        #expect(count() == 4)
        // Four have been of use by now.
        for number in 0..<80 { keep(content(number), as: nil, in: kept) }
        #expect(count() == 8)
        for _ in 0..<5 {
            for number in 0..<80 { keep(content(number), as: nil, in: kept) }
            _ = count()
        }
        #expect(count() == KeptContents.mostBytes >> 20)
    }

    @Test(arguments: [1, 3])
    func `archives that follow are told hashes instead of being asked for them`(threads: Int) throws {
        let tree = try BuildTree(
            """
            mkdir a b; for i in $(seq 30); do seq "$i" $((i * 90 + 9)) > "a/m$i"; done; : > a/empty; echo 1 > a/short
            head -c 9000 /dev/urandom > a/noise; cp a/* b; echo other > b/other
            """)
        let related = RelatedArchives(level: ZipOptions.defaultLevel)
        let hash = try ContentHash.made(of: 1...32)
        var seen: [String: (asked: Int, told: Int)] = [:]
        for name in ["a", "b"] {
            let counts = Mutex((asked: 0, told: 0))
            var observer = ZipObserver()
            observer.content = { _, _, known in
                counts.withLock { if known == nil { $0.asked += 1 } else { $0.told += 1 } }
                return known ?? hash
            }
            let file = try FileDescriptor.open(
                tree.scratch.path.appending("\(name).zip"), .readWrite, options: [.create],
                permissions: .ownerReadWrite)
            defer { try? file.close() }
            let selection = try tree.select(.init(patterns: ["\(name)/*"]))
            _ = try ZipWriter(threads: threads, related: related).write(
                selection, to: file, observer: observer)
            seen[name] = counts.withLock { $0 }
            try tree.zip(selection, to: "\(name)-alone.zip")
            try tree.scratch.sh("cmp \(name).zip \(name)-alone.zip")
        }
        #expect(try #require(seen["a"]) == (33, 0))
        // Not what is too short to be kept: an empty file, and two short ones.
        #expect(try #require(seen["b"]) == (3, 31))
    }
}
