import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Archiving

/// Programs that read archives, other than those that are always there.
private func isInstalled(_ tool: String) -> Bool {
    ["/usr/bin", "/usr/local/bin", "/bin"].contains {
        FileManager.default.isExecutableFile(atPath: "\($0)/\(tool)")
    }
}

/// Makes a tree from a seed: names in many scripts, odd modes, deep paths, empty files, links.
private let randomTree = #"""
    import os, random, sys
    g = random.Random(int(sys.argv[1]))
    words = ["a", "Ω", "日本語", "naïve", "مرحبا", "🙂", "with space", "-dash", ".dot", "quote'\"", "back\\slash", "tab\there",
             "new\nline", "*", "[x]", "é", "e\u0301", "A" * 200, "%41", "~", "a.b", "a-b", "A", "ß" * 60]
    made = ["."]
    for number in range(120):
        parent = g.choice(made)
        path = os.path.join(parent, g.choice(words) + g.choice(["", str(number)]))
        if os.path.lexists(path) or len(os.fsencode(path)) > 3500: continue
        kind = g.random()
        if kind < 0.35 or (kind < 0.5 and parent.count("/") < 12):
            os.mkdir(path); made.append(path)
        elif kind < 0.6 and number:
            os.symlink(g.choice(["missing", ".", "a", "日本語/x"]), path)
        else:
            size = g.choice([0, 0, 1, 100, 5000, 70000, 200000])
            data = g.randbytes(size) if g.random() < 0.4 else (b"text and more text " * (size // 19 + 1))[:size]
            with open(path, "wb") as file: file.write(data)
            os.chmod(path, g.choice([0o644, 0o755, 0o600, 0o777, 0o444, 0o555, 0o640, 0o711, 0o000]) | 0o400)
            os.utime(path, (1, g.randrange(315532800, 2000000000)))
    open("file", "w").write("at least one")
    """#

/// Compares every entry with the tree it came from, and counts them.
private let exactly = #"""
    import os, stat, subprocess, sys, zipfile
    src = "root/codebuild/output/src123/src"
    z = zipfile.ZipFile("out.zip"); assert z.testzip() is None
    seen = {}
    for i in z.infolist():
        path = os.path.join(src, i.orig_filename); s = os.lstat(path); mode = i.external_attr >> 16
        assert stat.S_IFMT(mode) == stat.S_IFMT(s.st_mode), i.filename
        data = os.readlink(path).encode() if stat.S_ISLNK(mode) else open(path, "rb").read()
        assert z.read(i) == data, i.filename
        assert stat.S_ISLNK(mode) or stat.S_IMODE(mode) == stat.S_IMODE(s.st_mode), (i.filename, oct(mode))
        seen[i.filename] = 1
    files = [os.path.relpath(os.path.join(d, n), src) for d, ds, fs in os.walk(src) for n in fs + [x for x in ds if os.path.islink(os.path.join(d, x))]]
    assert sorted(files) == sorted(seen), set(files) ^ set(seen)
    print(len(seen))
    """#

struct ZipReadersTests {
    private static func packed(seed: Int, blockSize: Int = 60_000) throws -> BuildTree {
        let tree = try BuildTree("cat > /dev/null")
        try write(Array(randomTree.utf8), to: tree.scratch.path.appending("make.py"))
        try tree.scratch.sh("cd root/codebuild/output/src123/src; python3 ../../../../../make.py \(seed)")
        let selection = try tree.select(.init(patterns: ["**/*"], keepsEveryLink: true))
        try tree.zip(selection, blockSize: blockSize, threads: 3)
        return tree
    }

    @Test(arguments: 1...12)
    func `random trees are in the archive exactly`(seed: Int) throws {
        let tree = try Self.packed(seed: seed, blockSize: seed % 2 == 0 ? 60_000 : 4 << 20)
        try tree.scratch.python(exactly)
        try tree.scratch.sh(
            "LC_ALL=C.UTF-8 unzip -tqq out.zip; LC_ALL=C.UTF-8 bsdtar -xOf out.zip > /dev/null")
    }

    @Test(.enabled(if: isInstalled("7z"), "7z is not installed (p7zip-full)"), arguments: 1...4)
    func `7z accepts random trees`(seed: Int) throws {
        try Self.packed(seed: seed).scratch.sh(
            "7z t out.zip > log 2>&1 || { cat log; exit 1; }; grep -q 'Everything is Ok' log")
    }

    @Test(.enabled(if: isInstalled("jar"), "jar is not installed (a JDK, or fastjar)"), arguments: 1...2)
    func `jar accepts random trees`(seed: Int) throws {
        let tree = try Self.packed(seed: seed)
        try tree.scratch.sh(
            "LC_ALL=C.UTF-8 jar tf out.zip > log; test -s log; LC_ALL=C.UTF-8 jar t < out.zip > streamed; cmp log streamed"
        )
    }

    @Test func `seventy thousand entries are read by all`() throws {
        let tree = try BuildTree(
            "python3 -c 'import os\nfor i in range(70000):\n  if i % 1000 == 0: os.mkdir(str(i // 1000))\n  os.mknod(f\"{i // 1000}/{i}\")'"
        )
        #expect(try tree.zip(tree.select(.init(patterns: ["**/*"]))).entryCount == 70_000)
        try tree.scratch.sh(
            """
            test $(bsdtar -tf out.zip | wc -l) = 70000; unzip -tqq out.zip
            ! command -v 7z > /dev/null || 7z t out.zip | grep -q 'Files: 70000'
            ! command -v jar > /dev/null || test $(jar tf out.zip | wc -l) = 70000
            python3 -c 'import zipfile; assert len(zipfile.ZipFile("out.zip").namelist()) == 70000'
            """)
    }
}
