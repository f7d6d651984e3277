import Archiving
import Packaging
import SystemPackage
import TestSupport
import Testing

struct LambdaPackageTests {
    @Test func `does not depend on place, time, order or extra permission bits`() throws {
        let first = try Scratch()
        let second = try Scratch()
        try first.sh(
            "mkdir -p app/lib; echo 1 > app/index.mjs; echo 2 > app/lib/b; echo 3 > app/lib/a; echo x > app/run; chmod 755 app/run; ln -s run app/start"
        )
        try second.sh(
            """
            mkdir -p else/where/app/lib; cd else/where/app; ln -s run start; echo x > run; echo 3 > lib/a; echo 2 > lib/b; echo 1 > index.mjs
            chmod 711 run; chmod 600 index.mjs; touch -d @1 lib/a run; touch -d @2000000000 lib/b
            """)
        let one = try LambdaPackage(directory: first.path.appending("app")).write(
            to: first.path.appending("x.zip"))
        let two = try LambdaPackage(directory: second.path.appending("else/where/app")).write(
            to: second.path.appending("x.zip"))
        #expect(one == two)
        #expect(one.entryCount == 5)
        #expect(one.unpackedByteCount == 11)
        #expect(
            try first.sh("sha256sum < x.zip; stat -c '%s %a' x.zip")
                == second.sh("sha256sum < x.zip; stat -c '%s %a' x.zip"))
        #expect(try first.sh("stat -c %s x.zip") == "\(one.byteCount)\n")
        let seen = try first.python(
            """
            import zipfile
            for i in zipfile.ZipFile("x.zip").infolist(): print(i.filename, oct(i.external_attr >> 16), i.date_time[:3])
            """)
        #expect(
            seen == """
                index.mjs 0o100644 (1980, 1, 1)
                lib/a 0o100644 (1980, 1, 1)
                lib/b 0o100644 (1980, 1, 1)
                run 0o100755 (1980, 1, 1)
                start 0o120777 (1980, 1, 1)

                """)
    }

    @Test func `a file that is written to while it is packed ends it, and leaves nothing`() throws {
        let scratch = try Scratch()
        try scratch.sh("mkdir app; echo 1 > app/a; head -c 150M /dev/urandom > app/log")
        let log = try FileDescriptor.open(
            scratch.path.appending("app/log"), .writeOnly, options: [.append, .closeOnExec])
        defer { try? log.close() }
        var isWritten = false
        let error = try #require(throws: PackagingError.self) {
            try LambdaPackage(directory: scratch.path.appending("app")).write(
                to: scratch.path.appending("x.zip"),
                bytes: { _ in
                    guard !isWritten else { return }
                    isWritten = (try? log.writeAll("x".utf8)) == 1
                })
        }
        #expect(isWritten)
        #expect(error.description.contains("log changed while it was being packed"))
        #expect(try scratch.sh("ls -A") == "app\n")
    }

    @Test func `a pipe keeps its place, and a link leads to what is written`() async throws {
        let scratch = try Scratch()
        try scratch.sh(
            """
            mkdir app other; echo 1 > app/a; mkfifo pipe; ln -s other/real.zip link; : > other/real.zip
            ln -s real.zip app/out.zip; : > app/real.zip
            """)
        let package = LambdaPackage(directory: scratch.path.appending("app"))
        let direct = try package.write(to: scratch.path.appending("app/out.zip"))
        #expect(direct.entryCount == 1)
        let others = LambdaPackage(directory: scratch.path.appending("app"), exclude: ["*.zip"])
        #expect(try others.write(to: scratch.path.appending("link")) == direct)
        async let read = Task.detached { try scratch.sh("timeout 120 cat pipe > read.zip") }.value
        #expect(try others.write(to: scratch.path.appending("pipe")) == direct)
        _ = try await read
        try scratch.sh(
            """
            test -p pipe; test -L link; test -L app/out.zip
            cmp read.zip other/real.zip; cmp read.zip app/real.zip
            """)
    }

    @Test func `takes the time it is given, patterns, and not its own result`() throws {
        let scratch = try Scratch()
        try scratch.sh(
            "mkdir -p 'app[1]/tests' app; echo 1 > 'app[1]/a.py'; echo 2 > 'app[1]/tests/t.py'; echo 3 > 'app[1]/README'; : > 'app[1]/f[n].zip'"
        )
        let directory = scratch.path.appending("app[1]")
        let package = LambdaPackage(
            directory: directory, include: ["**/*.py", "*.zip"], exclude: ["tests/**"], time: 1_700_000_000)
        let target = directory.appending("f[n].zip")
        let first = try package.write(to: target)
        #expect(first.entryCount == 1)
        #expect(try package.write(to: target) == first)
        #expect(
            try scratch.sh("cd 'app[1]'; TZ=UTC zipinfo -T 'f[n].zip' | grep a.py").contains(
                "20231114.221320 a.py"))
    }

    @Test(arguments: [
        ("ln -s ../outside app/l", "leads out"),
        ("mkdir app/d; ln -s ../../app/index.js app/d/l", "leads out"),
        ("mkfifo app/p", "fifo"), ("touch \"$(printf 'app/\\377')\"", "not UTF-8"),
    ])
    func `refuses what a function could miss`(script: String, reason: String) throws {
        let scratch = try Scratch()
        try scratch.sh("mkdir app; echo 1 > app/index.js; touch outside; \(script)")
        let error = try #require(throws: PackagingError.self) {
            try LambdaPackage(directory: scratch.path.appending("app")).write(
                to: scratch.path.appending("x.zip"))
        }
        #expect(error.code == .unsuitableFile)
        #expect(error.description.contains(reason), "\(error)")
        #expect(try scratch.sh("ls -A") == "app\noutside\n")
    }

    @Test func `keeps links as they are, dangling ones too, and says where they lead to nothing`() throws {
        let scratch = try Scratch()
        try scratch.sh(
            """
            mkdir -p app/.git app/lib; echo 1 > app/index.js; echo 2 > app/lib/x; cd app; ln -s /opt/layer a; ln -s missing b
            ln -s c c; ln -s lib/x d; ln -s lib e; ln -s e/x f; ln -s .git g
            """)
        let summary = try LambdaPackage(directory: scratch.path.appending("app")).write(
            to: scratch.path.appending("x.zip"))
        #expect(
            summary.warnings == [
                "a is kept as a link to /opt/layer, a path of Lambda's own file system",
                "b is kept as a link to missing, which is not in the package",
                "g is kept as a link to .git, which is not in the package",
            ])
        let names = try scratch.python(
            "import zipfile; print([(i.filename, z.read(i)) for z in [zipfile.ZipFile('x.zip')] for i in z.infolist() if i.external_attr >> 28 == 10])"
        )
        #expect(
            names == "[('a', b'/opt/layer'), ('b', b'missing'), ('c', b'c'), ('d', b'lib/x'), ('e', b'lib'), "
                + "('f', b'e/x'), ('g', b'.git')]\n")
        try scratch.sh("mkdir u; unzip -qq x.zip -d u; test $(readlink u/b) = missing; cat u/f | grep 2")
    }

    @Test(arguments: [
        (
            ["a.py", "confg/prod.json", "lib"],
            ["confg/prod.json", "the pattern lib names a directory", "lib/**/*"]
        ),
        (["a.py", "nope/**/*", "../shared.py"], ["nope/**/*", "../shared.py"]), (["a.py", "lib/**/*"], []),
    ])
    func `says which patterns take nothing`(include: [String], words: [String]) throws {
        let scratch = try Scratch()
        try scratch.sh("mkdir -p app/lib; echo 1 > app/a.py; echo 2 > app/lib/b; echo 3 > shared.py")
        let package = LambdaPackage(directory: scratch.path.appending("app"), include: include)
        let warnings = try package.write(to: scratch.path.appending("x.zip")).warnings
        #expect(warnings == (try package.names(besides: nil).warnings))
        #expect(warnings.count == include.count - 1 || words.isEmpty && warnings.isEmpty)
        for word in words { #expect(warnings.contains { $0.contains(word) }, "\(word) in \(warnings)") }
    }

    @Test func `names the patterns where nothing at all matches`() throws {
        let scratch = try Scratch()
        try scratch.sh("mkdir app; echo 1 > app/a.py")
        let error = try #require(throws: PackagingError.self) {
            try LambdaPackage(directory: scratch.path.appending("app"), include: ["dist", "b.py"]).write(
                to: scratch.path.appending("x.zip"))
        }
        #expect(error.code == .noFiles && error.description.contains("dist, b.py"))
    }

    @Test func `what is left out by rules is not looked at, whatever others take back`() throws {
        let scratch = try Scratch()
        try scratch.sh(
            """
            mkdir -p app/sec/deep; cd app; echo 1 > a.py; mkfifo run.fifo sec/deep/p; touch "$(printf 'bad\\377')" keep.me b.me
            printf '*.fifo\nbad*\nsec/\n*.me\n!keep.me\n' > .lambdaignore
            """)
        let package = LambdaPackage(directory: scratch.path.appending("app"))
        #expect(try package.names(besides: nil).names.map(\.description) == ["a.py", "keep.me"])
    }

    @Test(arguments: [
        ("ln -s ../common .lambdaignore", "a link"), ("ln -s nothing .lambdaignore", "a link"),
        ("mkdir .lambdaignore", "not a file"), ("mkfifo .lambdaignore", "not a file"),
        ("(yes '# filler line' | head -c 1048600; echo; echo secret.txt) > .lambdaignore", "1048576 bytes"),
    ])
    func `rules that cannot be read as a whole are no rules to go by`(script: String, reason: String) throws {
        let scratch = try Scratch()
        try scratch.sh(
            "mkdir app; echo secret.txt > common; cd app; echo 1 > a.py; echo 2 > secret.txt; \(script)")
        let error = try #require(throws: PackagingError.self) {
            try LambdaPackage(directory: scratch.path.appending("app")).write(
                to: scratch.path.appending("x.zip"))
        }
        #expect(error.code == .unsuitableRules && error.description.contains(reason), "\(error)")
        #expect(error.hint != nil)
    }

    @Test(arguments: [
        ("chmod +x a", false), ("chmod 600 a", true), ("ln -sfn b l", false), ("mv a c", false),
        ("touch a b l .", true), ("mv a t; mv b a; mv a b; mv t a", true), ("mkdir empty", true),
        ("cp a t; rm a; mv t a; touch -h -d @5 l", true), ("printf 2 > a", false),
    ])
    func `the hash follows what a function sees, and nothing else`(change: String, isSame: Bool) throws {
        let scratch = try Scratch()
        try scratch.sh("mkdir app; cd app; printf 1 > a; printf 2 > b; ln -s a l; chmod 644 a b")
        let package = LambdaPackage(directory: scratch.path.appending("app"))
        _ = try package.write(to: scratch.path.appending("1.zip"))
        try scratch.sh("cd app; \(change)")
        _ = try package.write(to: scratch.path.appending("2.zip"))
        #expect(try scratch.run("/usr/bin/cmp", ["-s", "1.zip", "2.zip"]).status == (isSame ? 0 : 1))
    }

    @Test func `a directory may be named by a link, and hold its own zip`() throws {
        let scratch = try Scratch()
        try scratch.sh("mkdir -p real/app; echo 1 > real/app/f; ln -s real/app app")
        let package = LambdaPackage(directory: scratch.path.appending("app"))
        let target = scratch.path.appending("app/f.zip")
        let first = try package.write(to: target)
        #expect(first.entryCount == 1)
        #expect(try package.write(to: target) == first)
        _ = try LambdaPackage(directory: scratch.path.appending("real/app")).write(
            to: scratch.path.appending("g.zip"))
        #expect(try scratch.sh("cmp app/f.zip g.zip || unzip -l g.zip").contains("f.zip"))
    }

    @Test func `never leaves half a file`() throws {
        let scratch = try Scratch()
        try scratch.sh("mkdir empty app; echo 1 > app/f; echo old > x.zip; mkdir d")
        let empty = try #require(throws: PackagingError.self) {
            try LambdaPackage(directory: scratch.path.appending("empty")).write(
                to: scratch.path.appending("x.zip"))
        }
        #expect(empty.code == .noFiles)
        for target in ["missing/x.zip", "d", "..", "."] {
            let error = try #require(throws: PackagingError.self) {
                try LambdaPackage(directory: scratch.path.appending("app")).write(
                    to: scratch.path.appending(target))
            }
            #expect(error.code == .unwritable)
        }
        let missing = try #require(throws: PackagingError.self) {
            try LambdaPackage(directory: scratch.path.appending("none")).write(
                to: scratch.path.appending("x.zip"))
        }
        #expect(missing.archiving?.code == .invalidDirectory)
        #expect(try scratch.sh("cat x.zip; ls -A; ls -A d") == "old\napp\nd\nempty\nx.zip\n")
    }
}
