import Archiving
import SystemPackage
import TestSupport
import Testing

struct LinkSelectionTests {
    static let source = "/codebuild/output/src123/src"

    @Test func `follows links to files wherever they lie in the root`() throws {
        let tree = try BuildTree(
            "mkdir d; echo in > d/f; echo home > $ROOT/root/h; ln -s d/f l1; ln -s /root/h l2; ln -s ../../../../root/h l3"
        )
        let selection = try tree.select(.init(patterns: ["l*"]))
        #expect(selection.files.map(\.name.description) == ["l1", "l2", "l3"])
        #expect(selection.files.map(\.displayPath) == ["\(Self.source)/d/f", "/root/h", "/root/h"])
        #expect(selection.files.allSatisfy { $0.content == .file })
    }

    @Test func `never reads outside the root`() throws {
        let tree = try BuildTree(
            """
            echo secret > "$ROOT/../secret"; touch ok
            ln -s /etc/passwd a; ln -s ../../../../../secret b; ln -s "$ROOT/../secret" c; ln -s /etc dir; ln -s / slash
            ln -s /proc/self/environ e; ln -s /proc/self/root r
            """)
        let selection = try tree.select(
            .init(patterns: ["*", "dir/*", "/etc/passwd", "../../../../../secret", "r/etc/passwd"]))
        #expect(selection.files.map(\.name.description) == ["ok"])
        #expect(selection.notes.contains(.brokenLink(path: "\(Self.source)/a")))
        #expect(selection.notes.contains(.linkLeavesTree(path: "\(Self.source)/slash", target: "/")))
    }

    @Test func `on the host's own root links do not leave the tree`() throws {
        let scratch = try Scratch()
        try scratch.sh("mkdir src; echo x > src/f; ln -s f src/l; ln -s /etc/passwd src/p; ln -s /etc src/e")
        let real = FilePath(try scratch.sh("pwd -P").split(separator: "\n").joined())
        let selector = try FileSelector(root: "/", sourceDirectory: real.appending("src"))
        let selection = try selector.select(.init(patterns: ["**/*"]))
        #expect(selection.files.map(\.name.description) == ["f", "l"])
        #expect(selection.notes.contains(.linkLeavesTree(path: "\(real)/src/p", target: "/etc/passwd")))
        #expect(selection.notes.contains(.linkLeavesTree(path: "\(real)/src/e", target: "/etc")))
    }

    @Test func `enters linked directories inside the tree but never runs in circles`() throws {
        let tree = try BuildTree(
            """
            mkdir -p a/b other; touch a/b/f other/o
            ln -s ../other a/link; ln -s . a/self; ln -s ../.. a/b/up; ln -s ../a other/back; ln -s loop loop; ln -s missing gone
            """)
        let selection = try tree.select(.init(patterns: ["**/*"]))
        #expect(
            selection.files.map(\.name.description) == ["a/b/f", "a/link/o", "other/back/b/f", "other/o"])
        #expect(
            selection.notes.contains(.linkLoop(path: "\(Self.source)/a/self", target: "\(Self.source)/a")))
        #expect(selection.notes.contains(.brokenLink(path: "\(Self.source)/loop")))
        #expect(selection.notes.contains(.brokenLink(path: "\(Self.source)/gone")))
    }

    @Test func `keeps links that point inside the artifact`() throws {
        let tree = try BuildTree(
            """
            mkdir -p lib/v1 out; echo 1 > lib/v1/x; echo 2 > lib/y; echo 3 > out/z; echo 4 > $ROOT/root/home
            ln -s v1 lib/current; ln -s ../lib/y out/y; ln -s \(Self.source)/lib/v1/x out/abs; ln -s /root/home lib/home
            ln -s y lib/chain1; ln -s chain1 lib/chain2; ln -s ../.. lib/outside
            """)
        let selection = try tree.select(.init(patterns: ["**/*"], enableSymlinks: true))
        let contents = selection.files.map { file in
            switch file.content {
            case .file: file.name.description
            case .link(let target): "\(file.name) -> \(String(decoding: target, as: UTF8.self))"
            }
        }
        #expect(
            contents == [
                "lib/chain1 -> y", "lib/chain2 -> chain1", "lib/current -> v1", "lib/home", "lib/v1/x",
                "lib/y",
                "out/abs -> ../lib/v1/x", "out/y -> ../lib/y", "out/z",
            ])
        #expect(
            selection.notes.contains(
                .linkLeavesTree(path: "\(Self.source)/lib/outside", target: "/codebuild/output/src123")))
    }

    @Test func `stores the content of a link whose target is not selected`() throws {
        let tree = try BuildTree("mkdir a b; echo 1 > a/x; ln -s ../a/x b/l; ln -s ../a b/d")
        let selection = try tree.select(.init(patterns: ["b/**/*"], enableSymlinks: true))
        #expect(selection.files.map(\.name.description) == ["b/l"])
        #expect(selection.files.map(\.content) == [.file])
        #expect(selection.notes.contains(.linkTargetNotSelected(path: "\(Self.source)/b/d")))
    }

    @Test func `a file replaced by a link or a pipe after selection is not read`() throws {
        let tree = try BuildTree("touch f g; echo secret > $ROOT/root/s")
        let selection = try tree.select(.init(patterns: ["*"]))
        try tree.scratch.sh("cd root/codebuild/output/src123/src; rm f g; ln -s /root/s f; mkfifo g")
        for file in selection.files {
            let error = try #require(throws: ArchivingError.self) { try selection.open(file).close() }
            #expect(error.code == .changedWhileReading)
        }
    }
}
