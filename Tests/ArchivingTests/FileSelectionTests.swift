import Archiving
import Foundation
import SystemPackage
import TestSupport
import Testing

struct FileSelectionTests {
    static let site = """
        mkdir -p dist/js/lib dist/.hidden/deep src empty .buildspec
        touch app.js .env 'we ird.txt' dist/index.html dist/.keep dist/js/a.js dist/js/lib/b.js dist/.hidden/deep/c
        touch src/main.js src/[id].js src/b.JS .buildspec/private
        """

    @Test(arguments: [
        (
            ["**/*"],
            [
                ".env", "app.js", "dist/.hidden/deep/c", "dist/.keep", "dist/index.html", "dist/js/a.js",
                "dist/js/lib/b.js", "src/[id].js", "src/b.JS", "src/main.js", "we ird.txt",
            ]
        ),
        (["*"], [".env", "app.js", "we ird.txt"]),
        (["dist/*"], ["dist/.keep", "dist/index.html"]),
        (
            ["dist/**/*"],
            ["dist/.hidden/deep/c", "dist/.keep", "dist/index.html", "dist/js/a.js", "dist/js/lib/b.js"]
        ),
        (
            ["dist/**"],
            ["dist/.hidden/deep/c", "dist/.keep", "dist/index.html", "dist/js/a.js", "dist/js/lib/b.js"]
        ),
        (["**/*.js"], ["app.js", "dist/js/a.js", "dist/js/lib/b.js", "src/[id].js", "src/main.js"]),
        (["./app.js", "app.js", "app*"], ["app.js"]),
        (["dist/js/../index.html"], ["dist/index.html"]),
        (["src/?.JS"], ["src/b.JS"]),
        (["src/[a-c].JS"], ["src/b.JS"]),
        (["src/[^a]*.js"], ["src/[id].js", "src/main.js"]),
        (["src/\\[id\\].js"], ["src/[id].js"]),
        (["src/[[]id].js"], ["src/[id].js"]),
        (["src/[id].js", "app.js"], ["app.js"]),
        (["**.js"], ["app.js"]),
        (["dist/**/lib/*"], ["dist/js/lib/b.js"]),
        (["**/lib/**/b.js"], ["dist/js/lib/b.js"]),
        (["**/**/**/b.js"], ["dist/js/lib/b.js"]),
        (["dist//js///a.js"], ["dist/js/a.js"]),
        (["/codebuild/output/src123/src/dist/js/*"], ["codebuild/output/src123/src/dist/js/a.js"]),
    ])
    func `selects by pattern`(patterns: [String], expected: [String]) throws {
        let tree = try BuildTree(Self.site)
        let selection = try tree.select(.init(patterns: patterns))
        #expect(selection.files.map(\.name.description) == expected)
    }

    @Test(arguments: [
        (["**/.*"], ["app.js", "dist/.hidden/deep/c", "dist/index.html", "src/main.js"]),
        (["**/.*", "**/.*/**/*"], ["app.js", "dist/index.html", "src/main.js"]),
        (["dist/**/*", "*"], ["src/main.js"]),
        (["./src/*"], [".env", "app.js", "dist/.hidden/deep/c", "dist/index.html"]),
        (["/codebuild/output/src123/src/dist/**"], [".env", "app.js", "src/main.js"]),
        (["dist"], [".env", "app.js", "dist/.hidden/deep/c", "dist/index.html", "src/main.js"]),
    ])
    func `excludes by pattern`(excluded: [String], expected: [String]) throws {
        let tree = try BuildTree(
            "mkdir -p dist/.hidden/deep src; touch app.js .env dist/index.html dist/.hidden/deep/c src/main.js"
        )
        let selection = try tree.select(.init(patterns: ["**/*"], excludePaths: excluded))
        #expect(selection.files.map(\.name.description) == expected)
    }

    @Test func `does not look into directories that are excluded as a whole`() throws {
        let tree = try BuildTree(
            "mkdir -p node_modules/a app; seq 1 300 | (cd node_modules/a; xargs touch); touch app/x")
        var limits = SelectionLimits()
        limits.visitedNames = 20
        for excluded in ["node_modules/**/*", "**/node_modules/**", "node_modules/**"] {
            let request = ArtifactSelectionRequest(
                patterns: ["**/*", "node_modules/a/1"], excludePaths: [excluded])
            let selection = try tree.select(request, limits: limits)
            #expect(selection.files.map(\.name.description) == ["app/x"])
            #expect(!selection.notes.contains { $0.isWarning })
        }
        #expect(try tree.names("**/*", exclude: ["**/*x*", "node_modules/*"]).count == 300)
    }

