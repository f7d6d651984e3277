import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Archiving

struct UnpackTests {
    static let tree = """
        mkdir -p t/a/b/c 't/ü ö' t/none; echo 1 > t/a/b/c/f; : > t/empty; seq 1 50000 > 't/ü ö/numbers'; printf '#!' > t/run
        chmod 755 t/run; chmod 600 t/empty; chmod 750 t/a; ln -s a/b/c/f t/link; ln -s ../.. t/a/b/up; ln -s nowhere t/dangling
        touch -d @1000000000 t/run t/empty; touch -h -d @1000000002 t/link; touch -d @900000000 t/a
        """

    @Test(arguments: [
        "tar -cf x -C t .", "tar -czf x -C t .", "tar -cJf x -C t .", "tar -cjf x -C t .",
        "tar --zstd -cf x -C t .",
        "tar --format=pax -cf x -C t .", "tar --format=ustar -cf x -C t .",
        "tar -S --format=pax -cf x -C t .", "bsdtar -cf x -C t .",
        "cd t && zip -qry ../x.zip . && mv ../x.zip ../x", "cd t && zip -qry0 ../x.zip . && mv ../x.zip ../x",
        "bsdtar -c --format zip -f x -C t .",
    ])
    func `unpacks what other tools packed`(command: String) throws {
        let scratch = try Scratch()
        try scratch.sh(Self.tree)
        try scratch.sh("export LC_ALL=C.UTF-8; " + command)
        let summary = try ArchiveUnpacker().unpack(
            scratch.path.appending("x"), into: scratch.path.appending("out"))
        #expect(summary.byteCount == 288_898)
        let listing =
            "find . -printf '%p %m %l %y\\n' | sort; find . -type f -newermt @0 -printf '%p %Ts\\n' | sort; find . -type f | sort | xargs -d '\\n' sha256sum"
        #expect(try scratch.sh("chmod 755 t; cd t; \(listing)") == scratch.sh("cd out; \(listing)"))
        #expect(try scratch.sh("stat -c %Y out/a; ls -A") == "900000000\nout\nt\nx\n")
    }

    /// Each makes an archive `x` in the scratch directory that has to be refused, with the reason to expect.
    static let hostileTar: [(String, String)] = [
        ("add('../evil', b'x')", "contains .."), ("add('a/../../evil', b'x')", "contains .."),
        ("add('/tmp/evil', b'x')", "absolute"), ("add('ok', b'1'); add('ok', b'2')", "occurs twice"),
        ("add('a', b'1'); add('a/b', b'2')", "used as a directory"),
        ("add('a/b', b'2'); add('a', b'1')", "occurs twice"),
        ("link('l', '/etc')", "absolute"), ("link('l', '..')", "leads out"),
        ("link('a/l', '../../x')", "leads out"),
        ("link('l', 'd'); add('d/x', b'1'); add('l/y', b'1')", "occurs twice"),
        ("add('l/y', b'1'); link('l', 'd')", "occurs twice"),
        ("link('l', '.'); link('l/m', 'x')", "below a link"),
        ("link('a/b/d', '../..'); link('a/b/e', 'd/../..')", "could lead, out"),
        ("link('e', 'missing/../x/../y')", "could lead, out"), ("link('l', '')", "link to nothing"),
        ("hard('h', '/etc/passwd')", "hard link that leads out"),
        ("hard('h', '../x')", "hard link that leads out"),
        ("hard('h', 'missing')", "no file here"),
        ("link('a/s', '../x'); hard('h', 'a/s'); add('x', b'1')", "it is a link that leads out"),
        ("add('d/x', b'1'); hard('h', 'd')", "no file here"),
        ("other('f', tarfile.FIFOTYPE)", "device, a FIFO"), ("other('c', tarfile.CHRTYPE)", "device, a FIFO"),
        ("other('b', tarfile.BLKTYPE)", "device, a FIFO"), ("add('n' * 300, b'')", "more than 255 bytes"),
        ("add('d/' * 200 + 'x', b'')", "directories deep"),
        ("add('x' * 200 + '/' + 'y/' * 2500, b'')", "4095 bytes"),
        ("[add(str(i), b'') for i in range(60)]", "more than 50 entries"),
        ("[add(str(i), b'0' * 400000) for i in range(4)]", "more than 1000000 bytes"),
    ]

