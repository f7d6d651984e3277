import Packaging
import SystemPackage
import TestSupport
import Testing

struct PrivateFileTests {
    @Test func `replaces a file in one step`() throws {
        let scratch = try Scratch()
        try scratch.sh("echo old > f; ln f hard; umask 077")
        try PrivateFile.write(Array("new\n".utf8), to: scratch.path.appending("f"))
        #expect(try scratch.sh("cat f hard; stat -c %a f; ls -A") == "new\nold\n644\nf\nhard\n")
        let error = try #require(throws: PackagingError.self) {
            try PrivateFile.write(scratch.path.appending("f")) { _ throws(PackagingError) in
                _ = try ImageURI("")
            }
        }
        #expect(error.code == .invalidImageURI)
        #expect(try scratch.sh("cat f; ls -A") == "new\nf\nhard\n")
    }

    @Test(.filesWithoutNames) func `has no name before it is complete`() throws {
        let scratch = try Scratch()
        try scratch.sh("echo old > f; chmod 640 f; ln -s deep/new gone; mkdir deep")
        for name in ["f", "gone", "fresh"] {
            let before = try scratch.sh("ls -AR")
            try PrivateFile.write(scratch.path.appending(name)) { file throws(PackagingError) in
                #expect((try? scratch.sh("ls -AR")) == before)
                #expect((try? file.writeAll(Array("new\n".utf8))) == 4)
            }
        }
        #expect(
            try scratch.sh("cat f gone fresh deep/new; stat -c %a f; ls -A")
                == "new\nnew\nnew\nnew\n640\ndeep\nf\nfresh\ngone\n")
        let error = try #require(throws: PackagingError.self) {
            try scratch.sh("ln -s b a; ln -s a b")
            try PrivateFile.write([], to: scratch.path.appending("a"))
        }
        #expect(error.code == .unwritable)
    }

    @Test(arguments: [
        // As it would be written: stays, and is new.
        ("chmod 644 f", true), ("chmod 600 f", true), ("ln f hard", false), ("printf 'new!' > f", false),
        ("printf 'NEW\\n' > f", false), ("mv f other; ln -s other f", false), ("rm f", false),
    ])
    func `a file that is the same already is only renewed`(change: String, isKept: Bool) throws {
        let scratch = try Scratch()
        let inode = "stat -L -c %i f 2>/dev/null || echo none"
        try scratch.sh("umask 022; echo new > f; \(change); touch -h -d 2001-01-01 f 2>/dev/null || true")
        let before = try scratch.sh(inode)
        try PrivateFile.write(Array("new\n".utf8), to: scratch.path.appending("f"))
        #expect((try scratch.sh(inode) == before) == isKept)
        #expect(try scratch.sh("find -L f -mmin -5") == "f\n")
        let mode = change == "chmod 600 f" ? "600" : "644"
        #expect(try scratch.sh("cat f; stat -L -c %a f") == "new\n\(mode)\n")
        #expect(try scratch.sh("ls -A | grep -c '^\\.' || true") == "0\n")
    }
}
