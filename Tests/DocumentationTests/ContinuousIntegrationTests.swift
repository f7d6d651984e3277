import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// What the README gives to copy into CI: it is well formed, and its commands do what they are for.
@Suite struct ContinuousIntegrationTests {
    private static let repository = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent()
    private static let good = "version: 0.2\nphases:\n  build:\n    commands:\n      - make\n"
    private static let bad = "version: 0.2\nphases:\n  build:\n    commands:\n      - echo \"Tag: 1\"\n"

    private static func blocks() throws -> [ConfigurationBlock] {
        try ConfigurationBlock.read(repository.appending("README.md"))
    }

    @Test func `each block follows the schema of its service`() async throws {
        let tools = try PythonEnvironment()
        let checks = [
            ".pre-commit-config.yaml": [["pre-commit", "validate-config"]],
            ".github/workflows/validate.yml": [
                ["check-jsonschema", "--builtin-schema", "vendor.github-workflows"]
            ],
            ".github/workflows/scan.yml": [
                ["check-jsonschema", "--builtin-schema", "vendor.github-workflows"]
            ],
            ".gitlab-ci.yml": [["check-jsonschema", "--builtin-schema", "vendor.gitlab-ci"]],
        ]
        let blocks = try Self.blocks()
        #expect(Set(blocks.map(\.name)) == Set(checks.keys))
        try await withScratchDirectory { scratch in
            for block in blocks {
                let file = try scratch.write(block.text, to: block.name)
                for check in try #require(checks[block.name]) {
                    var invocation = Program.Invocation(check.dropFirst() + [file.string])
                    invocation.environment = ["HOME": scratch.path.string]
                    let outcome = try await Program(tools.tool(check[0])).run(invocation)
                    #expect(outcome.status == 0, "\(block.name): \(outcome)")
                }
            }
        }
    }

    @Test(
        arguments: [
            (".github/workflows/validate.yml", "::error file=buildspec.yml,line=5,"),
            (".github/workflows/scan.yml", ""), (".gitlab-ci.yml", "buildspec.yml:5:9: error: "),
        ])
    func `the commands of a job pass for a good buildspec, and tell what is wrong with a bad one`(
        _ name: String, _ beginning: String
    ) async throws {
        let block = try #require(try Self.blocks().first { $0.name == name })
        let lines = try await block.commandLines()
        #expect(lines.count == 1)
        for (text, status) in [(Self.good, Int32(0)), (Self.bad, 1)] {
            try await withScratchDirectory { scratch in
                try scratch.write(text, to: "buildspec.yml")
                for line in lines {
                    let outcome = try await run(line, scratch, isGitHub: name.hasPrefix(".github"))
                    #expect(outcome.status == status, "\(outcome)")
                    #expect(outcome.standardError == "")
                    let isTold =
                        status == 0
                        ? outcome.standardOutput == "" : outcome.standardOutput.hasPrefix(beginning)
                    #expect(isTold, "\(outcome)")
                }
                guard block.text.contains("sarif_file: buildspec.sarif") else { return }
                let document = String(decoding: try scratch.read("buildspec.sarif"), as: UTF8.self)
                #expect(document.contains("\"ruleId\":\"BS204\"") == (status == 1))
            }
        }
    }

    /// Runs a line as the service would: its shells end at the first command that fails.
    private func run(
        _ line: String, _ scratch: ScratchDirectory, isGitHub: Bool
    ) async throws -> Program.Outcome {
        var invocation = Program.Invocation(["-e", "-c", line])
        let binaries = try Program.buildspec().executable.removingLastComponent()
        invocation.environment = ["HOME": scratch.path.string, "PATH": "\(binaries):/usr/bin:/bin"]
        if isGitHub { invocation.environment["GITHUB_ACTIONS"] = "true" }
        invocation.directory = scratch.path
        return try await Program("/bin/sh").run(invocation)
    }

    @Test func `the pre-commit hook stops bad buildspecs, and looks at nothing else`() async throws {
        let block = try #require(try Self.blocks().first { $0.name == ".pre-commit-config.yaml" })
        try await withScratchDirectory { scratch in
            // The repository that the README's address stands for.
            let hooks = try Data(
                contentsOf: URL(filePath: Self.repository.appending(".pre-commit-hooks.yaml").string))
            try scratch.write([UInt8](hooks), to: "hooks/.pre-commit-hooks.yaml")
            try await git(
                ["init", "-q"], ["add", "."], ["commit", "-qm", "hook"], ["tag", "v0.1.0"], in: "hooks",
                scratch)

            let address = "https://git.example.com/tools/buildspec"
            #expect(block.text.contains(address))
            try scratch.write(
                block.text.replacing(address, with: scratch.path.appending("hooks").string),
                to: "app/.pre-commit-config.yaml")
            for name in [
                "docker-compose.yml", "mybuildspec.yml", "buildspec.json", ".github/workflows/buildspec.yml",
            ] {
                try scratch.write(Self.bad, to: "app/" + name)
            }
            try await git(["init", "-q"], ["add", "."], in: "app", scratch)
            let nothing = try await preCommit(scratch)
            #expect(
                nothing.status == 0 && nothing.standardOutput.contains("(no files to check)"), "\(nothing)")

            let names = [
                ".buildspec.yaml", "buildspec.yml", "ci/BuildSpec_test.yml", "ci/buildspec-prod.yaml",
                "deploy.buildspec.yml", "web-buildspec.yml",
            ]
            for name in names { try scratch.write(Self.good, to: "app/" + name) }
            try await git(["add", "."], in: "app", scratch)
            let passed = try await preCommit(scratch)
            #expect(passed.status == 0 && passed.standardOutput.contains("Passed"), "\(passed)")

            for name in names { try scratch.write(Self.bad, to: "app/" + name) }
            try await git(["add", "."], in: "app", scratch)
            let failed = try await preCommit(scratch)
            #expect(failed.status == 1 && failed.standardOutput.contains("Failed"), "\(failed)")
            let told = failed.standardOutput.matches(of: #/(?m)^(\S+):5:9: error: /#).map {
                String($0.output.1)
            }
            #expect(told.sorted() == names.sorted(), "\(failed)")
        }
    }

    private func preCommit(_ scratch: ScratchDirectory) async throws -> Program.Outcome {
        var invocation = Program.Invocation(["run", "--all-files", "--color", "never"])
        let binaries = try Program.buildspec().executable.removingLastComponent()
        invocation.environment = gitEnvironment(scratch).merging([
            "PATH": "\(binaries):/usr/bin:/bin", "PRE_COMMIT_HOME": scratch.path.appending("cache").string,
            "LC_ALL": "C.UTF-8",
        ]) { $1 }
        invocation.directory = scratch.path.appending("app")
        return try await Program(PythonEnvironment().tool("pre-commit")).run(invocation)
    }

    private func git(_ commands: [String]..., in name: String, _ scratch: ScratchDirectory) async throws {
        for command in commands {
            var invocation = Program.Invocation(command)
            invocation.environment = gitEnvironment(scratch)
            invocation.directory = scratch.path.appending(name)
            let outcome = try await Program("/usr/bin/git").run(invocation)
            try #require(outcome.status == 0, "git \(command): \(outcome)")
        }
    }

    /// Somebody who commits, without the machine's own configuration.
    private func gitEnvironment(_ scratch: ScratchDirectory) -> [String: String] {
        [
            "HOME": scratch.path.string, "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a",
            "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_COMMITTER_NAME": "a",
            "GIT_COMMITTER_EMAIL": "a@example.com",
        ]
    }
}
