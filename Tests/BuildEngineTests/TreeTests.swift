import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import BuildEngine

@Suite(.timeLimit(.minutes(5))) struct TreeTests {
    /// Runs a script in a directory; its output and errors.
    @discardableResult
    private func sh(_ script: String, in directory: FilePath) async throws -> String {
        let result = try await Subprocess.run(
            .name("sh"), arguments: ["-euc", script], workingDirectory: directory,
            output: .string(limit: 1 << 20), error: .combinedWithOutput)
        #expect(result.terminationStatus.isSuccess, "\(script): \(result.standardOutput)")
        return result.standardOutput
    }

    /// Copies `source` of the scratch directory to `target`.
    private func copy(_ scratch: ScratchDirectory) throws -> [String] {
        mkdir(scratch.path.appending("target").string, 0o755)
        var copy = TreeCopy(excluding: ".buildspec")
        try copy.run(from: scratch.path.appending("source"), to: scratch.path.appending("target"))
        return copy.remarks
    }

    @Test func `a copy has contents, modes, times and links`() async throws {
        try await withScratchDirectory { scratch in
            try await sh(
                """
                mkdir -p source/sub/.buildspec source/.buildspec source/locked source/.git
                echo content >source/file; printf x >source/.git/HEAD; : >source/empty
                echo run >source/tool; chmod 750 source/tool; echo s >source/suid; chmod 4755 source/suid
                echo in >source/locked/in; touch -d '2001-02-03 04:05:06.789 UTC' source/file source/tool
                touch -d '2002-01-01 UTC' source/sub; chmod 555 source/locked
                echo no >source/.buildspec/no; echo yes >source/sub/.buildspec/yes
                ln -s file source/link; ln -s /etc/passwd source/outside; ln -s nowhere source/broken; ln -s sub source/dir
                printf x >"$(printf 'source/\\377name')"; printf x >'source/new
                line'
                """, in: scratch.path)
            #expect(try copy(scratch).isEmpty)
            let list =
                "find . -mindepth 1 -not -path './.buildspec*' -printf '%P %M %l %T@ %s\\n' | sed 's/rws/rwx/' | sort"
            let files = list.replacing("-printf", with: "-not -type d -printf")
            #expect(
                try await sh(files, in: scratch.path.appending("source"))
                    == (try await sh(files, in: scratch.path.appending("target"))))
            let target = scratch.path.appending("target")
            #expect(
                try await sh(
                    "cat file locked/in sub/.buildspec/yes; ls -d .buildspec 2>&1 || true", in: target
                ).hasPrefix("content\nin\nyes\nls:"))
            #expect(try await sh("stat -c '%a %Y' sub locked", in: target).contains("755 1009843200\n555 "))
            try await sh("chmod -R u+rwx ../source/locked locked", in: target)
        }
    }

    @Test func `pipes and sockets are left out with a remark`() async throws {
        try await withScratchDirectory { scratch in
            try await sh("mkdir source; mkfifo source/pipe; echo x >source/file", in: scratch.path)
            let remarks = try copy(scratch)
            #expect(
                remarks == ["\(scratch.path)/source/pipe is not copied: it is no file, directory or link"])
            #expect(try scratch.read("target/file") == Array("x\n".utf8))
        }
    }

    @Test func `a source that is not there is an error with its name`() async throws {
        try await withScratchDirectory { scratch in
            let error = #expect(throws: RunnerFailure.self) { try copy(scratch) }
            #expect(error?.description == "cannot copy \(scratch.path)/source: No such file or directory")
        }
    }

    @Test func `endless nesting is an error and no crash`() async throws {
        try await withScratchDirectory { scratch in
            try await sh(
                "mkdir source; cd source; i=0; while [ $i -lt 300 ]; do mkdir d; cd d; i=$((i+1)); done",
                in: scratch.path)
            let error = #expect(throws: RunnerFailure.self) { try copy(scratch) }
            #expect(error?.reason == "directories are nested more than 256 deep")
        }
    }

    @Test func `removal gets everything and nothing else`() async throws {
        try await withScratchDirectory { scratch in
            try await sh(
                """
                mkdir -p outside tree/a/b/c tree/locked/deep; echo keep >outside/keep; chmod 640 outside/keep
                ln -s ../outside tree/link; ln -s ../../outside tree/a/link; ln outside/keep tree/hard
                echo x >tree/locked/x; echo x >tree/locked/deep/x; chmod 0 tree/locked/deep tree/locked tree/a/b
                mkfifo tree/pipe; printf x >"$(printf 'tree/\\377name')"; mkdir tree/.removing-1 tree/.removing-2
                touch tree/.removing-1/x tree/.removing-2/y
                """, in: scratch.path)
            try TreeRemoval.remove(scratch.path.appending("tree"))
            #expect(
                try await sh("ls; ls outside; stat -c %a outside/keep", in: scratch.path)
                    == "outside\nkeep\n640\n")
            try TreeRemoval.remove(scratch.path.appending("tree"))
        }
    }

    @Test func `removal of a tree of 3000 levels`() async throws {
        try await withScratchDirectory { scratch in
            try await sh(
                "mkdir tree; cd -P tree; python3 -c 'import os\nfor i in range(3000):\n os.mkdir(\"d\" * 20); os.chdir(\"d\" * 20)\n open(\"f\", \"w\").close()'",
                in: scratch.path)
            try TreeRemoval.remove(scratch.path.appending("tree"))
            #expect(try await sh("ls", in: scratch.path) == "")
        }
    }

    @Test func `removal does not follow a link in place of the directory`() async throws {
        try await withScratchDirectory { scratch in
            try await sh("mkdir outside; echo keep >outside/keep; ln -s outside tree", in: scratch.path)
            #expect(throws: RunnerFailure.self) { try TreeRemoval.remove(scratch.path.appending("tree")) }
            #expect(try scratch.read("outside/keep") == Array("keep\n".utf8))
        }
    }
}
