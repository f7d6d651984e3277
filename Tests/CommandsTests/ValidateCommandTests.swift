import SystemPackage
import TestSupport
import Testing

/// `validate` on files that are hard to take, and what it asks the shells.
@Suite struct ValidateCommandTests {
    private static let split =
        "version: 0.2\nphases:\n  build:\n    commands:\n      - if true; then\n      - ls $HOME\n      - fi\n"

    @Test(arguments: [("off", 0, ""), ("syntax", 1, "BS403"), ("all", 1, "BS411")])
    func `shells are asked as much as is wanted`(
        _ depth: String, _ status: Int32, _ code: String
    ) async throws {
        try await withProject { project in
            try project.scratch.write(Self.split, to: "app/buildspec.yml")
            let outcome = try await project.buildspec(["validate", "--shell-checks", depth])
            #expect(outcome.status == status && outcome.standardError == "")
            #expect(
                code.isEmpty ? outcome.standardOutput.isEmpty : outcome.standardOutput.contains("[\(code)]"))
        }
    }

    @Test func `nothing that the file says is executed`() async throws {
        try await withProject { project in
            let commands = [
                "touch TRAP", "$(touch TRAP)", "`touch TRAP`", "}; touch TRAP; {",
                "true\n\n}\ntouch TRAP\n{ :",
                "<<E\nE\ntouch TRAP", "alias ls='touch TRAP'; ls", "trap 'touch TRAP' EXIT",
                "[[ -v a[$(touch TRAP)] ]]",
            ]
            let items = commands.map { "      - \"\($0.split(separator: "\n").joined(separator: "\\n"))\"\n" }
            for shell in ["sh", "bash"] {
                let text =
                    "version: 0.2\nenv: {shell: \(shell)}\nphases:\n  build:\n    commands:\n"
                    + items.joined()
                try project.scratch.write(text, to: "app/buildspec.yml")
                _ = try await project.buildspec(["validate"])
            }
            #expect(try !project.files(below: "").contains { $0.hasSuffix("TRAP") })
        }
    }

    @Test func `a file that no buildspec can be is refused without being read`() async throws {
        try await withProject { project in
            let path = project.scratch.path.appending("app/huge.yml")
            let file = try FileDescriptor.open(
                path, .writeOnly, options: [.create, .closeOnExec], permissions: .ownerReadWrite)
            defer { try? file.close() }
            // A hole: a gigabyte that takes no room.
            try file.seek(offset: 1 << 30, from: .start)
            try file.writeAll("\n".utf8)
            let outcome = try await project.buildspec(["validate", "huge.yml"])
            #expect(outcome.status == 1)
            #expect(
                outcome.standardOutput.hasPrefix("huge.yml:1:1: error: the text is larger than the limit"))
        }
    }

    @Test func `secrets in a file are named and never shown, in any format`() async throws {
        try await withProject { project in
            let secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
            let text = """
                version: 0.2
                env:
                  variables:
                    DB_PASSWORD: correct-horse-9 # \(secret)
                    DB_PASSWORD: correct-horse-9
                phases:
                  build:
                    comands:
                      - echo "Token: \(secret)"
                    commands:
                      - echo "Token: \(secret)"

                """
            try project.scratch.write(text, to: "app/buildspec.yml")
            for format in ["text", "json", "sarif", "github"] {
                let outcome = try await project.buildspec(["validate", "--format", format])
                #expect(outcome.status == 1 && outcome.standardOutput.contains("BS326"), "\(format)")
                let shown = outcome.standardOutput + outcome.standardError
                #expect(!shown.contains(secret) && !shown.contains("correct-horse-9"), "\(format): \(shown)")
            }
        }
    }

    @Test(arguments: [["validate", "--format", "json"], ["validate"], ["schema"]])
    func `a standard output that is full is not taken for success`(_ arguments: [String]) async throws {
        try await withProject { project in
            try project.scratch.write(Self.split, to: "app/buildspec.yml")
            let program = try Program.buildspec().executable
            let line = "exec \(program) \(arguments.joined(separator: " ")) > /dev/full"
            let outcome = try await project.tool("/bin/sh", "-c", line)
            #expect(outcome.status == 3)
            #expect(outcome.standardError.hasPrefix("buildspec: error: standard output: "))
        }
    }
}
