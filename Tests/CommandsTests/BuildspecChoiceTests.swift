import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// Which buildspec `run` takes, and which source.
@Suite struct BuildspecChoiceTests {
    @Test func `--buildspec - reads standard input`() async throws {
        try await withProject { project in
            let outcome = try await project.run("--buildspec", "-", input: commands("echo from stdin"))
            #expect(outcome.status == 0)
            #expect(outcome.standardOutput.contains("\nfrom stdin\n"))
            #expect(outcome.standardOutput.contains("YAML location is /codebuild/readonly/buildspec.yml\n"))
        }
    }

    @Test func `a path in the source is taken from there`() async throws {
        try await withProject(commands("echo wrong")) { project in
            try project.scratch.write(commands("echo right"), to: "app/ci/other.yml")
            for argument in [
                "ci/other.yml", "./ci/../ci/other.yml", project.directory.string + "/ci/other.yml",
            ] {
                let outcome = try await project.run("--buildspec", argument)
                #expect(outcome.status == 0)
                #expect(outcome.standardOutput.contains("\nright\n"))
                #expect(outcome.standardOutput.contains("/src/ci/other.yml\n"), "\(outcome.standardOutput)")
            }
        }
    }

    @Test func `a path outside of the source is taken as inline text`() async throws {
        try await withProject(commands("echo wrong")) { project in
            try project.scratch.write(commands("echo outside"), to: "elsewhere.yml")
            for argument in ["../elsewhere.yml", project.scratch.path.string + "/elsewhere.yml"] {
                let outcome = try await project.run("--buildspec", argument)
                #expect(outcome.status == 0)
                #expect(outcome.standardOutput.contains("\noutside\n"))
            }
        }
    }

    @Test func `buildspec.yaml is the second choice, and .yml the first`() async throws {
        try await withProject { project in
            try project.scratch.write(commands("echo long ending"), to: "app/buildspec.yaml")
            #expect(try await project.run().standardOutput.contains("\nlong ending\n"))
            try project.scratch.write(commands("echo short ending"), to: "app/buildspec.yml")
            #expect(try await project.run().standardOutput.contains("\nshort ending\n"))
        }
    }

    @Test(arguments: [
        ("app.zip", "import shutil; shutil.make_archive('../app', 'zip', '.')"),
        ("app.tar.gz", "import shutil; shutil.make_archive('../app', 'gztar', '.')"),
        ("app.tar", "import shutil; shutil.make_archive('../app', 'tar', '.')"),
    ])
    func `an archive is a source`(name: String, script: String) async throws {
        try await withProject(commands("cat data.txt; ls run.sh; ./run.sh; echo id=$CODEBUILD_BUILD_ID")) {
            project in
            try project.scratch.write("packed\n", to: "app/data.txt")
            let run = try project.scratch.write("#!/bin/sh\necho ran\n", to: "app/run.sh")
            try await project.tool("/bin/chmod", "755", run.string)
            try await project.tool("/usr/bin/python3", "-c", script)
            let outcome = try await project.buildspec(["run", name], in: project.scratch.path)
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.standardOutput.contains("\npacked\nrun.sh\nran\n"))
            #expect(try project.files(below: ".buildspec").contains("state.json"))
            #expect(outcome.standardOutput.contains("\nid=app:"))
        }
    }

    /// Zip archives that try to get out, as Python writes them.
    @Test(arguments: [
        "z.writestr('../evil.txt', 'x')",
        "z.writestr('/tmp/buildspec-evil-absolute.txt', 'x')",
        "z.writestr('a/../../evil.txt', 'x')",
        "i = zipfile.ZipInfo('link'); i.external_attr = 0o120777 << 16; i.create_system = 3; "
            + "z.writestr(i, '../..'); z.writestr('link/evil.txt', 'x')",
    ])
    func `an archive that leads out is refused`(entry: String) async throws {
        try await withProject { project in
            try await project.tool(
                "/usr/bin/python3", "-c",
                "import zipfile; z = zipfile.ZipFile('../app.zip', 'w'); "
                    + "z.writestr('buildspec.yml', 'version: 0.2\\nphases: {build: {commands: [\"true\"]}}'); "
                    + entry + "; z.close()")
            let outcome = try await project.buildspec(["run", "app.zip"], in: project.scratch.path)
            #expect(outcome.status == 1, "\(outcome)")
            let reason = "cannot unpack \(project.scratch.path)/app.zip: "
            #expect(
                outcome.standardError.hasPrefix(
                    "buildspec: error: the build failed in DOWNLOAD_SOURCE: " + reason))
            #expect(outcome.standardOutput.contains("status code: CLIENT_ERROR Message: " + reason))
            #expect(try project.files(below: ".").allSatisfy { !$0.contains("evil") })
            #expect(!FileManager.default.fileExists(atPath: "/tmp/buildspec-evil-absolute.txt"))
        }
    }

    @Test(arguments: ["", "PK\u{3}\u{4}garbage", "not an archive at all\n"])
    func `a file that is no archive is refused`(content: String) async throws {
        try await withProject { project in
            try project.scratch.write(content, to: "app.zip")
            let outcome = try await project.buildspec(["run", "app.zip"], in: project.scratch.path)
            #expect(outcome.status == 1)
            #expect(outcome.standardError.contains("app.zip: "), "\(outcome)")
        }
    }

    @Test func `secondary sources have directories of their own`() async throws {
        try await withProject(commands("cat $CODEBUILD_SRC_DIR_lib/a.txt $CODEBUILD_SRC_DIR_other/b.txt")) {
            project in
            try project.scratch.write("first\n", to: "lib/a.txt")
            try project.scratch.write("second\n", to: "more/b.txt")
            let outcome = try await project.run(
                "--secondary-source", "lib=../lib", "--secondary-source", "other=../more")
            #expect(outcome.status == 0)
            #expect(outcome.standardOutput.contains("\nfirst\nsecond\n"))
        }
    }

    @Test func `a source that cannot be written to fails with 3 and says which directory`() async throws {
        try await withProject(commands("true")) { project in
            // The super-user writes everywhere, so that an unprivileged user's place is taken by a read-only mount.
            let script =
                "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\" && cd \"$1\" && exec \"$0\" run"
            var invocation = Program.Invocation([
                "-m", "sh", "-c", script, project.binary.executable.string, project.directory.string,
            ])
            invocation.environment = project.environment
            let outcome = try await Program("/usr/bin/unshare").run(invocation)
            guard !outcome.standardError.hasPrefix("unshare:"), !outcome.standardError.hasPrefix("mount:")
            else {
                Issue.record(
                    "not tested: mounting is not allowed here (\(outcome.standardError))", severity: .warning)
                return
            }
            #expect(outcome.status == 3)
            #expect(
                outcome.standardError.hasPrefix(
                    "buildspec: error: cannot make the directory \(project.directory)/.buildspec: "))
        }
    }
}
