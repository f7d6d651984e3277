import SystemPackage
import TestSupport
import Testing

@testable import Archiving

struct RepeatedContentTests {
    /// Contents that repeat: whole ones of every kind, and blocks of long files, under other names and modes.
    static let tree = """
        mkdir -p a b/c; seq 1 3000 > a/text; head -c 30000 /dev/urandom > a/noise; head -c 700 /dev/zero > a/short; : > a/empty
        (seq 1 60000; head -c 300000 /dev/urandom; seq 1 40000) > a/mixed; head -c 200000 /dev/urandom > a/long-noise
        cp -r a b/; cp -r a b/c/; cp a/mixed b/z; head -c 150000 a/mixed > b/y; chmod 755 b/a/text; chmod 600 b/c/a/mixed
        for i in $(seq 1 300); do seq 1 $((i % 7 + 400)) > b/c/f$i; done
        """

    @Test(arguments: [4 << 20, 100_000, 70_000])
    func `contents that come again make the same bytes as if each were alone`(blockSize: Int) throws {
        let tree = try BuildTree(Self.tree)
        let selection = try tree.select(.init(patterns: ["**/*"]))
        // What cannot be read back has nothing to copy.
        try tree.zip(selection, to: "alone.zip", blockSize: blockSize, access: .writeOnly)
        for threads in 1...3 {
            try tree.zip(selection, to: "\(threads).zip", blockSize: blockSize, threads: threads)
            try tree.scratch.sh("cmp alone.zip \(threads).zip")
        }
        try tree.scratch.sh(
            """
            unzip -qq 1.zip -d u; diff -r u root/codebuild/output/src123/src; test -x u/b/a/text
            test $(stat -c %a u/b/c/a/mixed) = 600; bsdtar -tf 1.zip > /dev/null; python3 -m zipfile -t 1.zip
            """)
    }

    @Test func `an equal length and CRC-32 is not taken for an equal content`() throws {
        // What lies between them takes the first one to the disk.
        let tree = try BuildTree("head -c 900000 /dev/urandom > ab")
        let content = DeflatePieceTests.content(seed: 3, count: 50_000)
        try write(content, to: tree.place(of: "a"))
        try write(Self.sameCRC(as: content), to: tree.place(of: "b"))
        for blockSize in [4 << 20, 50_000, 20_000] {
            try tree.zip(
                tree.select(.init(patterns: ["*"])), to: "\(blockSize).zip", blockSize: blockSize, threads: 1)
            try tree.scratch.sh(
                """
                unzip -qq -o \(blockSize).zip -d u; diff -r u root/codebuild/output/src123/src; ! cmp -s u/a u/b
                test "$(unzip -lv \(blockSize).zip | awk '/ [ab]$/ { print $7 }' | uniq | wc -l)" = 1
                """)
        }
    }

    /// Other bytes with the same length and CRC-32: its generator added anywhere leaves it as it is.
    static func sameCRC(as content: [UInt8]) -> [UInt8] {
        var other = content
        for (index, byte) in ([0x41, 0x06, 0x71, 0xDB, 0x01] as [UInt8]).enumerated() {
            other[777 + index] ^= byte
        }
        return other
    }

    @Test func `a file that changes after it was read leaves what repeats it alone`() throws {
        let tree = try BuildTree("seq 1 20000 > a; cp a b; head -c 900000 /dev/urandom > c; cp a d")
        try tree.scratch.sh("cp -r root/codebuild/output/src123/src before")
        let selection = try tree.select(.init(patterns: ["*"]))
        let file = try FileDescriptor.open(
            tree.scratch.path.appending("out.zip"), .readWrite, options: [.create],
            permissions: .ownerReadWrite)
        defer { try? file.close() }
        let changed = tree.place(of: "a")
        var observer = ZipObserver()
        observer.content = { index, content, _ in
            if index == 1 { try? write([UInt8](repeating: 7, count: content.count), to: changed) }
            return nil
        }
        _ = try ZipWriter(threads: 1).write(selection, to: file, observer: observer)
        try tree.scratch.sh(
            "unzip -qq out.zip -d u; diff -r u before; ! cmp -s u/a root/codebuild/output/src123/src/a")
    }

    // MARK: - Copying

    /// An archive that consists of one stream, made with another level, so that a copy can be told from one's own.
    struct Archive {
        let content: [UInt8]
        let crc: UInt32
        let stream: [UInt8]
        let file: FileDescriptor
        let written: WrittenContents

        init(_ scratch: Scratch, form: WrittenContent.Form = .file, level: Int = 1) throws {
            content = (0..<9_000).flatMap { Array("\($0 &* $0)\n".utf8) }
            crc = content.withUnsafeBytes { DeflateCompressor.crc32($0) }
            let compressor = try #require(DeflateCompressor(level: level))
            let piece = DeflatePiece(compressor: compressor)
            stream = content.withUnsafeBytes { piece.encode($0, isLast: form != .block) }
            file = try FileDescriptor.open(
                scratch.path.appending("archive"), .readWrite, options: [.create, .truncate],
                permissions: .ownerReadWrite)
            try file.writeAll("before".utf8)
            written = try #require(WrittenContents(file, count: 10))
            try file.writeAll("header".utf8)
            try file.writeAll(stream)
        }

