import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// What `run` leaves behind: the `.buildspec` tree of the contract and nothing else.
@Suite struct LeavingsTests {
    private static let withArtifact = commands("echo content > out.txt") + "artifacts:\n  files: [out.txt]\n"

    @Test func `the tree is the contract's, and numbers count up`() async throws {
        try await withProject(Self.withArtifact) { project in
            let first = try await project.run()
            #expect(first.status == 0)
            let uuid = try #require(try project.builds().first)
            #expect(
                uuid.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/)
                    != nil)
            #expect(
                try project.files(below: "app") == [
                    ".buildspec/.gitignore", ".buildspec/artifacts/app.zip.enc",
                    ".buildspec/builds/\(uuid)/build.json",
                    ".buildspec/builds/\(uuid)/build.log", ".buildspec/state.json", "buildspec.yml",
                ])
            #expect(try project.log() == first.standardOutput)
            let record = try project.record()
            #expect(record.buildNumber == 1)
            #expect(record.projectName == "app")
            #expect(record.id == "app:\(uuid)")
            #expect(record.arn == "arn:aws:codebuild:us-east-1:000000000000:build/app:\(uuid)")
            #expect(record.buildComplete)
            #expect(record.currentPhase == "COMPLETED")
            #expect(try await project.run().status == 0)
            let state = try project.scratch.read("app/.buildspec/state.json")
            #expect(
                try JSONDecoder().decode([String: [String: Int]].self, from: Data(state))
                    == ["buildNumbers": ["app": 2]])
            #expect(try project.builds().count == 2)
        }
    }

    @Test func `builds at the same time get numbers of their own`() async throws {
        try await withProject(commands("echo number=$CODEBUILD_BUILD_NUMBER")) { project in
            let numbers = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        let outcome = try await project.run()
                        return outcome.standardOutput.split(separator: "\n")
                            .first { $0.hasPrefix("number=") }.map(String.init) ?? outcome.standardError
                    }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(numbers == Set((1...10).map { "number=\($0)" }))
            let left = try project.files(below: "app/.buildspec")
            #expect(left.filter { $0.hasSuffix("/build.json") }.count == 10)
            #expect(left.filter { $0.hasSuffix("/build.log") }.count == 10)
            #expect(left.count == 22, "\(left)")
        }
    }

    @Test func `git sees nothing of it`() async throws {
        try await withProject(Self.withArtifact) { project in
            try await project.tool("/usr/bin/git", "init", "-q")
            _ = try await project.run()
            let status = try await project.tool(
                "/usr/bin/git", "status", "--porcelain", "--untracked-files=all")
            #expect(status.standardOutput == "?? buildspec.yml\n")
        }
    }

    @Test func `only the owner can read the log, the record and the key`() async throws {
        try await withProject(Self.withArtifact) { project in
            _ = try await project.run()
            let uuid = try #require(try project.builds().first)
            for name in [
                "app/.buildspec/builds/\(uuid)/build.json", "app/.buildspec/builds/\(uuid)/build.log",
                "home/.config/buildspec/local.key",
            ] {
                let mode = try await project.tool(
                    "/usr/bin/stat", "-c", "%a", project.scratch.path.appending(name).string)
                #expect(mode.standardOutput == "600\n", "\(name)")
            }
        }
    }

    @Test func `a damaged state file begins anew`() async throws {
        try await withProject(commands("true")) { project in
            try project.scratch.write("{{{", to: "app/.buildspec/state.json")
            #expect(try await project.run().status == 0)
            #expect(try project.record().buildNumber == 1)
        }
    }

    @Test func `the build sees nothing of earlier builds, and artifacts take none of it`() async throws {
        let buildspec = commands("ls -A; echo x > x.txt") + "artifacts:\n  files: ['**/*']\n"
        try await withProject(buildspec) { project in
            _ = try await project.run("--encryption", "none")
            let second = try await project.run("--encryption", "none")
            #expect(second.standardOutput.contains("\nbuildspec.yml\n\n"))
            let list = try await project.tool("/usr/bin/unzip", "-Z1", ".buildspec/artifacts/app.zip")
            #expect(list.standardOutput.split(separator: "\n").sorted() == ["buildspec.yml", "x.txt"])
        }
    }

    @Test func `the source itself stays as it was`() async throws {
        try await withProject(commands("rm -rf ./* ; echo changed > new.txt; mkdir -p a/b; chmod 0 a")) {
            project in
            try project.scratch.write("mine", to: "app/keep.txt")
            #expect(try await project.run().status == 0)
            #expect(String(decoding: try project.scratch.read("app/keep.txt"), as: UTF8.self) == "mine")
            #expect(
                try project.files(below: "app").filter { !$0.hasPrefix(".buildspec") } == [
                    "buildspec.yml", "keep.txt",
                ])
        }
    }

    @Test func `--keep prints where the workspace is, and it holds what the build made`() async throws {
        try await withProject(commands("echo made > made.txt")) { project in
            let outcome = try await project.run("--keep")
            #expect(outcome.status == 0)
            let line = try #require(
                outcome.standardError.split(separator: "\n").first { $0.contains("workspace is kept") })
            let place = String(line.dropFirst("buildspec: the workspace is kept: ".count))
            #expect(try String(contentsOf: URL(filePath: "\(place)/made.txt"), encoding: .utf8) == "made\n")
            #expect(place.hasPrefix(project.directory.string))
            #expect(try project.files(below: "app").allSatisfy { !$0.contains("/work/") })
            // A later build does not sweep it away.
            _ = try await project.run()
            #expect(FileManager.default.fileExists(atPath: "\(place)/made.txt"))
        }
    }

    @Test func `--record writes the same record elsewhere too`() async throws {
        try await withProject(commands("false")) { project in
            let outcome = try await project.run("--record", "../record.json")
            #expect(outcome.status == 1)
            let uuid = try #require(try project.builds().first)
            #expect(
                try project.scratch.read("record.json")
                    == project.scratch.read("app/.buildspec/builds/\(uuid)/build.json"))
        }
    }

    @Test func `--record follows links, and writes to what is no file as it is`() async throws {
        try await withProject(commands("true")) { project in
            let shown = project.scratch.path.appending("shown").string
            // What /dev/stdout is, which nobody may replace.
            #expect(symlink("/proc/self/fd/1", shown) == 0)
            let outcome = try await project.run("--record", shown)
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.standardOutput.contains("\"buildStatus\" : \"SUCCEEDED\""), "\(outcome)")
            let link = project.scratch.path.appending("link.json").string
            try project.scratch.write("old", to: "file.json")
            #expect(symlink("file.json", link) == 0)
            #expect(try await project.run("--record", link).status == 0)
            #expect(try RecordFile.read(project.scratch.read("file.json")).buildStatus == "SUCCEEDED")
            for path in [shown, link] {
                var status = stat()
                #expect(lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK, "\(path)")
            }
        }
    }

    @Test func `--record into a directory that is missing is refused before the build`() async throws {
        try await withProject(commands("true")) { project in
            let outcome = try await project.run("--record", "../nowhere/record.json")
            #expect(outcome.status == 2)
            #expect(outcome.standardError.contains("error: --record ../nowhere/record.json: "))
            #expect(outcome.standardOutput.isEmpty)
            #expect(try project.files(below: "app") == ["buildspec.yml"])
        }
    }

    @Test(arguments: [["--region", "us east"], ["--output", "s3://Bad_Bucket!/x"]])
    func `what cannot be a name is refused before the build`(arguments: [String]) async throws {
        try await withProject(commands("true")) { project in
            let outcome = try await project.buildspec(
                ["run"] + arguments, environment: ["AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"])
            #expect(outcome.status == 2, "\(outcome)")
            #expect(outcome.standardOutput.isEmpty)
        }
    }

    @Test func `plan tells what the buildspec decides, and refuses an invalid one`() async throws {
        let buildspec = """
            version: 0.2
            env:
              variables: {A: 1, B: 2}
            phases:
              build:
                commands: [make]

            """
        try await withProject(buildspec) { project in
            let outcome = try await project.buildspec(["plan", ".", "--env", "B=3"])
            #expect(outcome.status == 0)
            for line in [
                "variable A: (set)  (env/variables, line 3)", "variable B: (set)  (--env or --env-file)",
                "phase build: 1 commands, 0 in finally  (line 5)", "shell: sh  (default)",
            ] {
                #expect(outcome.standardOutput.contains(line + "\n"), "\(outcome.standardOutput)")
            }
            try project.scratch.write("phases: {}\n\tx", to: "app/buildspec.yml")
            let refused = try await project.buildspec(["plan", "."])
            #expect(refused.status == 1)
            #expect(refused.standardError.contains("buildspec.yml:2:"))
            #expect(try project.files(below: "app") == ["buildspec.yml"])
        }
    }

    @Test func `a build without artifacts needs no key and no home`() async throws {
        try await withProject(commands("true")) { project in
            let outcome = try await project.run(environment: ["HOME": ""])
            #expect(outcome.status == 0)
            #expect(try project.files(below: "home") == [".profile"])
        }
    }

    @Test func `an artifact without any place for a key fails with 3 and says what to give`() async throws {
        try await withProject(Self.withArtifact) { project in
            let outcome = try await project.run(environment: ["HOME": ""])
            #expect(outcome.status == 3)
            #expect(outcome.standardError.contains("\n  hint: give --encryption-key local:FILE\n"))
        }
    }
}
