import Archiving
import SystemPackage
import TestSupport
import Testing

@testable import Packaging

struct CodeMemoryTests {
    @Test(arguments: [(count: 1_000, left: 1_000), (count: 1_001, left: 501)])
    func `of too many files the older half is forgotten, and nothing else`(count: Int, left: Int) throws {
        let scratch = try Scratch()
        try scratch.sh(
            """
            mkdir cache; cd cache; echo mine > other
            for i in $(seq 1 \(count)); do echo code-$i; done | xargs touch -d 2001-01-01
            for i in $(seq 1 3 \(count)); do echo code-$i; done | xargs touch -d 2002-01-01
            """)
        CodeMemory(scratch.path.appending("cache"), of: scratch.path).forgetIfMany()
        #expect(try scratch.sh("ls cache | grep -c code-") == "\(left)\n")
        let newer = try scratch.sh("find cache -name 'code-*' -newermt 2001-06-01 | wc -l")
        #expect(newer == "\((count + 2) / 3)\n")
        #expect(try scratch.sh("cat cache/other") == "mine\n")
    }

    @Test func `a new file makes room, one that is there already does not look around`() async throws {
        let scratch = try Scratch()
        try scratch.sh(
            "mkdir cache; cd cache; for i in $(seq 1 1001); do echo code-$i; done | xargs touch -d 2001-01-01"
        )
        let memory = CodeMemory(scratch.path.appending("cache"), of: scratch.path)
        memory.remember(CodeMemory.Zip(md5: Self.md5), of: "digest", level: 5)
        memory.save()
        #expect(try scratch.sh("ls cache | wc -l") == "501\n")
        try scratch.sh("cd cache; for i in $(seq 1 1001); do echo code-$i; done | xargs touch")
        memory.remember(CodeMemory.Zip(md5: Self.md5), of: "another", level: 5)
        memory.save()
        #expect(try scratch.sh("ls cache | wc -l") == "1002\n")
    }

    @Test func `what was noted is known afterwards, also beside what came later`() throws {
        let scratch = try Scratch()
        let cache = scratch.path.appending("cache")
        let first = CodeMemory(cache, of: "/templates")
        #expect(first.zip(of: "digest", level: 5) == nil)
        let status = FileStatus(device: 1, inode: 2, mode: 3, size: 4, modified: 5, changed: 6)
        let digest = try #require([UInt8](1...32).withUnsafeBytes { ContentHash($0) })
        first.remember([(name: Array("f".utf8), status: status, digest: digest)], of: "/code")
        first.remember(CodeMemory.Zip(md5: Self.md5), of: "digest", level: 5)
        first.save()
        #expect(try scratch.sh("cd cache; ls | wc -l; stat -c %a *") == "1\n600\n")

        let second = CodeMemory(cache, of: "/templates")
        #expect(second.zip(of: "digest", level: 5) == CodeMemory.Zip(md5: Self.md5))
        second.remember(CodeMemory.Zip(md5: String(Self.md5.reversed())), of: "another", level: 5)
        second.save()

        let third = CodeMemory(cache, of: "/templates")
        var known = third.contents(of: "/code")
        #expect(!known.isEmpty)
        #expect(known.digest(of: EntryName("f"), status) == digest)
        #expect(third.contents(of: "/other").isEmpty)
        #expect(third.zip(of: "digest", level: 5) == CodeMemory.Zip(md5: Self.md5))
        #expect(third.zip(of: "another", level: 5) == CodeMemory.Zip(md5: String(Self.md5.reversed())))
        // At another level it is another zip.
        #expect(third.zip(of: "digest", level: 6) == nil)
        // Templates of other directories have their own.
        #expect(CodeMemory(cache, of: "/others").contents(of: "/code").isEmpty)
    }

    @Test func `nothing is written where nothing is new`() throws {
        let scratch = try Scratch()
        let memory = CodeMemory(scratch.path.appending("cache"), of: "/templates")
        _ = memory.contents(of: "/code")
        memory.save()
        #expect(try scratch.sh("ls cache 2>/dev/null || echo none") == "none\n")
    }

    @Test(arguments: [
        "chmod 666 cache/*", "truncate -s -1 cache/*", "truncate -s 20 cache/*", "truncate -s 0 cache/*",
        "rm cache/*; mkdir cache/x",
        "f=$(ls cache/*); mv $f g; ln -s $PWD/g $f", "f=$(ls cache/*); sed -i 's/code 2/code 1/' $f",
        "f=$(ls cache/*); { head -c 17 $f; head -c 900 /dev/urandom; } > g; cat g > $f",
    ])
    func `a file that is broken, or that others may write, is not believed`(damage: String) throws {
        let scratch = try Scratch()
        let cache = scratch.path.appending("cache")
        let memory = CodeMemory(cache, of: "/templates")
        let status = FileStatus(device: 1, inode: 2, mode: 3, size: 4, modified: 5, changed: 6)
        let digest = try #require([UInt8](1...32).withUnsafeBytes { ContentHash($0) })
        memory.remember([(name: Array("f".utf8), status: status, digest: digest)], of: "/code")
        memory.save()
        try scratch.sh(damage)
        let later = CodeMemory(cache, of: "/templates")
        var known = later.contents(of: "/code")
        // The byte that is missing at the end is one of the mark that ends the records.
        let isWhole = damage == "truncate -s -1 cache/*"
        #expect((known.digest(of: EntryName("f"), status) != nil) == isWhole)
        // It is replaced where that can be done.
        later.remember(CodeMemory.Zip(md5: Self.md5), of: "digest", level: 5)
        later.save()
        #expect(
            CodeMemory(cache, of: "/templates").zip(of: "digest", level: 5) == CodeMemory.Zip(md5: Self.md5))
    }

    private static let md5 = "0123456789abcdef0123456789abcdef"
}

struct CodeRecordsTests {
    @Test func `what was used is written first, and of the rest as much as there is room for`() throws {
        var bytes: [UInt8] = []
        var old = CodeRecords()
        for key in 1...9 {
            old.put(ArraySlice([UInt8](repeating: UInt8(key), count: 100)), for: [UInt8(key)])
        }
        old.write(to: &bytes, most: 0)

        var records = CodeRecords()
        #expect(records.read(bytes[...]) == bytes.count)
        #expect(records.use([3])?.count == 100)
        #expect(records.use([77]) == nil)
        records.put([1, 2], for: [10])
        var written: [UInt8] = []
        // Room for two more, with their lengths and keys, and not for three.
        records.write(to: &written, most: 2 * (12 + 1 + 100) + 50)

        var again = CodeRecords()
        #expect(again.read(written[...]) == written.count)
        let left = (1...10).filter { again.use([UInt8($0)]) != nil }
        #expect(left == [3, 8, 9, 10])
        #expect(again.use([10]) == [1, 2])
        #expect(again.use([9]) == ArraySlice([UInt8](repeating: 9, count: 100)))
    }

    @Test func `bytes that are cut off or flipped anywhere give no wrong lengths`() {
        var bytes: [UInt8] = []
        var records = CodeRecords()
        for key in 1...3 { records.put([7, 8, 9], for: [UInt8](repeating: UInt8(key), count: key)) }
        records.write(to: &bytes, most: 0)
        for end in bytes.indices {
            var cut = CodeRecords()
            #expect(cut.read(bytes[..<end]) <= end)
            for bit in 0..<8 {
                var flipped = bytes
                flipped[end] ^= 1 << bit
                var read = CodeRecords()
                #expect(read.read(flipped[...]) <= flipped.count)
            }
        }
    }
}
