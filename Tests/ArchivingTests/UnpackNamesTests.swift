import SystemPackage
import TestSupport
import Testing

@testable import Archiving

/// Names stay the bytes they are, and directories count, with an entry or without.
struct UnpackNamesTests {
    @Test(arguments: ["PAX_FORMAT", "GNU_FORMAT"])
    func `names of tar are not composed`(format: String) throws {
        let scratch = try Scratch()
        try scratch.python(
            """
            import io, tarfile
            t = tarfile.open("x", "w", format=tarfile.\(format))
            def put(name, type=tarfile.REGTYPE, link=""):
                i = tarfile.TarInfo(name); i.type = type; i.linkname = link; t.addfile(i)
            for name in ["cafe\\u0301", "caf\\u00e9", "\\u1112\\u1161\\u11ab", "d\\u0301/e\\u0301"]: put(name)
            put("link", tarfile.SYMTYPE, "cafe\\u0301"); put("hard", tarfile.LNKTYPE, "cafe\\u0301")
            t.close()
            """)
        let summary = try ArchiveUnpacker()
            .unpack(scratch.path.appending("x"), into: scratch.path.appending("out"))
        #expect(summary.collisions.count == 1)
        let list = try scratch.python(
            """
            import os
            for d, _, files in os.walk("out"):
                for f in files: print(ascii(os.path.join(d, f)[4:]), os.path.islink(os.path.join(d, f)))
            print(ascii(os.readlink("out/link")), os.stat("out/hard").st_nlink)
            """)
        for expected in [
            "'cafe\\u0301' False", "'caf\\xe9' False", "'\\u1112\\u1161\\u11ab' False",
            "'d\\u0301/e\\u0301' False", "'cafe\\u0301' 2",
        ] {
            #expect(list.contains(expected + "\n"), "\(expected) in \(list)")
        }
    }

    @Test func `directories without an entry count as entries`() throws {
        let scratch = try Scratch()
        try scratch.python(
            """
            import tarfile
            t = tarfile.open("x", "w")
            for i in range(3): t.addfile(tarfile.TarInfo(str(i) + "/d" * 20 + "/f"))
            t.close()
            """)
        try UnpackTests.expectRefusal(scratch, "more than 50 entries")
        _ = try ArchiveUnpacker().unpack(scratch.path.appending("x"), into: scratch.path.appending("out"))
        #expect(try scratch.sh("umask; find out -type d -perm 755 | wc -l").hasSuffix("64\n"))
    }

    @Test func `directories without an entry count as blocks of a disk`() throws {
        let scratch = try Scratch()
        try scratch.python(
            """
            import tarfile
            t = tarfile.open("x", "w:xz")
            for i in range(600): t.addfile(tarfile.TarInfo(str(i) + "/d" * 120 + "/f"))
            t.close()
            """)
        let error = try #require(throws: ArchivingError.self) {
            try ArchiveUnpacker().unpack(scratch.path.appending("x"), into: scratch.path.appending("out"))
        }
        #expect(error.code == .unsafeArchive && error.description.contains("250 times"), "\(error)")
        #expect(try scratch.sh("ls -A") == "x\n")
    }

    @Test func `directories with an entry count once`() throws {
        let scratch = try Scratch()
        try scratch.sh("mkdir -p t/$(seq -s / 1 45); tar -cf x -C t .")
        var limits = UnpackLimits()
        limits.entries = 46
        let summary = try ArchiveUnpacker(limits: limits)
            .unpack(scratch.path.appending("x"), into: scratch.path.appending("out"))
        #expect(summary.entryCount == 46)
    }

    @Test func `a cancelled task does not finish what it unpacked`() async throws {
        let scratch = try Scratch()
        try scratch.python(
            """
            import tarfile
            t = tarfile.open("x", "w")
            for i in range(20): i = tarfile.TarInfo("d%d" % i); i.type = tarfile.DIRTYPE; t.addfile(i)
            t.close()
            """)
        let work = Task {
            let staging = try StagingDirectory(for: scratch.path.appending("out"))
            defer { staging.discard() }
            let budget = UnpackBudget(limits: UnpackLimits(), archiveSize: 10_240)
            let file = try FileDescriptor.open(scratch.path.appending("x"), .readOnly)
            defer { try? file.close() }
            let stream = try ArchiveStream(file, name: "x", budget: budget)
            var writer = UnpackWriter(staging: staging, budget: budget)
            while let entry = try stream.next() { try writer.write(entry, from: stream) }
            withUnsafeCurrentTask { $0?.cancel() }
            try writer.finish()
        }
        let error = await #expect(throws: ArchivingError.self) { try await work.value }
        #expect(error?.code == .cancelled)
        #expect(try scratch.sh("ls -A") == "x\n")
    }
}
