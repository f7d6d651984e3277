import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// How the log looks on standard output and in `build.log`.
@Suite struct LogFormatTests {
    private struct Line: Decodable {
        var time: Double
        var source: String
        var message: String
    }

    @Test func `every line of a JSON log parses, whatever commands print`() async throws {
        let buildspec = commands(
            "echo plain", "printf 'no newline'",
            "printf '\\0\\1\\033[31m\"quoted\\\\\" \\377\\376 tab\\there\\n'",
            "head -c 200000 /dev/zero | tr '\\0' x; echo", "head -c 20000 /dev/urandom", "echo é", "exit 3")
        try await withProject(buildspec) { project in
            let outcome = try await project.run("--log-format", "json")
            #expect(outcome.status == 1)
            let lines = try outcome.standardOutput.split(separator: "\n").map {
                try JSONDecoder().decode(Line.self, from: Data($0.utf8))
            }
            #expect(lines.contains { $0.source == "output" && $0.message == "plain" })
            #expect(lines.contains { $0.source == "output" && $0.message == "no newline" })
            #expect(lines.contains { $0.source == "output" && $0.message == "é" })
            #expect(
                lines.contains { $0.source == "agent" && $0.message == "Phase complete: BUILD State: FAILED" }
            )
            #expect(lines.allSatisfy { $0.time > 1_700_000_000 })
            #expect(try project.log() == outcome.standardOutput)
        }
    }

    @Test func `an agent line has the literal prefix`() async throws {
        try await withProject(commands("true")) { project in
            let first = try #require(try await project.run().standardOutput.split(separator: "\n").first)
            #expect(first.prefixMatch(of: #/\[Container\] \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{6} /#) != nil)
        }
    }

    @Test func `a reader that goes away does not break the build`() async throws {
        let buildspec = commands("seq 1 50000", "echo done > done.txt") + "artifacts:\n  files: [done.txt]\n"
        try await withProject(buildspec) { project in
            let script = "\"$0\" run --encryption none | head -1; exit ${PIPESTATUS[0]}"
            var invocation = Program.Invocation(["-c", script, project.binary.executable.string])
            invocation.environment = project.environment
            invocation.directory = project.directory
            let outcome = try await Program("/bin/bash").run(invocation)
            #expect(outcome.status == 0)
            #expect(outcome.standardOutput.split(separator: "\n").count == 1)
            #expect(try project.record().buildStatus == "SUCCEEDED")
            #expect(try project.log().contains("\n50000\n"))
            #expect(try project.files(below: "app/.buildspec/artifacts") == ["app.zip"])
        }
    }

    @Test func `standard streams that are closed or full do not break the build`() async throws {
        for redirection in [">&-", ">/dev/full", "2>&-", "<&-", "<&- >&- 2>&-"] {
            try await withProject(commands("echo hello")) { project in
                var invocation = Program.Invocation([
                    "-c", "\"$0\" run \(redirection)", project.binary.executable.string,
                ])
                invocation.environment = project.environment
                invocation.directory = project.directory
                let outcome = try await Program("/bin/sh").run(invocation)
                #expect(outcome.status == 0, "\(redirection)")
                #expect(try project.log().contains("\nhello\n"), "\(redirection)")
            }
        }
    }
}
