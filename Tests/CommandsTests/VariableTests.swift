import SystemPackage
import TestSupport
import Testing

/// `--env`, `--env-file`, and what the runner's own environment must not tell a build.
@Suite struct VariableTests {
    @Test func `--env wins over --env-file, which wins over the buildspec`() async throws {
        let buildspec =
            "version: 0.2\nenv:\n  variables: {A: spec, B: spec, C: spec}\n"
            + "phases: {build: {commands: ['echo \"[$A][$B][$C]\"']}}\n"
        try await withProject(buildspec) { project in
            try project.scratch.write("B=file\nC=file\n", to: "one.env")
            try project.scratch.write("B=second\n", to: "two.env")
            let outcome = try await project.run(
                "--env", "C=flag", "--env-file", "../one.env", "--env-file", "../two.env")
            #expect(outcome.standardOutput.contains("\n[spec][second][flag]\n"))
        }
    }

    @Test func `values arrive literally`() async throws {
        let value = "a 'b' \"c\" $HOME `id` \\n *; # é ⏎ =x="
        try await withProject(commands("printf '%s' \"$A\" > a.txt")) { project in
            let outcome = try await project.run("--env", "A=\(value)", "--env", "EMPTY=", "--keep")
            #expect(outcome.status == 0)
            let kept = try project.files(below: "app/.buildspec").first { $0.hasSuffix("/src/a.txt") }
            #expect(
                String(decoding: try project.scratch.read("app/.buildspec/\(#require(kept))"), as: UTF8.self)
                    == value)
        }
    }

    @Test func `a value over several lines, and one that begins with a combining mark`() async throws {
        try await withProject(commands("printf '%s|%s|' \"$A\" \"$B\"")) { project in
            let outcome = try await project.run("--env", "A=one\ntwo", "--env", "B=\u{301}x")
            #expect(outcome.status == 0)
            #expect(outcome.standardOutput.contains("one\ntwo|\u{301}x|"))
        }
    }

    @Test func `env files have comments, empty lines and CRLF, and quotes are literal`() async throws {
        try await withProject(commands("echo \"[$A][$B][$C][$D]\"")) { project in
            try project.scratch.write(
                "# a comment\r\n\r\nA=one\r\n  # indented\r\n  B=\"two\"\r\nC=a=b # no comment\r\nD=",
                to: "a.env")
            let outcome = try await project.run("--env-file", "../a.env")
            #expect(outcome.standardOutput.contains("\n[one][\"two\"][a=b # no comment][]\n"))
        }
    }

    @Test(arguments: [
        "GOOD=1\nhunter2 secret", "GOOD=1\n hunter2", "GOOD=1\r\n9hunter2=x", "GOOD=1\nhunter-2=x",
    ])
    func `a bad line is named by file and number, and never shown`(content: String) async throws {
        try await withProject(commands("true")) { project in
            try project.scratch.write(content, to: "a.env")
            let outcome = try await project.run("--env-file", "../a.env")
            #expect(outcome.status == 2)
            #expect(
                outcome.standardError
                    == "buildspec: error: --env-file ../a.env: line 2: expected NAME=VALUE\n")
        }
    }

    @Test func `a bad --env does not show what may be a secret`() async throws {
        try await withProject(commands("true")) { project in
            let outcome = try await project.run("--env", "bad-name=hunter2")
            #expect(outcome.status == 2)
            #expect(outcome.standardError == "buildspec: error: --env bad-name: expected NAME=VALUE\n")
            let word = try await project.run("--env", "hunter2hunter2")
            #expect(word.status == 2)
            #expect(!word.standardError.contains("hunter2"))
        }
    }

    @Test(arguments: ["bubblewrap", "host"])
    func `the runner's environment is invisible inside`(sandbox: String) async throws {
        let look = "env; cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -a CANARY; echo over"
        try await withProject(commands(sandbox == "host" ? "env; echo over" : look)) { project in
            let outcome = try await project.run(
                "--sandbox", sandbox,
                environment: [
                    "CANARY": "visible-canary", "AWS_SECRET_ACCESS_KEY": "visible-secret-key",
                    "AWS_SESSION_TOKEN": "visible-session-token", "AWS_ACCESS_KEY_ID": "visible-access-key",
                ])
            #expect(outcome.status == 0)
            #expect(outcome.standardOutput.contains("\nover\n"))
            #expect(!outcome.standardOutput.contains("CANARY="))
            #expect(!outcome.standardOutput.contains("visible-"))
            #expect(!outcome.standardOutput.contains("AWS_SECRET_ACCESS_KEY"))
            #expect(!outcome.standardOutput.contains("AWS_ACCESS_KEY_ID"))
        }
    }

    @Test(arguments: ["bubblewrap", "host"])
    func `buildspec itself is on the build's PATH`(sandbox: String) async throws {
        try await withProject(commands("buildspec --version", "buildspec validate buildspec.yml")) {
            project in
            let outcome = try await project.run("--sandbox", sandbox)
            #expect(outcome.status == 0, "\(outcome.standardOutput)")
        }
    }

    @Test func `the commit of a work tree is known, also in a subdirectory`() async throws {
        try await withProject(commands("echo \"[$CODEBUILD_RESOLVED_SOURCE_VERSION]\"")) { project in
            try await project.tool("/usr/bin/git", "init", "-q")
            let unborn = try await project.run()
            #expect(unborn.standardOutput.contains("\n[0000000000000000000000000000000000000000]\n"))
            try project.scratch.write(
                commands("echo \"[$CODEBUILD_RESOLVED_SOURCE_VERSION]\""), to: "app/sub/buildspec.yml")
            try await project.tool("/usr/bin/git", "add", "-A")
            try await project.tool(
                "/usr/bin/git", "-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-qm",
                "first")
            let head = try await project.tool("/usr/bin/git", "rev-parse", "HEAD").standardOutput.prefix(40)
            for directory in [".", "sub"] {
                let outcome = try await project.run(directory)
                #expect(outcome.standardOutput.contains("\n[\(head)]\n"), "\(directory)")
            }
        }
    }

    @Test func `a linked work tree has a version, and a warning that its repository is elsewhere`()
        async throws
    {
        try await withProject(commands("echo \"[$CODEBUILD_RESOLVED_SOURCE_VERSION]\"")) { project in
            try await project.tool("/usr/bin/git", "init", "-q")
            try await project.tool("/usr/bin/git", "add", "-A")
            try await project.tool(
                "/usr/bin/git", "-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-qm",
                "first")
            try await project.tool("/usr/bin/git", "worktree", "add", "-q", "../linked")
            let head = try await project.tool("/usr/bin/git", "rev-parse", "HEAD").standardOutput.prefix(40)
            let outcome = try await project.run("../linked")
            #expect(outcome.status == 0)
            #expect(outcome.standardOutput.contains("\n[\(head)]\n"))
            #expect(
                outcome.standardError.contains("buildspec: warning: git commands of the build will not find"))
        }
    }

    @Test func `outside of a work tree there is no version`() async throws {
        try await withProject(commands("echo \"[${CODEBUILD_RESOLVED_SOURCE_VERSION-unset}]\"")) { project in
            let outcome = try await project.run()
            #expect(outcome.standardOutput.contains("\n[unset]\n"))
        }
    }
}
