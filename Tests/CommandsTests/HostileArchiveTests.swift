import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// Archives made by hand to do harm, and good ones of all kinds, through the real binary.
@Suite struct HostileArchiveTests {
    private static let script = FilePath(#filePath).removingLastComponent().appending("Archives/evil.py")

    @Test func `hostile archives are refused with the entry's name and leave nothing behind`() async throws {
        try await withProject { project in
            let archives = try await Self.make(in: project)
            #expect(archives.count > 92)
            for archive in archives {
                let outcome = try await project.buildspec([
                    "artifact", "open", "../evil/\(archive.name)", "-o", "out",
                ])
                #expect(outcome.status == 1, "\(archive.name): \(outcome)")
                #expect(outcome.standardError.contains("buildspec: error: "), "\(archive.name)")
                #expect(
                    outcome.standardError.contains(archive.entry), "\(archive.name): \(outcome.standardError)"
                )
                #expect(try FileManager.default.contentsOfDirectory(atPath: project.directory.string) == [])
            }
            #expect(!FileManager.default.fileExists(atPath: "/tmp/buildspec-evil"))
        }
    }

    @Test func `hostile sources fail before anything is built`() async throws {
        try await withProject { project in
            let archives = try await Self.make(in: project)
            for (index, archive) in archives.enumerated() where index % 6 == 0 {
                let outcome = try await project.run(
                    "../evil/\(archive.name)", "--sandbox", "host", "--output", "out")
                #expect(outcome.status == 1, "\(archive.name): \(outcome)")
                #expect(outcome.standardError.contains("DOWNLOAD_SOURCE"), "\(archive.name)")
                #expect(
                    outcome.standardError.contains(archive.entry), "\(archive.name): \(outcome.standardError)"
                )
            }
            let left = try project.files(below: "evil").filter { !$0.hasPrefix(".buildspec/") }
            #expect(left.sorted() == archives.map(\.name).sorted())
            #expect(try project.files(below: "app") == [])
            #expect(!FileManager.default.fileExists(atPath: "/tmp/buildspec-evil"))
        }
    }

    private static func make(in project: TestProject) async throws -> [(name: String, entry: String)] {
        let directory = project.scratch.path.appending("evil")
        try FileManager.default.createDirectory(
            atPath: directory.string, withIntermediateDirectories: false)
        let script = try String(contentsOfFile: script.string, encoding: .utf8)
        let list = try await PythonEnvironment().run(script, arguments: [directory.string])
        return list.split(separator: "\n").map { line in
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        }
    }

    @Test(arguments: [
        ("app.zip", "head -c 40", "begins as a zip file"),
        ("app.tar.gz", "head -c -6", "compressed by gzip"),
        ("app.tar.xz", "head -c -10", "compressed by xz"),
        ("app.txt", "cat", "not an archive of a known kind"),
    ])
    func `an archive that is cut short is told from what is none`(
        name: String, cut: String, expected: String
    ) async throws {
        try await withProject { project in
            try await project.tool(
                "/bin/sh", "-c",
                """
                echo x > f; python3 -c 'import zipfile; zipfile.ZipFile("app.zip", "w").write("f")'
                tar -czf app.tar.gz f; tar -cJf app.tar.xz f; cp f app.txt; \(cut) \(name) > cut; mv cut \(name)
                """)
            let outcome = try await project.buildspec(["artifact", "open", name, "-o", "out"])
            #expect(outcome.status == 1 && outcome.standardError.contains(expected), "\(outcome)")
        }
    }

    @Test func `names that other systems take for one are told`() async throws {
        try await withProject { project in
            let script = """
                import sys, zipfile
                with zipfile.ZipFile(sys.argv[1], "w") as z:
                    for name in ["Read.me", "READ.me", "caf\\u00e9", "cafe\\u0301", "other"]: z.writestr(name, "x")
                """
            let archive = project.scratch.path.appending("twins.zip").string
            _ = try await PythonEnvironment().run(script, arguments: [archive])
            let outcome = try await project.buildspec(["artifact", "open", archive, "-o", "out"])
            #expect(outcome.status == 0)
            #expect(
                outcome.standardError.contains("warning: \(archive): Read.me and READ.me differ only in case")
            )
            #expect(outcome.standardError.contains("caf\u{e9} and cafe\u{301} differ only"))
            #expect(try project.files(below: "app/out").count == 5)
        }
    }

    @Test func `a directory without an entry is compared with other names too`() async throws {
        try await withProject { project in
            let script = """
                import sys, zipfile
                with zipfile.ZipFile(sys.argv[1], "w") as z:
                    for name in ["Docs", "docs/b", "Lib/a", "lib/c", "lib/d", "stra\\u00dfe", "STRASSE"]:
                        z.writestr(name, "x")
                """
            let archive = project.scratch.path.appending("twins.zip").string
            _ = try await PythonEnvironment().run(script, arguments: [archive])
            let outcome = try await project.buildspec(["artifact", "open", archive, "-o", "out"])
            #expect(outcome.status == 0)
            for pair in ["Docs and docs", "Lib and lib", "stra\u{df}e and STRASSE"] {
                #expect(
                    outcome.standardError.components(separatedBy: "\(pair) differ only").count == 2, "\(pair)"
                )
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `what is no regular file is refused, and parents of the target do not stay`() async throws {
        try await withProject { project in
            try await project.tool("/bin/sh", "-c", "mkfifo pipe; printf hello > text")
            for (name, status, reason) in [
                ("pipe", 2, "no regular file"), ("missing.zip", 2, "No such file"),
                ("text", 1, "not an archive"),
            ] as [(String, Int32, String)] {
                let outcome = try await project.buildspec(["artifact", "open", name, "-o", "new/deep/out"])
                #expect(outcome.status == status && outcome.standardError.contains(reason), "\(outcome)")
                #expect(!FileManager.default.fileExists(atPath: project.directory.appending("new").string))
            }
        }
    }

    @Test func `archives of other writers are taken`() async throws {
        try await withProject { project in
            let script = """
                import gzip, os, subprocess, sys, tarfile, zipfile
                class Pipe:
                    def __init__(self, file): self.file = file
                    def write(self, data): return self.file.write(data)
                    def flush(self): self.file.flush()
                def fill(z):
                    z.writestr("Folder/", b"")
                    z.writestr("Folder/a.txt", "hello" * 100)
                    z.writestr("__MACOSX/Folder/._a.txt", b"\\0\\5\\x16\\7")
                    z.writestr("Folder/Icon\\r", b"")
                    z.writestr("Folder/e\\u0301.txt", "x")
                # Data descriptors, as writers have to use them on a pipe; macOS uses them always.
                with open("descriptors.zip", "wb") as f:
                    with zipfile.ZipFile(Pipe(f), "w", zipfile.ZIP_DEFLATED) as z: fill(z)
                with zipfile.ZipFile("wide.zip", "w") as z:
                    with z.open("big", "w", force_zip64=True) as member: member.write(b"y" * 1000)
                with zipfile.ZipFile("comment.zip", "w") as z: fill(z); z.comment = b"PK comment " * 100
                with open("program.zip", "wb") as f:
                    f.write(b"#!/bin/sh\\nexit\\n")
                    with zipfile.ZipFile(f, "a") as z: fill(z)
                for name, format in [("pax", tarfile.PAX_FORMAT), ("gnu", tarfile.GNU_FORMAT)]:
                    with tarfile.open(name + ".tar", "w", format=format) as t:
                        for part in ["d" * 120 + "/" + "f" * 120, "\\u00fc"]:
                            info = tarfile.TarInfo(part); t.addfile(info)
                with open("sparse", "wb") as f: f.truncate(1 << 20); f.seek(1 << 20); f.write(b"end")
                for format in ["gnu", "pax"]:
                    subprocess.run(["tar", "-S", "--format=" + format, "-cf", format + "-sparse.tar", "sparse"], check=True)
                os.unlink("sparse")
                # An archive that does not know of the data before it.
                with open("comment.zip", "rb") as f: moved = f.read()
                with open("moved.zip", "wb") as f: f.write(b"#!/bin/sh\\nexit\\n" + moved)
                # Members after one another, with the zeros of a tape at the end.
                with open("pax.tar", "rb") as f: whole = f.read()
                with open("members.tar.gz", "wb") as f:
                    f.write(gzip.compress(whole[:700]) + gzip.compress(b"") + gzip.compress(whole[700:]) + bytes(512))
                with open("skipped.tar.zst", "wb") as f:
                    f.write(b"\\x50\\x2a\\x4d\\x18\\x03\\0\\0\\0abc")
                    f.write(subprocess.run(["zstd", "-q"], input=whole, stdout=subprocess.PIPE, check=True).stdout)
                print("\\n".join(sorted(os.listdir("."))))
                """
            let directory = project.scratch.path.appending("good").string
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
            let names = try await PythonEnvironment().run(
                "import os, sys; os.chdir(sys.argv[1])\n" + script, arguments: [directory])
            #expect(names.split(separator: "\n").count == 11)
            for name in names.split(separator: "\n") {
                let outcome = try await project.buildspec([
                    "artifact", "open", "\(directory)/\(name)", "-o", "out-\(name)",
                ])
                #expect(outcome.status == 0, "\(name): \(outcome)")
            }
            #expect(try project.scratch.read("app/out-gnu-sparse.tar/sparse").count == (1 << 20) + 3)
            #expect(try project.scratch.read("app/out-program.zip/Folder/a.txt").count == 500)
        }
    }
}