        func note(_ form: WrittenContent.Form, at offset: Int, packedSize: Int? = nil) throws {
            written.note(
                try #require(
                    WrittenContent(
                        form, size: content.count, crc: crc, offset: offset,
                        packedSize: packedSize ?? stream.count)))
        }

        func pack(_ form: WrittenContent.Form, level: Int = 9) throws -> [UInt8]? {
            let packer = try #require(ContentPacker(level: level, blockSize: 1 << 20, written: written))
            return content.withUnsafeBytes { content in
                form == .file
                    ? packer.pack(file: content, crc: crc).map(Array.init)
                    : packer.pack(block: content, crc: crc, isLast: form == .lastBlock)
            }
        }
    }

    @Test(arguments: [WrittenContent.Form.file, .block, .lastBlock])
    func `what is in the archive is copied from there`(form: WrittenContent.Form) throws {
        let archive = try Archive(Scratch(), form: form)
        defer { try? archive.file.close() }
        #expect(try archive.pack(form) != archive.stream)
        try archive.note(form, at: 6)
        #expect(try archive.pack(form) == archive.stream)
    }

    @Test func `what is not exactly the content is not copied`() throws {
        let archive = try Archive(Scratch())
        defer { try? archive.file.close() }
        let own = try archive.pack(.file)
        // Another place, a part, more than the stream, what is not there yet, and what is there in another form.
        let wrong = [
            (5, archive.stream.count), (6, archive.stream.count - 1), (6, archive.stream.count + 1),
            (1 << 30, 100),
            (6, archive.content.count),
        ]
        for (offset, packedSize) in wrong {
            let fresh = try Archive(Scratch())
            defer { try? fresh.file.close() }
            try fresh.file.writeAll([0])
            try fresh.note(.file, at: offset, packedSize: packedSize)
            #expect(try fresh.pack(.file) == own)
        }
        try archive.note(.block, at: 6)
        try archive.note(.lastBlock, at: 6)
        #expect(try archive.pack(.file) == own)
        // Other bytes with the length and CRC-32 of what is there.
        try archive.note(.file, at: 6)
        let packer = try #require(ContentPacker(level: 9, blockSize: 1 << 20, written: archive.written))
        let other = RepeatedContentTests.sameCRC(as: archive.content)
        other.withUnsafeBytes { other in
            #expect(DeflateCompressor.crc32(other) == archive.crc)
            #expect(packer.pack(file: other, crc: archive.crc).map(Array.init) != archive.stream)
        }
    }

    @Test func `only what can be read back, and has nothing older behind it, is looked at`() throws {
        let scratch = try Scratch()
        let path = scratch.path.appending("f")
        try write([1, 2, 3], to: path)
        func canCopy(_ mode: FileDescriptor.AccessMode, from position: Int64) throws -> Bool {
            let file = try FileDescriptor.open(path, mode)
            defer { try? file.close() }
            try file.seek(offset: position, from: .start)
            return WrittenContents(file, count: 1) != nil
        }
        #expect(try !canCopy(.readWrite, from: 0))
        #expect(try canCopy(.readWrite, from: 3))
        #expect(try !canCopy(.writeOnly, from: 3))
        #expect(try !canCopy(.readOnly, from: 3))
        let pipe = try FileDescriptor.pipe()
        defer { for end in [pipe.readEnd, pipe.writeEnd] { try? end.close() } }
        #expect(WrittenContents(pipe.writeEnd, count: 1) == nil)
    }

    @Test func `places do not grow with the number of files`() throws {
        #expect(MemoryLayout<WrittenContents.Place?>.stride * WrittenContents.mostPlaces <= 8 << 20)
        let scratch = try Scratch()
        let file = try FileDescriptor.open(
            scratch.path.appending("f"), .readWrite, options: [.create], permissions: .ownerReadWrite)
        defer { try? file.close() }
        let written = try #require(WrittenContents(file, count: 1))
        func content(_ number: UInt32, offset: Int) throws -> WrittenContent {
            try #require(
                WrittenContent(.file, size: 2_000, crc: number &* 0x85EB_CA6B, offset: offset, packedSize: 9))
        }
        for number in 0..<UInt32(10_000) { written.note(try content(number, offset: Int(number))) }
        let found = try (0..<UInt32(10_000)).filter { number in
            let known = written.find(.file, size: 2_000, crc: try content(number, offset: 0).crc)
            #expect(known == nil || known?.offset == UInt64(number))
            return known != nil
        }
        #expect(found.count == 64 && found.min() ?? 0 > 9_000)
        // The first of equal ones stays.
        written.note(try content(9_999, offset: 77_777))
        #expect(written.find(.file, size: 2_000, crc: try content(9_999, offset: 0).crc)?.offset == 9_999)
    }
}

extension BuildTree {
    /// The host's path of a file of the source directory.
    fileprivate func place(of name: String) -> FilePath {
        root.appending("codebuild/output/src123/src").appending(name)
    }
}
