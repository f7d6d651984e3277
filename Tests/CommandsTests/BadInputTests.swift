import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// Buildspecs that cannot be used: CodeBuild's words where it has some, exit status 1, never a crash or a hang.
@Suite struct BadInputTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        /// Python that writes `buildspec.yml`.
        var script: String
        /// What the phase's context says.
        var message: String

        var testDescription: String { name }
    }

    private static let cases = [
        Case(name: "no file", script: "pass", message: "YAML file does not exist"),
        Case(
            name: "tab", script: #"w('version: 0.2\nphases:\n\tbuild:\n')"#,
            message: "found character that cannot start any token at line 3"),
        Case(
            name: "unknown phase", script: #"w('version: 0.2\nphases:\n  deploy:\n    commands: [x]\n')"#,
            message: "Invalid buildspec phase name: deploy. Expecting: build,install,post_build,pre_build"),
        Case(
            name: "mapping as a command",
            script: #"w('version: 0.2\nphases:\n  build:\n    commands:\n      - ls\n      - a: b\n')"#,
            message: "Expected Commands[1] to be of string type: found subkeys instead at line 6, "
                + "value of the key tag on line "),
        Case(
            name: "mapping values", script: #"w('version: 0.2\nphases: a: b\n')"#,
            message: "mapping values are not allowed in this context at line 2"),
        Case(
            name: "open flow",
            script: #"w('version: 0.2\nphases:\n  build:\n    commands: [a\n  post_build: b\n')"#,
            message: "did not find expected ',' or ']' at line"),
        Case(name: "empty", script: "w('')", message: ""),
        Case(name: "comments only", script: #"w('# nothing\n')"#, message: ""),
        Case(name: "scalar", script: "w('hello')", message: ""),
        Case(name: "list", script: #"w('- a\n- b\n')"#, message: ""),
        Case(name: "no version", script: #"w('phases: {build: {commands: [x]}}\n')"#, message: ""),
        Case(name: "version 9", script: #"w('version: 9\nphases: {build: {commands: [x]}}\n')"#, message: ""),
        Case(name: "no phases", script: #"w('version: 0.2\n')"#, message: "phases"),
        Case(name: "too large", script: "w('version: 0.2\\n' + '# ' + 'x' * (1 << 20))", message: "1 MiB"),
        Case(
            name: "very large and sparse", script: "open('buildspec.yml', 'wb').truncate(1 << 36)",
            message: "1 MiB"),
        Case(
            name: "alias bomb",
            script:
                #"w('a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n' + ''.join("a%d: &a%d [%s]\n" % (i, i, ",".join(["*a%d" % "#
                + #"(i - 1)] * 10)) for i in range(1, 20)) + 'version: 0.2\nphases: {build: {commands: *a19}}\n')"#,
            message: ""),
        Case(name: "depth bomb", script: "w('version: 0.2\\nphases: ' + '[' * 100000)", message: ""),
        Case(name: "deep blocks", script: "w('version: 0.2\\nphases: ' + '- ' * 100000)", message: ""),
        Case(name: "self alias", script: #"w('version: 0.2\nphases: &p\n  build: *p\n')"#, message: ""),
        Case(
            name: "binary", script: "import os; open('buildspec.yml', 'wb').write(os.urandom(5000))",
            message: ""),
        Case(name: "zeros", script: "open('buildspec.yml', 'wb').write(bytes(1000))", message: ""),
        Case(
            name: "UTF-16 without mark",
            script: "open('buildspec.yml', 'wb').write('version: 0.2'.encode('utf-16le'))",
            message: ""),
        Case(
            name: "directory", script: "os.mkdir('buildspec.yml')",
            message: "buildspec.yml is not a regular file"),
        Case(
            name: "dangling link", script: "os.symlink('nowhere', 'buildspec.yml')",
            message: "YAML file does not exist"),
        Case(name: "link to itself", script: "os.symlink('buildspec.yml', 'buildspec.yml')", message: ""),
        Case(
            name: "link out", script: "os.symlink('/etc/passwd', 'buildspec.yml')",
            message: "YAML file does not exist"),
        Case(
            name: "link out, relative",
            script: "os.symlink('../../../../../../../etc/passwd', 'buildspec.yml')",
            message: "YAML file does not exist"),
        Case(name: "proc link", script: "os.symlink('/proc/self/environ', 'buildspec.yml')", message: ""),
    ]

    @Test(arguments: cases)
    func `fails in DOWNLOAD_SOURCE with 1`(bad: Case) async throws {
        try await withProject { project in
            try await project.tool(
                "/usr/bin/python3", "-c",
                "import os\ndef w(t): open('buildspec.yml', 'w').write(t)\n" + bad.script)
            let started = ContinuousClock.now
            let outcome = try await project.run()
            #expect(outcome.status == 1, "\(outcome)")
            #expect(ContinuousClock.now - started < .seconds(180))
            let record = try project.record()
            let phase = try #require(record.phase("DOWNLOAD_SOURCE"))
            #expect(phase.phaseStatus == "FAILED")
            let context = try #require(phase.contexts?.first)
            #expect(context.statusCode == "YAML_FILE_ERROR")
            #expect(context.message.contains(bad.message), "\(context.message)")
            #expect(!context.message.isEmpty)
            #expect(context.message.utf8.count < 2000)
            #expect(outcome.standardOutput.contains("Phase context status code: YAML_FILE_ERROR Message: "))
            #expect(record.phase("BUILD") == nil)
            #expect(!outcome.standardOutput.contains("root:x:0"))
            #expect(!outcome.standardError.contains("root:x:0"))
            #expect(outcome.standardError.contains("buildspec: error: the build failed in DOWNLOAD_SOURCE: "))
        }
    }

    @Test func `a pipe as buildspec does not hang`() async throws {
        try await withProject { project in
            try await project.tool("/usr/bin/mkfifo", "buildspec.yml")
            let outcome = try await project.run()
            #expect(outcome.status == 1)
            #expect(
                outcome.standardError.contains(
                    "buildspec.yml is not copied: it is no file, directory or link"))
            let override = try await project.run("--buildspec", "buildspec.yml")
            #expect([1, 2].contains(override.status))
        }
    }

    @Test(arguments: ["ci", "fifo", "/dev/zero", "../huge"])
    func `an override that is no usable file is refused`(argument: String) async throws {
        try await withProject(commands("true")) { project in
            try project.scratch.write("", to: "app/ci/a")
            try await project.tool("/usr/bin/mkfifo", "fifo")
            try await project.tool("/usr/bin/truncate", "-s", "1T", "../huge")
            let outcome = try await project.run("--buildspec", argument)
            #expect([1, 2].contains(outcome.status), "\(outcome)")
            #expect(outcome.standardError.contains("buildspec: error: "))
        }
    }

    @Test func `no artifact file fails UPLOAD_ARTIFACTS with the literal words`() async throws {
        try await withProject(commands("true") + "artifacts:\n  files: [nothing-*.zip]\n") { project in
            let outcome = try await project.run()
            #expect(outcome.status == 1)
            #expect(
                outcome.standardOutput.contains(
                    "Phase context status code: CLIENT_ERROR Message: no matching artifact paths found\n"))
            let line = "  files: [nothing-*.zip]\n      |           ^~~~~~~~~~~~~"
            #expect(outcome.standardError.contains(": error: no matching artifact paths found [BS330]\n"))
            #expect(outcome.standardError.contains(line), "\(outcome)")
            #expect(try project.record().phase("UPLOAD_ARTIFACTS")?.phaseStatus == "FAILED")
            #expect(try project.files(below: "app").allSatisfy { !$0.contains("artifacts/") })
        }
    }

    @Test func `no base directory fails UPLOAD_ARTIFACTS with the literal words`() async throws {
        let buildspec = commands("true") + "artifacts:\n  files: ['**/*']\n  base-directory: dist\n"
        try await withProject(buildspec) { project in
            let outcome = try await project.run()
            #expect(outcome.status == 1)
            #expect(
                outcome.standardOutput.contains(
                    "Phase context status code: CLIENT_ERROR Message: no matching base directory path found for dist\n"
                ))
        }
    }
}
