import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Archiving

extension BuildTree {
    /// Packs a selection into `name` in the scratch directory.
    @discardableResult
    func zip(
        _ selection: Selection, to name: String = "out.zip", options: ZipOptions = .init(),
        blockSize: Int = 4 << 20, threads: Int? = nil, access: FileDescriptor.AccessMode = .readWrite
    ) throws -> ZipSummary {
        let file = try FileDescriptor.open(
            scratch.path.appending(name), access, options: [.create, .truncate],
            permissions: [.ownerReadWrite])
        defer { try? file.close() }
        return try ZipWriter(options: options, blockSize: blockSize, threads: threads).write(
            selection, to: file)
    }
}

/// Checks `out.zip` with every reader at hand: each must accept it and see the same names and contents as
/// `src`.
private let readersAgree = """
    import hashlib, os, subprocess, sys, zipfile, pathlib
    src = pathlib.Path("root/codebuild/output/src123/src")
    with zipfile.ZipFile("out.zip") as z:
        assert z.testzip() is None
        names = z.namelist()
        assert names == sorted(names, key=lambda n: n.encode()), names
    subprocess.run(["unzip", "-tqq", "out.zip"], check=True)
    for tool, args in (("unzip", ["-qq", "out.zip", "-d", "u"]), ("bsdtar", ["-xf", "out.zip", "-C", "b"])):
        os.makedirs(args[-1])
        subprocess.run([tool, *args], check=True, env={"LC_ALL": "C.UTF-8", "TZ": "UTC", "PATH": os.environ["PATH"]})
        for name in names:
            a, b = src / name, pathlib.Path(args[-1]) / name
            if os.path.islink(b):
                assert os.readlink(a) == os.readlink(b), name
                continue
            assert a.read_bytes() == b.read_bytes(), name
            assert a.stat().st_mode & 0o777 == b.stat().st_mode & 0o777, (tool, name, oct(b.stat().st_mode))
            assert int(a.stat().st_mtime) == int(b.stat().st_mtime), (tool, name)
    print(len(names))
    """

struct ZipWriterTests {
    // 2040 is beyond the extended timestamp, and DOS time has even seconds.
    static let mixed = """
        mkdir -p a/b 'mit Leerzeichen' 日本; : > empty; echo hi > a/b/x; echo '#!' > run; chmod 755 run; chmod 600 a/b/x
        seq 1 20000 > a/numbers; head -c 300000 /dev/urandom > noise; echo ö > 日本/ファイル; echo z > 'mit Leerzeichen/äöü🙂'
        touch -d '2001-02-03 04:05:06 UTC' run; touch -d '1975-01-01 UTC' a/numbers; touch -d '2040-05-05 05:05:04 UTC' noise
        ln -s ../run a/link; ln -s b a/dirlink
        """

    @Test(arguments: [4 << 20, 65_536, 1_000])
    func `every reader unpacks the same files`(blockSize: Int) throws {
        let tree = try BuildTree(Self.mixed)
        let selection = try tree.select(.init(patterns: ["**/*"], enableSymlinks: true))
        let summary = try tree.zip(selection, blockSize: blockSize)
        let count = try tree.scratch.python(readersAgree)
        #expect(count == "\(summary.entryCount)\n")
        #expect(summary.entryCount == 9)
    }