    @Test(arguments: hostileTar)
    func `refuses hostile tar archives whole`(body: String, reason: String) throws {
        let scratch = try Scratch()
        try scratch.python(
            """
            import tarfile, io
            t = tarfile.open("x", "w")
            def put(name, type, link="", data=b""):
                i = tarfile.TarInfo(name); i.type = type; i.linkname = link; i.size = len(data); t.addfile(i, io.BytesIO(data))
            def add(name, data): put(name, tarfile.REGTYPE, data=data)
            def link(name, target): put(name, tarfile.SYMTYPE, target)
            def hard(name, target): put(name, tarfile.LNKTYPE, target)
            def other(name, type): put(name, type)
            add("first", b"1")
            \(body)
            t.close()
            """)
        try Self.expectRefusal(scratch, reason)
    }

    @Test(arguments: [
        ("add('../evil', b'x')", "contains .."), ("add('/abs', b'x')", "absolute"),
        ("add('ok', b'1'); add('ok', b'2')", "occurs twice"), ("add('l', b'/etc', 0o120777)", "absolute"),
        ("add('l', b'../..', 0o120777)", "leads out"),
        ("add('l', b'.', 0o120777); add('l/x', b'')", "occurs twice"),
        ("add('./../e', b'')", "contains .."),
    ])
    func `refuses hostile zip archives whole`(body: String, reason: String) throws {
        let scratch = try Scratch()
        try scratch.python(
            """
            import zipfile, warnings
            warnings.simplefilter("ignore")
            z = zipfile.ZipFile("x", "w")
            def add(name, data, mode=0o100644):
                i = zipfile.ZipInfo(name); i.external_attr = mode << 16; i.create_system = 3; z.writestr(i, data)
            add("first", b"1")
            \(body)
            z.close()
            """)
        try Self.expectRefusal(scratch, reason)
    }

