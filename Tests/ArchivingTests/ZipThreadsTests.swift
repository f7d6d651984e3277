import SystemPackage
import TestSupport
import Testing

@testable import Archiving

struct ZipThreadsTests {
    static let tree = """
        mkdir -p d/e; seq 1 90000 > d/numbers; head -c 700000 /dev/urandom > d/noise; head -c 900000 /dev/zero > zeros; : > empty
        for i in $(seq 1 200); do seq 1 $((i * 7)) > d/e/f$i; done; ln -s d/numbers l
        (seq 1 30000; head -c 300000 /dev/urandom; seq 1 40000) > mixed; chmod 755 d/e/f7
        """

    @Test(arguments: [4 << 20, 100_000, 70_000])
    func `any number of threads makes the same bytes`(blockSize: Int) throws {
        let tree = try BuildTree(Self.tree)
        let selection = try tree.select(.init(patterns: ["**/*"], enableSymlinks: true))
        for threads in 1...5 {
            let summary = try tree.zip(
                selection, to: "\(threads).zip", options: ZipOptions(fixedTime: 315_532_800),
                blockSize: blockSize,
                threads: threads)
            #expect(summary.entryCount == 206)
        }
        #expect(
            try tree.scratch.sh("sha256sum < 1.zip; for i in 2 3 4 5; do cmp 1.zip $i.zip; done").count == 68)
        try tree.scratch.sh(
            """
            unzip -qq 1.zip -d u; diff -r --no-dereference u root/codebuild/output/src123/src; test -x u/d/e/f7
            """)
    }

    @Test(arguments: [4 << 20, 100_000], [1, 2])
    func `an archive in memory is the same bytes, and seen as they come`(blockSize: Int, threads: Int) throws
    {
        let tree = try BuildTree(Self.tree)
        let selection = try tree.select(.init(patterns: ["**/*"], enableSymlinks: true))
        try tree.zip(selection, blockSize: blockSize, threads: threads)
        var seen: [UInt8] = []
        var names = 0
        let observer = ZipObserver(bytes: { seen += $0 }, entry: { _ in names += 1 })
        let writer = ZipWriter(
            options: ZipOptions(), blockSize: blockSize, threads: threads,
            related: RelatedArchives(level: ZipOptions.defaultLevel))
        for _ in 1...2 {
            (seen, names) = ([], 0)
            let bytes = try writer.bytes(of: selection, observer: observer)
            #expect(bytes == seen && names == 206)
            let file = try FileDescriptor.open(
                tree.scratch.path.appending("memory.zip"), .writeOnly, options: [.create, .truncate],
                permissions: .ownerReadWrite)
            try file.closeAfter { _ = try file.writeAll(bytes) }
            try tree.scratch.sh("cmp out.zip memory.zip")
        }
    }

    @Test func `long files are stored when deflate does not pay, without a data descriptor`() throws {
        let tree = try BuildTree(Self.tree)
        try tree.zip(tree.select(.init(patterns: ["d/*", "mixed", "zeros"])), blockSize: 100_000)
        let seen = try tree.scratch.python(
            "import zipfile; print([(i.filename, i.compress_type, i.flag_bits) for i in zipfile.ZipFile('out.zip').infolist()])"
        )
        #expect(seen == "[('d/noise', 0, 0), ('d/numbers', 8, 8), ('mixed', 8, 8), ('zeros', 8, 8)]\n")
        #expect(
            try tree.scratch.run("/usr/bin/env", ["python3", "-m", "zipfile", "-t", "out.zip"]).status == 0)
    }

    @Test(arguments: [
        ("head -c 400000 /dev/zero > long", 4), ("head -c 200000 /dev/zero > two", 2), ("echo 1 > short", 1),
        ("for i in 1 2 3; do echo 1 > $i; done", 3), ("for i in 1 2 3 4 5; do echo 1 > $i; done", 4),
    ])
    func `there are as many threads as pieces, of which a long file has several`(
        script: String, count: Int
    ) throws {
        let tree = try BuildTree(script)
        let selection = try tree.select(.init(patterns: ["*"], enableSymlinks: true))
        let writer = ZipWriter(options: ZipOptions(), blockSize: 100_000, threads: 4)
        #expect(writer.threadCount(for: selection) == count)
    }

    @Test(arguments: 1...4)
    func `of several failures the first in order is told`(threads: Int) throws {
        let tree = try BuildTree("for i in $(seq 100 399); do seq 1 500 > f$i; done")
        let selection = try tree.select(.init(patterns: ["*"]))
        try tree.scratch.sh("cd root/codebuild/output/src123/src; rm f217; rm f390; rm f300; mkfifo f300")
        for _ in 0..<5 {
            let error = try #require(throws: ArchivingError.self) {
                try tree.zip(selection, threads: threads)
            }
            #expect(error.code == .changedWhileReading && error.subject.hasSuffix("/f217"))
        }
    }

    @Test func `stops when its task is cancelled`() async throws {
        let tree = try BuildTree("echo 1 > f")
        let selection = try tree.select(.init(patterns: ["*"]))
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try tree.zip(selection)
        }
        let error = await #expect(throws: ArchivingError.self) { try await task.value }
        #expect(error?.code == .cancelled)
    }

    @Test func `directories have entries only when asked for`() throws {
        let tree = try BuildTree("mkdir -p a/b a-c; touch a.x a/y a/b/z a-c/q")
        let selection = try tree.select(.init(patterns: ["**/*"]))
        try tree.zip(selection)
        #expect(try tree.scratch.sh("unzip -Z1 out.zip") == "a-c/q\na.x\na/b/z\na/y\n")
        try tree.zip(selection, options: ZipOptions(listsDirectories: true))
        #expect(try tree.scratch.sh("unzip -Z1 out.zip") == "a-c/\na-c/q\na.x\na/\na/b/\na/b/z\na/y\n")
        try tree.scratch.sh(
            "unzip -tqq out.zip; mkdir u; unzip -qq out.zip -d u; test $(stat -c %a u/a/b) = 755")
    }

    @Test func `observers see every byte and entry in order`() throws {
        let tree = try BuildTree(Self.tree)
        let selection = try tree.select(.init(patterns: ["**/*"]))
        let file = try FileDescriptor.open(
            tree.scratch.path.appending("out.zip"), .writeOnly, options: [.create],
            permissions: [.ownerReadWrite])
        defer { try? file.close() }
        var bytes: [UInt8] = []
        var names: [String] = []
        let observer = ZipObserver(bytes: { bytes += $0 }, entry: { names.append($0.name.description) })
        _ = try ZipWriter(options: ZipOptions(), blockSize: 90_000, threads: nil).write(
            selection, to: file, observer: observer)
        try write(bytes, to: tree.scratch.path.appending("seen"))
        try tree.scratch.sh("cmp seen out.zip")
        #expect(names == selection.files.map(\.name.description))
    }

    /// Lets imaginary workers finish in a random order.
    @Test(arguments: 0..<20)
    func `parts come in order, and bounded, whoever is fast`(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        let tree = try BuildTree("touch f")
        let selection = try tree.select(.init(patterns: ["*"]))
        let capacity = 3 << 20
        let count = Int.random(in: 1...2_000, using: &generator)
        let blocks = (0..<count).map { _ in
            Int.random(in: 0..<50, using: &generator) == 0 ? Int.random(in: 2...9, using: &generator) : 1
        }
        var schedule = ZipSchedule(count: count, blockSize: 1 << 20, capacity: capacity)
        var jobs: [ZipSchedule.Job] = []
        var seen: [ZipPlace] = []
        var waiting = 0
        while !schedule.isComplete {
            job: while jobs.count < 4 {
                switch schedule.take() {
                case .wait, .end: break job
                case let job: jobs.append(job)
                }
            }
            if !jobs.isEmpty {
                let job = jobs.remove(at: Int.random(in: 0..<jobs.count, using: &generator))
                waiting += Self.work(job, blocks, selection, &schedule, &generator)
            }
            #expect(waiting <= capacity + 4 * (1 << 20))
            while let part = schedule.nextToWrite() {
                seen.append(part.next)
                waiting -= part.bytes.count
                schedule.release(part.bytes.count)
            }
        }
        #expect(seen == seen.sorted() && seen.last == ZipPlace(file: count))
        #expect(seen.count { $0.step > 1 } == blocks.reduce(0) { $0 + ($1 > 1 ? $1 - 1 : 0) })
    }

    /// What a worker does; the bytes it made.
    private static func work(
        _ job: ZipSchedule.Job, _ blocks: [Int], _ selection: Selection, _ schedule: inout ZipSchedule,
        _ generator: inout SeededGenerator
    ) -> Int {
        var part = ZipPart()
        part.bytes = [UInt8](repeating: 0, count: Int.random(in: 0...1_000_000, using: &generator))
        switch job {
        case .files(let files):
            var end = files.first { blocks[$0] > 1 } ?? files.upperBound
            if end == files.upperBound {
                end = Int.random(in: (files.lowerBound + 1)...end, using: &generator)
            }
            if end == files.lowerBound { part.bytes = [] }
            let file =
                end < count(blocks) && files.contains(end) && blocks[end] > 1
                ? LongFile(
                    index: end, record: ZipRecord(name: EntryName("x"), mode: 0, time: ZipTime(seconds: 0)),
                    reader: PieceReader(
                        descriptor: FileDescriptor(rawValue: -1), file: selection.files[0],
                        size: blocks[end] << 20),
                    blockSize: 1 << 20, head: []) : nil
            schedule.finish(files, part: part, end: end, long: file)
        case .block(let file, let block): schedule.finish(file, block: block, part: part)
        case .wait, .end: return 0
        }
        return part.bytes.count
    }

    private static func count(_ blocks: [Int]) -> Int { blocks.count }

    @Test(arguments: 0..<10)
    func `checksums of pieces join to that of the whole`(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        let whole = DeflatePieceTests.content(
            seed: seed, count: Int.random(in: 0...100_000, using: &generator))
        let cut = Int.random(in: 0...whole.count, using: &generator)
        let sums = [whole[...], whole[..<cut], whole[cut...]].map { part in
            Array(part).withUnsafeBytes { DeflateCompressor.crc32($0) }
        }
        #expect(CRCJoin.join(sums[1], sums[2], lengthOfSecond: whole.count - cut) == sums[0])
    }
}