    @Test func `exclusions are relative to the base directory`() throws {
        let tree = try BuildTree("mkdir -p out/a; touch out/a/1 out/2")
        #expect(try tree.names("**/*", exclude: ["a/*"], base: "out") == ["2"])
        #expect(try tree.names("**/*", exclude: ["out/a/*"], base: "out") == ["2", "a/1"])
    }

    @Test func `merges the directories that a base directory pattern matches`() throws {
        let tree = try BuildTree(
            "mkdir -p my-build1/x my-build2 other; touch my-build1/x/a my-build2/b my-build9 other/c")
        let selection = try tree.select(.init(patterns: ["**/*"], baseDirectory: "my-build*"))
        #expect(selection.files.map(\.name.description) == ["b", "x/a"])
        #expect(selection.baseDirectories == ["my-build1", "my-build2"])
    }

    @Test func `base directories may be absolute or above the source`() throws {
        let tree = try BuildTree(
            "mkdir -p ../../src456/src/lib $ROOT/root/out; touch ../../src456/src/lib/x $ROOT/root/out/y")
        #expect(try tree.names("**/*", base: "/codebuild/output/src456/src") == ["lib/x"])
        #expect(try tree.names("*", base: "/root/out") == ["y"])
        #expect(try tree.names("*", base: "../../../../root/out") == ["y"])
        #expect(try tree.names("*", base: "../../../../../../../../root/out") == ["y"])
    }

    @Test func `reads above the base directory but keeps names inside`() throws {
        let tree = try BuildTree("mkdir -p a ../shared/deep; touch a/f ../shared/x.js ../shared/deep/y.js")
        #expect(try tree.names("../../shared/**/*.js", base: "a") == ["shared/deep/y.js", "shared/x.js"])
        #expect(try tree.names("../shared/x.js") == ["shared/x.js"])
    }

    @Test(arguments: ["missing", "file", "miss*", "/root/nowhere", "../none"])
    func `a base directory that matches nothing is an error of its own`(base: String) throws {
        let tree = try BuildTree("touch file")
        let error = try #require(throws: ArchivingError.self) { try tree.names("*", base: base) }
        #expect(error.code == .noMatchingBaseDirectory)
        #expect(error.description == "no matching base directory path found for \(base)")
    }

    @Test(arguments: [
        "missing", "dist", "dist/", "*.none", "", ".", "/", "..", "dist/missing/**", "/etc/passwd", "[",
        "a\0b",
    ])
    func `no file at all is an error of its own`(pattern: String) throws {
        let tree = try BuildTree("mkdir -p dist/sub; touch dist/sub/x")
        let error = try #require(throws: ArchivingError.self) { try tree.names(pattern) }
        #expect(error.code == .noMatchingFiles)
        #expect(error.description == "no matching artifact paths found")
    }

