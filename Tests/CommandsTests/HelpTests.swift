import TestSupport
import Testing

@Suite struct HelpTests {
    @Test(arguments: [
        "run", "validate", "plan", "package lambda", "package template", "package image-definitions",
        "package image-detail", "artifact open", "artifact encrypt", "artifact decrypt", "schema", "worker",
        "doctor", "debug",
    ])
    func `help names the whole command, with the program's name once`(command: String) async throws {
        let words = command.split(separator: " ").map(String.init)
        for request in [words + ["--help"], words + ["-h"], ["help"] + words] {
            let outcome = try await Program.buildspec().run(Program.Invocation(request))
            #expect(outcome.status == 0, "\(outcome)")
            let usage = outcome.standardOutput.split(separator: "\n").first { $0.hasPrefix("USAGE: ") }
            #expect("\(usage ?? "none") ".hasPrefix("USAGE: buildspec \(command) "))
        }
    }

    @Test(arguments: [
        ["--generate-completion-script", "bash"], ["run", "--generate-completion-script", "bash"],
    ])
    func `completions of shells are of all commands`(request: [String]) async throws {
        let outcome = try await Program.buildspec().run(Program.Invocation(request))
        #expect(outcome.status == 0)
        #expect(outcome.standardOutput.hasPrefix("#!/bin/bash\n\n__buildspec_"))
        #expect(outcome.standardOutput.contains("--s3-prefix"))
    }
}
