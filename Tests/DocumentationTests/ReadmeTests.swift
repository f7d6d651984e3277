import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// The front page: every command in it is run, in order, in a fresh copy of the samples, and says what it says there.
@Suite(.motoServer) struct ReadmeTests {
    private static let repository = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent()

    @Test func `every command of the README does what the README shows`() async throws {
        let commands = try ConsoleCommand.read(Self.repository.appending("README.md"))
        #expect(commands.count >= 12)
        let server = try MotoServer.required()
        _ = try await server.boto3(Self.cloud)
        try await withScratchDirectory { scratch in
            let reader = scratch.path.appending("reader")
            try FileManager.default.createDirectory(atPath: reader.string, withIntermediateDirectories: true)
            try copySamples(to: reader)
            for command in commands {
                let outcome = try await run(command.command, in: reader, scratch, server)
                let lines = Self.lines(outcome.standardOutput)
                #expect(
                    command.matches(lines), "\(command.command) said:\n\(lines.joined(separator: "\n"))")
            }
        }
    }

    @Test func `every option that the README names exists`() async throws {
        let text = try String(
            contentsOf: URL(filePath: Self.repository.appending("README.md").string), encoding: .utf8)
        var help = ""
        for command in [
            ["run"], ["validate"], ["package", "lambda"], ["package", "template"],
            ["package", "image-definitions"],
            ["artifact", "encrypt"], ["artifact", "decrypt"], ["worker"],
        ] {
            var invocation = Program.Invocation(command + ["--help"])
            invocation.environment = ["HOME": "/nonexistent", "COLUMNS": "200"]
            help += try await Program.buildspec().run(invocation).standardOutput
        }
        let options = Set(text.matches(of: #/`(--[a-z-]+)/#).map { String($0.output.1) })
        #expect(options.count > 8)
        for option in options { #expect(help.contains(option), "\(option)") }
    }

    /// A bucket and a key as the README assumes them.
    private static let cloud = """
        client("s3").create_bucket(
            Bucket="artifacts", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        key = client("kms").create_key()["KeyMetadata"]["KeyId"]
        client("kms").create_alias(AliasName="alias/pipeline", TargetKeyId=key)
        """

    private func copySamples(to directory: FilePath) throws {
        let samples = directory.appending("samples")
        try FileManager.default.copyItem(
            atPath: Self.repository.appending("samples").string, toPath: samples.string)
        for sample in try FileManager.default.contentsOfDirectory(atPath: samples.string) {
            try? FileManager.default.removeItem(atPath: samples.appending("\(sample)/.buildspec").string)
        }
    }

    /// Runs a command line as a reader's shell would, standard error with standard output.
    private func run(
        _ command: String, in directory: FilePath, _ scratch: ScratchDirectory, _ server: MotoServer
    ) async throws -> Program.Outcome {
        let binary = try Program.buildspec().executable
        let tools = try PythonEnvironment().tool("aws").removingLastComponent()
        // What `make demo` does once the executable is built.
        let line = command == "make demo" ? "samples/demo.sh" : command
        var invocation = Program.Invocation(["-c", "exec 2>&1\n" + line])
        invocation.environment = server.environment.merging([
            "HOME": scratch.path.string, "BUILDSPEC": binary.string,
            "PATH": "\(binary.removingLastComponent()):/usr/local/bin:/usr/bin:/bin:\(tools)",
        ]) { $1 }
        invocation.directory = directory
        invocation.limit = .seconds(300)
        return try await Program("/bin/sh").run(invocation)
    }

    private static func lines(_ text: String) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        return lines.last == "" ? lines.dropLast() : lines
    }
}