    @Test func `tells the steps in order`() throws {
        let tree = try BuildTree("mkdir -p dist; touch dist/a b")
        let selection = try tree.select(.init(patterns: ["b", "nope/*", "dist"]))
        #expect(
            selection.notes == [
                .expandingBaseDirectory("."), .expandingFilePaths(baseDirectory: "."), .expandingPattern("b"),
                .expandingPattern("nope/*"), .patternWithoutMatch("nope/*"), .expandingPattern("dist"),
                .patternWithoutMatch("dist"), .patternNamesDirectory("dist"),
            ])
    }

    @Test func `with discarded paths the last pattern wins`() throws {
        let tree = try BuildTree("mkdir -p a b; echo 1 > a/x; echo 2 > b/x; touch a/y")
        let selection = try tree.select(.init(patterns: ["b/*", "a/*"], discardPaths: true))
        #expect(selection.files.map(\.name.description) == ["x", "y"])
        #expect(selection.files.first?.displayPath == "/codebuild/output/src123/src/a/x")
        #expect(
            selection.notes.contains(
                .nameCollision(
                    name: EntryName("x"), kept: "/codebuild/output/src123/src/a/x",
                    dropped: "/codebuild/output/src123/src/b/x")))
    }

    @Test func `skips what is no file`() throws {
        let tree = try BuildTree(
            """
            mkfifo pipe; touch file
            python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("sock")'
            """)
        let selection = try tree.select(.init(patterns: ["*"]))
        #expect(selection.files.map(\.name.description) == ["file"])
        #expect(
            selection.notes.contains(.specialFile(path: "/codebuild/output/src123/src/pipe", kind: .fifo)))
        #expect(
            selection.notes.contains(.specialFile(path: "/codebuild/output/src123/src/sock", kind: .socket)))
    }

    @Test func `keeps names that are not text`() throws {
        let tree = try BuildTree(
            #"""
            python3 -c 'import os; [open(os.fsencode(n) if isinstance(n,str) else n,"w") for n in (b"\xff\xfe", "a\nb", "файл", "🙂")]'
            """#)
        let selection = try tree.select(.init(patterns: ["*"]))
        #expect(
            selection.files.map(\.name.bytes) == [
                Array("a\nb".utf8), Array("файл".utf8), Array("🙂".utf8), [0xff, 0xfe],
            ])
        #expect(selection.notes.contains(.nameNotUTF8(EntryName(bytes: [0xff, 0xfe]))))
        #expect(try tree.names("?") == ["🙂"])
        #expect(try tree.names("a?b") == ["a\\nb"])
    }

    @Test func `matches long runs of wildcards in time`() throws {
        let name = String(repeating: "a", count: 200)
        let tree = try BuildTree("touch \(name)")
        let hostile = String(repeating: "*a", count: 60) + "*b"
        #expect(throws: ArchivingError.self) { try tree.names(hostile) }
        let deep = String(repeating: "**/*a/", count: 200) + "**/x"
        #expect(throws: ArchivingError.self) { try tree.names(deep) }
    }

    @Test func `refuses more than the limits`() throws {
        let tree = try BuildTree(
            "seq 1 50 | xargs touch; mkdir -p \(String(repeating: "deep/", count: 60)); touch \(String(repeating: "deep/", count: 60))f"
        )
        var limits = SelectionLimits()
        limits.files = 10
        #expect(throws: ArchivingError.self) { try tree.select(.init(patterns: ["*"]), limits: limits) }
        limits = SelectionLimits()
        limits.nameLength = 100
        let error = try #require(throws: ArchivingError.self) {
            try tree.select(.init(patterns: ["**/*"]), limits: limits)
        }
        #expect(error.code == .limitExceeded)
    }

    @Test func `a tree deeper than any path is refused, and only if it is walked`() throws {
        let tree = try BuildTree(
            """
            touch top; python3 -c 'import os
            for i in range(3000): os.mkdir("dd"); os.chdir("dd")
            open("bottom", "w")'
            """)
        let error = try #require(throws: ArchivingError.self) { try tree.names("**/*") }
        #expect(error.code == .limitExceeded)
        #expect(try tree.names("*") == ["top"])
        #expect(try tree.names("**/*", exclude: ["dd/**/*"]) == ["top"])
    }

    @Test func `globs for helper commands`() throws {
        let tree = try BuildTree("mkdir -p a/b; touch a/b/x.txt a/y.txt z")
        let selector = try FileSelector(root: tree.root, sourceDirectory: BuildTree.source)
        #expect(
            try selector.glob(["**/*.txt", "a/*"], in: nil).map(\.description) == ["a/b/x.txt", "a/y.txt"])
        #expect(try selector.glob(["*.txt"], in: "a").map(\.description) == ["y.txt"])
        #expect(try selector.glob(["nothing"]).isEmpty)
    }

    /// Takes minutes, most of them to make the files, so it runs only with BUILDSPEC_LARGE_TESTS=1.
    @Test(
        .enabled(
            if: ProcessInfo.processInfo.environment["BUILDSPEC_LARGE_TESTS"] == "1",
            "takes minutes; set BUILDSPEC_LARGE_TESTS=1 to run it"))
    func `selects and packs a million files`() throws {
        let tree = try BuildTree(
            """
            python3 -c 'import os
            for d in range(1000):
                os.mkdir(str(d))
                for f in range(1000): os.mknod(f"{d}/file-{f}.js")'
            """)
        let clock = ContinuousClock()
        var selection: Selection?
        let selecting = try clock.measure {
            selection = try tree.select(.init(patterns: ["**/*.js", "**/*"], excludePaths: ["**/.*"]))
        }
        let files = try #require(selection)
        #expect(files.files.count == 1_000_000)
        let packing = try clock.measure { try tree.zip(files) }
        let memory = try String(contentsOfFile: "/proc/self/status", encoding: .utf8).split(separator: "\n")
            .first { $0.hasPrefix("VmHWM") }
        print("a million files: selected in \(selecting), packed in \(packing), \(memory ?? "")")
        #expect(try tree.scratch.sh("bsdtar -tf out.zip | wc -l") == "1000000\n")
    }
}
