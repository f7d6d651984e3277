import SystemPackage
import TestSupport
import Testing

@testable import Archiving

struct RelatedArchivesTests {
    /// Two packages that share most of what is in them, also what is long, and one that shares nothing.
    static let tree = """
        mkdir -p a/lib b/lib c; seq 1 3000 > a/lib/text; head -c 30000 /dev/urandom > a/lib/noise; seq 1 90000 > a/lib/long
        : > a/lib/empty; cp -r a/lib b/; seq 5 4000 > a/app; seq 6 5000 > b/app; seq 7 6000 > c/app; chmod 755 b/lib/text
        """

    @Test(arguments: [4 << 20, 100_000])
    func `archives are the same bytes with others beside them`(blockSize: Int) throws {
        let tree = try BuildTree(Self.tree)
        let related = RelatedArchives(level: ZipOptions.defaultLevel)
        for name in ["a", "b", "c"] {
            let selection = try tree.select(.init(patterns: ["\(name)/**/*"]))
            try tree.zip(selection, to: "\(name)-alone.zip", blockSize: blockSize)
            try zip(selection, to: tree.scratch.path.appending("\(name).zip"), blockSize, related)
            try tree.scratch.sh("cmp \(name)-alone.zip \(name).zip && unzip -tqq \(name).zip")
        }
        #expect(related.written.count == 3)
    }

    @Test func `what another archive holds is copied from there, even when its file is gone`() throws {
        let scratch = try Scratch()
        let other = try RepeatedContentTests.Archive(scratch)
        try other.note(.file, at: 6)
        let related = RelatedArchives(level: 9)
        related.add(other.written)
        try other.file.close()
        try scratch.sh("rm archive")
        #expect(try pack(other, related) == other.stream)
        // What was compressed at another level would make other bytes.
        let quick = RelatedArchives(level: 1)
        quick.add(other.written)
        #expect(try pack(other, quick) != other.stream)
    }

    @Test func `a hash tells equal contents from others that have their length and CRC-32`() throws {
        let other = try RepeatedContentTests.Archive(Scratch())
        defer { try? other.file.close() }
        let hash = try ContentHash.made(of: 1...32)
        let another = try ContentHash.made(of: 2...33)
        // The stream of something else: that it is taken shows that nothing was compared.
        let junk = [UInt8](repeating: 0, count: other.stream.count)
        try other.file.writeAll(toAbsoluteOffset: 12, junk)
        let note = try #require(
            WrittenContent(
                .file, size: other.content.count, crc: other.crc, offset: 6, packedSize: junk.count,
                digest: hash))
        other.written.note(note)
        let related = RelatedArchives(level: 9)
        related.add(other.written)
        #expect(try pack(other, related, hash: hash) == junk)
        let own = try pack(other, RelatedArchives(level: 9))
        #expect(try pack(other, related, hash: another) == own)
        // Without a hash all bytes are compared.
        #expect(try pack(other, related) == own)
        for range in [1...31, 0...32] as [ClosedRange<UInt8>] {
            #expect(Array(range).withUnsafeBytes { ContentHash($0) } == nil)
        }
    }

    @Test func `only the newest archives are kept`() throws {
        let scratch = try Scratch()
        func archive(_ name: String, bytes: Int64) throws -> WrittenContents {
            let file = try FileDescriptor.open(
                scratch.path.appending(name), .readWrite, options: [.create], permissions: .ownerReadWrite)
            defer { try? file.close() }
            let written = try #require(WrittenContents(file, count: 10))
            try file.resize(to: bytes)
            return written
        }
        let related = RelatedArchives(level: 5)
        let many = try (0..<20).map { try archive("\($0)", bytes: 10) }
        for archive in many { related.add(archive) }
        #expect(related.written.count == RelatedArchives.mostArchives)
        #expect(related.written.last === many.last)
        // Sparse, so that it takes no room.
        let large = try archive("large", bytes: RelatedArchives.mostBytes + 1)
        related.add(large)
        let small = try archive("small", bytes: 1)
        related.add(small)
        #expect(related.written.count == 1 && related.written.first === small)
    }

    private func pack(
        _ archive: RepeatedContentTests.Archive, _ related: RelatedArchives, hash: ContentHash? = nil
    ) throws -> [UInt8]? {
        let packer = try #require(
            ContentPacker(level: 9, blockSize: 1 << 20, written: nil, related: related))
        return archive.content.withUnsafeBytes {
            packer.pack(file: $0, crc: archive.crc, digest: hash).map(Array.init)
        }
    }

    private func zip(
        _ selection: Selection, to path: FilePath, _ blockSize: Int, _ related: RelatedArchives
    ) throws {
        let file = try FileDescriptor.open(
            path, .readWrite, options: [.create], permissions: .ownerReadWrite)
        defer { try? file.close() }
        let writer = ZipWriter(
            options: ZipOptions(), blockSize: blockSize, threads: 2, related: related)
        _ = try writer.write(selection, to: file)
    }
}

extension ContentHash {
    /// One that consists of these bytes.
    static func made(of bytes: ClosedRange<UInt8>) throws -> ContentHash {
        try #require(Array(bytes).withUnsafeBytes { ContentHash($0) })
    }
}