    @Test func `the same files make the same bytes`() throws {
        let first = try BuildTree("mkdir d; echo 1 > d/a; echo 2 > b; touch -d @1000000000 d/a b")
        let second = try BuildTree("mkdir d; echo 2 > b; echo 1 > d/a; touch -d @1000000000 d/a b")
        try first.zip(first.select(.init(patterns: ["**/*"])))
        try second.zip(second.select(.init(patterns: ["b", "d/*"])))
        #expect(
            try first.scratch.sh("sha256sum < out.zip") == second.scratch.sh("sha256sum < out.zip"))
    }

    @Test func `stores what does not become smaller`() throws {
        let tree = try BuildTree(
            "head -c 5000 /dev/urandom > noise; head -c 5000 /dev/zero > zeros; : > empty")
        try tree.zip(tree.select(.init(patterns: ["*"])))
        let methods = try tree.scratch.python(
            "import zipfile; print([(i.filename, i.compress_type) for i in zipfile.ZipFile('out.zip').infolist()])"
        )
        #expect(methods == "[('empty', 0), ('noise', 0), ('zeros', 8)]\n")
    }

    @Test(
        arguments: [
            (0, "(1980, 1, 1, 0, 0, 0)"), (315_532_800, "(1980, 1, 1, 0, 0, 0)"),
            (951_827_696, "(2000, 2, 29, 12, 34, 56)"),
            (4_107_542_399, "(2100, 2, 28, 23, 59, 58)"), (.max, "(2107, 12, 31, 23, 59, 58)"),
            (.min, "(1980, 1, 1, 0, 0, 0)"),
        ] as [(Int64, String)])
    func `writes times in DOS form`(seconds: Int64, expected: String) throws {
        let tree = try BuildTree("echo 1 > a")
        try tree.zip(tree.select(.init(patterns: ["*"])), options: ZipOptions(fixedTime: seconds))
        let seen = try tree.scratch.python(
            "import zipfile; print(zipfile.ZipFile('out.zip').infolist()[0].date_time)")
        #expect(seen == expected + "\n")
    }

    @Test func `marks names as UTF-8 only when they are`() throws {
        let tree = try BuildTree(
            #"python3 -c 'import os; [open(n,"w") for n in (b"\xff\xfe", "é".encode(), b"a")]'"#)
        try tree.zip(tree.select(.init(patterns: ["*"])))
        let flags = try tree.scratch.python(
            "import zipfile; print([i.flag_bits for i in zipfile.ZipFile('out.zip').infolist()])")
        #expect(flags == "[0, 2048, 0]\n")
        try tree.scratch.sh("mkdir u; unzip -qq out.zip -d u; cmp u/a root/codebuild/output/src123/src/a")
    }

    @Test func `modes and times can be fixed`() throws {
        let tree = try BuildTree("echo 1 > a; echo 2 > b; chmod 4777 a; chmod 440 b")
        try tree.zip(
            tree.select(.init(patterns: ["*"])),
            options: ZipOptions(fixedTime: 315_532_800, normalizesModes: true))
        let seen = try tree.scratch.python(
            "import zipfile; print([(oct(i.external_attr >> 16), i.date_time) for i in zipfile.ZipFile('out.zip').infolist()])"
        )
        #expect(seen == "[('0o100755', (1980, 1, 1, 0, 0, 0)), ('0o100644', (1980, 1, 1, 0, 0, 0))]\n")
    }

    @Test(arguments: [65_535, 65_536])
    func `uses zip64 from the first entry that needs it`(count: Int) throws {
        let tree = try BuildTree("python3 -c 'for i in range(\(count)): open(str(i), \"w\")'")
        let summary = try tree.zip(tree.select(.init(patterns: ["**/*"])))
        #expect(summary.entryCount == count)
        let report = try tree.scratch.python(
            """
            import zipfile; d = open("out.zip", "rb").read()
            print(len(zipfile.ZipFile("out.zip").namelist()), d.count(b"PK\\x06\\x06"))
            """)
        #expect(report == "\(count) \(count > 65_535 ? 1 : 0)\n")
        #expect(try tree.scratch.sh("unzip -tqq out.zip; bsdtar -tf out.zip | wc -l").hasSuffix("\(count)\n"))
    }

    /// Takes more than a minute, so it runs only with BUILDSPEC_LARGE_TESTS=1.
    @Test(
        .enabled(
            if: ProcessInfo.processInfo.environment["BUILDSPEC_LARGE_TESTS"] == "1",
            "takes minutes; set BUILDSPEC_LARGE_TESTS=1 to run it"))
    func `stores a file beyond 4 GiB`() throws {
        let tree = try BuildTree(
            "truncate -s 4400000000 big; echo end | dd of=big bs=1 seek=4400000000 status=none; echo 1 > after"
        )
        let summary = try tree.zip(tree.select(.init(patterns: ["*"])), options: ZipOptions(level: 1))
        #expect(summary.unpackedByteCount == 4_400_000_006)
        try tree.scratch.sh("unzip -tqq out.zip")
        let sizes = try tree.scratch.python(
            "import zipfile; print([i.file_size for i in zipfile.ZipFile('out.zip').infolist()])")
        #expect(sizes == "[2, 4400000004]\n")
        #expect(try tree.scratch.sh("bsdtar -xOf out.zip big | tail -c 4") == "end\n")
    }

    @Test func `a file that shrinks is an error, one that grows is cut`() throws {
        let tree = try BuildTree("seq 1 1000 > f; seq 1 1000 > g")
        let selection = try tree.select(.init(patterns: ["*"]))
        let reader = try PieceReader(
            descriptor: selection.open(selection.files[0]), file: selection.files[0], size: 5_000)
        defer { try? reader.descriptor.close() }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 5_000, alignment: 1)
        defer { buffer.deallocate() }
        let error = try #require(throws: ArchivingError.self) { try reader.read(5_000, at: 0, into: buffer) }
        #expect(error.code == .changedWhileReading)
        #expect(error.description.contains("/src/f changed"))
        #expect(try reader.read(3_893, at: 0, into: buffer).count == 3_893)
    }

    /// Root can read everything, so this needs another user.
    @Test(.enabled(if: geteuid() != 0, "the super-user reads everything"))
    func `what cannot be read is an error that names it`() throws {
        let tree = try BuildTree("echo 1 > f; chmod 0 f; mkdir d; touch d/x; chmod 0 d")
        let directory = try #require(throws: ArchivingError.self) {
            try tree.select(.init(patterns: ["**/*"]))
        }
        #expect(directory.code == .unreadable && directory.subject.hasSuffix("/src/d"))
        #expect(try tree.names("**/*", exclude: ["d/**"]) == ["f"])
        let selection = try tree.select(.init(patterns: ["f"]))
        let file = try #require(throws: ArchivingError.self) { try tree.zip(selection) }
        #expect(file.code == .unreadable && file.subject.hasSuffix("/src/f"))
    }

    @Test func `a full disk and a closed pipe are clear errors`() throws {
        let tree = try BuildTree("head -c 1000000 /dev/urandom > f")
        let selection = try tree.select(.init(patterns: ["*"]))
        let full = try FileDescriptor.open("/dev/full", .writeOnly)
        defer { try? full.close() }
        let error = try #require(throws: ArchivingError.self) { try ZipWriter().write(selection, to: full) }
        #expect(error.code == .noSpace)
    }

    @Test func `no descriptor is left open`() throws {
        let tree = try BuildTree("mkdir -p a/b; echo 1 > a/b/x; ln -s a/b/x l; ln -s none broken")
        func descriptors() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        }
        func descriptorsOfTree() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").filter {
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)"))?
                    .hasPrefix(tree.scratch.path.string) ?? false
            }.count
        }
        for _ in 0..<3 {
            try tree.zip(tree.select(.init(patterns: ["**/*"], enableSymlinks: true)))
            _ = try? tree.select(.init(patterns: ["none"]))
            _ = try? tree.select(.init(patterns: ["none"], baseDirectory: "none*"))
        }
        #expect(try descriptorsOfTree() == 0)
    }
}
