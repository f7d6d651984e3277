import SystemPackage
import TestSupport
import Testing

/// The exit statuses of the contract, each for a real reason.
@Suite struct ExitStatusTests {
    @Test func `a build that succeeds ends with 0 and says nothing wrong`() async throws {
        try await withProject(commands("echo fine")) { project in
            let outcome = try await project.run()
            #expect(outcome.status == 0)
            #expect(outcome.standardError == "")
            #expect(outcome.standardOutput.contains("\nfine\n"))
            #expect(try project.record().buildStatus == "SUCCEEDED")
        }
    }

    @Test func `a command that fails ends with 1 and the literal context`() async throws {
        try await withProject(commands("exit 7")) { project in
            let outcome = try await project.run()
            #expect(outcome.status == 1)
            #expect(
                outcome.standardError
                    == "buildspec: error: the build failed in BUILD: Error while executing command: exit 7."
                    + " Reason: exit status 7\n")
            #expect(
                outcome.standardOutput.contains(
                    "Phase context status code: COMMAND_EXECUTION_ERROR Message: "
                        + "Error while executing command: exit 7. Reason: exit status 7\n"))
        }
    }

    @Test(arguments: [
        ["run", "--nope"], ["nope"], ["run", "--timeout", "soon"], ["run", "--timeout", "0"],
        ["run", "--timeout", "-1"], ["run", "--timeout", "nan"], ["run", "--timeout", "1e300"],
        ["run", "--sandbox", "cardboard"], ["run", "--network", "none", "--sandbox", "host"],
        ["run", "--encryption", "sse-kms"], ["run", "--output", "s3://b", "--encryption-key", "local:k"],
        ["run", "--encryption", "none", "--encryption-key", "alias/a"], ["run", "--output", "s3://"],
        ["run", "--output", "gopher://x"], ["run", "--output", ""], ["run", "--env", "noequals"],
        ["run", "--env", "1A=b"], ["run", "--env", "=b"], ["run", "--env-file", "missing.env"],
        ["run", "--secondary-source", "x"], ["run", "--secondary-source", "a-b=."],
        ["run", "--secondary-source", "a=missing"], ["run", "missing"], ["run", "missing.zip"],
        ["run", "/dev/null"],
        ["run", "--buildspec", "missing.yml"], ["run", "--encryption-key", "local:missing.key"],
        ["run", "--encryption-key", "local:"], ["run", "--record"], ["run", ".", "extra"],
        ["validate", "missing.yml"], ["artifact", "open"], ["artifact", "open", "missing.zip", "-o", "out"],
        ["artifact", "decrypt", "missing", "-o", "out"], ["artifact", "open", "s3://b", "-o", "out"],
        ["artifact", "open", "s3://b/", "-o", "out"],
    ])
    func `a wrong invocation ends with 2, says what and why, and does nothing`(
        arguments: [String]
    ) async throws {
        try await withProject(commands("true")) { project in
            let outcome = try await project.buildspec(arguments)
            #expect(outcome.status == 2)
            #expect(outcome.standardOutput == "")
            let lines = outcome.standardError.split(separator: "\n")
            let first = try #require(lines.first)
            #expect(first.hasPrefix("buildspec: error: "))
            #expect(first.dropFirst("buildspec: error: ".count).contains(": "), "\(first)")
            #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("  hint: ") }, "\(lines)")
            #expect(try project.files(below: "app") == ["buildspec.yml"])
        }
    }

    @Test func `a sandbox that is not installed ends with 3 and says what to install`() async throws {
        try await withProject(commands("true")) { project in
            let outcome = try await project.run(environment: ["PATH": "/nonexistent"])
            #expect(outcome.status == 3)
            #expect(
                outcome.standardError.contains(
                    "error: cannot start the sandbox: the sandbox is not available: bwrap is not on the PATH\n"
                ))
            #expect(outcome.standardError.contains("\n  hint: install the package `bubblewrap`"))
            #expect(try project.record().buildStatus == "FAILED")
        }
    }

    @Test(arguments: [
        "", "run", "validate", "plan", "artifact", "artifact open", "artifact decrypt", "doctor", "package",
        "schema", "worker",
        "package lambda", "package template", "package image-definitions", "package image-detail",
    ])
    func `help is on standard output and has an example`(command: String) async throws {
        try await withProject { project in
            let words = command.split(separator: " ").map(String.init)
            let outcome = try await project.buildspec(words + ["--help"])
            #expect(outcome.status == 0)
            #expect(outcome.standardError == "")
            #expect(outcome.standardOutput.contains("Example:\n  buildspec \(words.first ?? "run")"))
        }
    }

    @Test func `the version is a number`() async throws {
        try await withProject { project in
            let outcome = try await project.buildspec(["--version"])
            #expect(outcome.status == 0)
            #expect(outcome.standardOutput.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
        }
    }
}