    static func expectRefusal(_ scratch: Scratch, _ reason: String) throws {
        var limits = UnpackLimits()
        limits.entries = 50
        limits.bytes = 1_000_000
        let error = try #require(throws: ArchivingError.self) {
            try ArchiveUnpacker(limits: limits).unpack(
                scratch.path.appending("x"), into: scratch.path.appending("out"))
        }
        #expect(error.code == .unsafeArchive)
        #expect(error.description.contains(reason), "\(error)")
        #expect(try scratch.sh("ls -A") == "x\n")
    }

    @Test func `refuses zips whose entries overlap or have two names`() throws {
        let scratch = try Scratch()
        try scratch.python(
            """
            import zipfile
            with zipfile.ZipFile("w", "w") as z: z.writestr("aa", b"12345678"); z.writestr("bb", b"12345678")
            d = bytearray(open("w", "rb").read())
            second = d.rfind(b"PK\\1\\2")
            overlap = d[:]; overlap[second + 42:second + 46] = bytes(4); open("x", "wb").write(overlap)
            d[30:32] = b"zz"; open("y", "wb").write(d)
            """)
        for (name, code, reason) in [
            ("x", ArchivingError.Code.unsafeArchive, "overlaps"), ("y", .damagedArchive, "otherwise"),
        ] {
            let error = try #require(throws: ArchivingError.self) {
                try ArchiveUnpacker().unpack(
                    scratch.path.appending(name), into: scratch.path.appending("out"))
            }
            #expect(error.code == code)
            #expect(error.description.contains(reason), "\(error)")
        }
        #expect(try scratch.sh("ls -A") == "w\nx\ny\n")
    }

    @Test func `refuses bombs by their ratio`() throws {
        let scratch = try Scratch()
        try scratch.sh("truncate -s 20000000 zeros; tar -cJf x zeros; rm zeros")
        var limits = UnpackLimits()
        limits.ratioFloor = 1_000_000
        let error = try #require(throws: ArchivingError.self) {
            try ArchiveUnpacker(limits: limits).unpack(
                scratch.path.appending("x"), into: scratch.path.appending("out"))
        }
        #expect(error.description.contains("times as large"))
        #expect(try scratch.sh("ls -A") == "x\n")
        _ = try ArchiveUnpacker().unpack(scratch.path.appending("x"), into: scratch.path.appending("out"))
    }

    @Test(arguments: ["", "hello", "PK\\003\\004", "\\037\\213\\010\\000"])
    func `says what is no archive`(bytes: String) throws {
        let scratch = try Scratch()
        try scratch.sh("printf '\(bytes)' > x")
        let error = try #require(throws: ArchivingError.self) {
            try ArchiveUnpacker().unpack(scratch.path.appending("x"), into: scratch.path.appending("out"))
        }
        #expect(error.code == .unknownFormat || error.code == .damagedArchive)
        #expect(try scratch.sh("ls -A") == "x\n")
    }

    @Test(arguments: ["cat", "gzip -c", "xz -c", "zstd -qc"], [1_024, 32_768])
    func `the image of a disk is no empty tar file`(packing: String, zeros: Int) throws {
        let scratch = try Scratch()
        try scratch.sh("{ head -c \(zeros) /dev/zero; printf '\\001CD001\\001'; } | \(packing) > x")
        let error = try #require(throws: ArchivingError.self) {
            try ArchiveUnpacker().unpack(scratch.path.appending("x"), into: scratch.path.appending("out"))
        }
        #expect(error.code == .unknownFormat)
        #expect(error.description.contains("image of a disk"))
        #expect(try scratch.sh("ls -A") == "x\n")
    }

    @Test(arguments: ["cat", "gzip -c", "bzip2 -c", "zstd -qc"], [2, 20, 2_048])
    func `a tar file of no entries is an empty directory`(packing: String, blocks: Int) throws {
        let scratch = try Scratch()
        try scratch.sh("tar -b \(blocks) -cT /dev/null | \(packing) > x")
        let summary = try ArchiveUnpacker()
            .unpack(scratch.path.appending("x"), into: scratch.path.appending("out"))
        #expect(summary.entryCount == 0)
    }

    @Test func `a zip of no entries is an empty directory`() throws {
        let scratch = try Scratch()
        try scratch.sh("python3 -c 'import zipfile; zipfile.ZipFile(\"x\", \"w\").close()'")
        let summary = try ArchiveUnpacker()
            .unpack(scratch.path.appending("x"), into: scratch.path.appending("out"))
        #expect(summary.entryCount == 0)
        #expect(try scratch.sh("ls -A . out") == ".:\nout\nx\n\nout:\n")
    }

    @Test func `damaged archives leave nothing behind and never trap`() throws {
        let scratch = try Scratch()
        try scratch.sh(
            Self.tree
                + "\ntar -czf a -C t .; cd t; zip -qry ../b.zip .; tar -cf ../c .; cd ..; mv b.zip b; rm -rf t; mkdir d"
        )
        var generator = SeededGenerator(state: 3)
        for name in ["a", "b", "c"] {
            let whole = [UInt8](
                try Data(contentsOf: URL(fileURLWithPath: scratch.path.appending(name).string)))
            for round in 0..<60 {
                var bytes = whole
                if round % 2 == 0 {
                    bytes.removeLast(Int.random(in: 1..<bytes.count, using: &generator))
                } else {
                    for _ in 0..<8 {
                        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(
                            in: 0...255, using: &generator)
                    }
                }
                try write(bytes, to: scratch.path.appending("x"))
                do {
                    _ = try ArchiveUnpacker().unpack(
                        scratch.path.appending("x"), into: scratch.path.appending("d/out"))
                    try scratch.sh("chmod -R u+rwX d; rm -rf d/out")
                } catch let error as ArchivingError {
                    #expect(
                        [.damagedArchive, .unsafeArchive, .unknownFormat].contains(error.code), "\(error)")
                }
                #expect(
                    try FileManager.default.contentsOfDirectory(atPath: scratch.path.appending("d").string)
                        .isEmpty)
            }
        }
    }

    @Test func `checks checksums and gives modes where none are stored`() throws {
        let scratch = try Scratch()
        try scratch.python(
            """
            import zipfile
            with zipfile.ZipFile("x", "w") as z: z.writestr("f", b"content")
            d = bytearray(open("x", "rb").read()); place = d.rfind(b"PK\\1\\2")
            d[place + 5] = 3; d[place + 38:place + 42] = bytes(4); open("x", "wb").write(d)
            d[d.index(b"content")] ^= 1; open("y", "wb").write(d)
            """)
        _ = try ArchiveUnpacker().unpack(scratch.path.appending("x"), into: scratch.path.appending("out"))
        let seen = try scratch.sh("cat out/f; stat -c ' %a' out/f")
        #expect(seen == "content 664\n")
        let error = try #require(throws: ArchivingError.self) {
            try ArchiveUnpacker().unpack(scratch.path.appending("y"), into: scratch.path.appending("bad"))
        }
        #expect(error.code == .damagedArchive)
        #expect(try scratch.sh("ls -A") == "out\nx\ny\n")
    }

    @Test func `a full file system is a clear error and leaves nothing`() throws {
        let scratch = try Scratch()
        try scratch.sh("mkdir small; head -c 3000000 /dev/urandom > f; tar -cf x f")
        // Only a privileged user may mount; others skip the rest.
        guard
            try scratch.run("/bin/sh", ["-c", "mount -t tmpfs -o size=1m none small 2>/dev/null"]).status == 0
        else { return }
        defer { _ = try? scratch.sh("umount small") }
        let error = try #require(throws: ArchivingError.self) {
            try ArchiveUnpacker().unpack(
                scratch.path.appending("x"), into: scratch.path.appending("small/out"))
        }
        #expect(error.code == .noSpace)
        #expect(error.hint != nil)
        #expect(try scratch.sh("ls -A small") == "")
    }

    @Test func `drops set-user-id and keeps hard links`() throws {
        let scratch = try Scratch()
        try scratch.sh(
            "mkdir t; echo 1 > t/a; chmod 6755 t/a; ln t/a t/z; mkdir -m 1777 t/d; tar -cf x -C t .")
        _ = try ArchiveUnpacker().unpack(scratch.path.appending("x"), into: scratch.path.appending("out"))
        #expect(try scratch.sh("stat -c '%a %h' out/a out/d; [ out/a -ef out/z ]") == "755 2\n777 2\n")
    }

    @Test func `only unpacks into a new or empty directory`() throws {
        let scratch = try Scratch()
        try scratch.sh("echo 1 > a; tar -cf x a; mkdir empty full; touch full/f file; ln -s empty link")
        for (target, isFree) in [
            ("empty", true), ("new", true), ("full", false), ("file", false), ("link", false),
        ] {
            let unpack = {
                try ArchiveUnpacker().unpack(
                    scratch.path.appending("x"), into: scratch.path.appending(target))
            }
            if isFree {
                #expect(try unpack().entryCount == 1)
            } else {
                #expect(try #require(throws: ArchivingError.self) { try unpack() }.code == .targetNotEmpty)
            }
        }
        #expect(try scratch.sh("ls -A; ls full") == "a\nempty\nfile\nfull\nlink\nnew\nx\nf\n")
    }

    @Test(arguments: [
        ("zip -q -P secret x.zip a", "a: it is encrypted"),
        ("7z a -tzip -mm=Deflate64 x.zip a > log", "a: Unsupported ZIP compression method"),
        ("7z a -tzip -mem=AES256 -psecret x.zip a > log", "a: it is encrypted"),
    ])
    func `says that an entry is encrypted, or compressed in a way that is not read`(
        command: String, reason: String
    ) throws {
        let scratch = try Scratch()
        try scratch.sh("seq 1 99999 > a; \(command)")
        let error = try #require(throws: ArchivingError.self) {
            try ArchiveUnpacker().unpack(scratch.path.appending("x.zip"), into: scratch.path.appending("out"))
        }
        #expect(error.code == .unsupportedEntry)
        #expect(error.description.contains(reason), "\(error)")
        #expect(try scratch.sh("ls | grep -c out || true") == "0\n")
    }

    @Test(arguments: ["tar -cf", "bsdtar -cf"])
    func `a second name of a link is the same link`(packing: String) throws {
        let scratch = try Scratch()
        try scratch.sh(
            """
            mkdir -p t/a t/b; echo 1 > t/a/f; echo 2 > t/b/f; ln -s f t/a/s; ln -P t/a/s t/b/s; ln -P t/a/s t/h
            \(packing) x -C t .
            """)
        _ = try ArchiveUnpacker().unpack(scratch.path.appending("x"), into: scratch.path.appending("out"))
        #expect(
            try scratch.sh("cd out; readlink a/s b/s h; cat a/s b/s; find . -type l | wc -l")
                == "f\nf\nf\n1\n2\n3\n")
    }

    @Test func `a second name of a link may not lead where the first one does not`() throws {
        let scratch = try Scratch()
        try scratch.sh("mkdir -p t/a/b; ln -s ../../x t/a/b/s; ln -P t/a/b/s t/h; tar -cf x -C t .; rm -rf t")
        let error = try #require(throws: ArchivingError.self) {
            try ArchiveUnpacker().unpack(scratch.path.appending("x"), into: scratch.path.appending("out"))
        }
        #expect(error.description.contains("h: it is a link that leads out of the archive"), "\(error)")
        #expect(try scratch.sh("ls -A") == "x\n")
    }

    @Test(arguments: 0..<6)
    func `random trees survive packing and unpacking`(seed: UInt64) throws {
        let tree = try BuildTree(
            #"""
            python3 - <<'EOF'
            import os, random
            r = random.Random(\#(seed))
            letters = ["a", "Ω", "漢", "🙂", " ", "\n", "'", "\\", "*", "[", "ـ", "e\u0301", "-", "\x7f", "%"]
            dirs = [""]
            for i in range(r.randint(1, 40)):
                d = os.path.join(r.choice(dirs), "".join(r.choices(letters, k=r.randint(1, 12))) + str(i))
                os.makedirs(d); dirs.append(d)
            for i in range(r.randint(1, 120)):
                p = os.path.join(r.choice(dirs), "".join(r.choices(letters, k=r.randint(1, 12))) + "f" + str(i))
                if r.random() < 0.1:
                    os.symlink(r.choice(os.listdir(os.path.dirname(p) or ".") or ["gone"]), p); continue
                if r.random() < 0.1: p = os.fsencode(p) + b"\xfe"
                with open(p, "wb") as f: f.write(r.choice([b"", b"x", os.urandom(3000), b"ab" * 40000]))
                os.chmod(p, r.choice([0o644, 0o755, 0o600, 0o444, 0o777, 0o400, 0o511])); os.utime(p, (0, r.randint(0, 2**31 - 1)))
            EOF
            """#)
        let selection = try tree.select(.init(patterns: ["**/*"], enableSymlinks: true))
        try tree.zip(selection, blockSize: 9_000)
        try tree.scratch.sh("unzip -tqq out.zip")
        let target = tree.scratch.path.appending("out")
        let summary = try ArchiveUnpacker().unpack(tree.scratch.path.appending("out.zip"), into: target)
        #expect(summary.entryCount == selection.files.count)
        let listing =
            "find . -type f -printf '%p %m %Ts %s %l\\n' | sort; find . -type f -print0 | sort -z | xargs -0 sha256sum"
        try tree.scratch.sh("(cd root/codebuild/output/src123/src; \(listing)) > before")
        try tree.scratch.sh("(cd out; \(listing)) > after")
        let difference = try tree.scratch.sh("diff before after || true")
        #expect(difference == "")
        // Links that lead out of the artifact are not in it, so only what was unpacked has to be as before.
        let links = "find . -type l -printf '%p %l\\n' | sort"
        let changed = try tree.scratch.sh(
            "(cd root/codebuild/output/src123/src; \(links)) > before; (cd out; \(links)) > after; comm -13 before after"
        )
        #expect(changed == "")
    }
}
