import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// The AWS Encryption CLI reads what we seal with a KMS key, and the reverse.
@Suite(.motoServer) struct EncryptionCommandTests {
    private static let tool = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent().appending(".cache/venv-encryption-cli/bin/aws-encryption-cli")

    private static let buildspec = """
        version: 0.2
        phases:
          build:
            commands: [echo content > file.txt]
        artifacts:
          files: file.txt

        """

    @Test func `aws-encryption-cli opens an artifact sealed with a KMS key`() async throws {
        let server = try MotoServer.required()
        let key = try await makeKey(server)
        try await withProject(Self.buildspec) { project in
            let outcome = try await project.run(
                "--output", "out", "--encryption-key", key, environment: server.environment)
            #expect(outcome.status == 0, "\(outcome)")
            try await encryptionTool(
                project, server, "--decrypt", "--input", "out/app.zip.enc", "--output", "app.zip",
                "--wrapping-keys", "provider=aws-kms", "discovery=true")
            let listing = try await project.tool("/usr/bin/unzip", "-p", "app.zip")
            #expect(listing.standardOutput == "content\n")
        }
    }

    @Test func `artifact decrypt opens what aws-encryption-cli sealed`() async throws {
        let server = try MotoServer.required()
        let key = try await makeKey(server)
        try await withProject(Self.buildspec) { project in
            try project.scratch.write("from the other side\n", to: "app/plain")
            try await encryptionTool(
                project, server, "--encrypt", "--input", "plain", "--output", "sealed", "--wrapping-keys",
                "key=\(key)")
            let outcome = try await project.buildspec(
                ["artifact", "decrypt", "sealed", "-o", "opened"], environment: server.environment)
            #expect(outcome.status == 0, "\(outcome)")
            #expect(try project.scratch.read("app/opened") == Array("from the other side\n".utf8))
        }
    }

    private func makeKey(_ server: MotoServer) async throws -> String {
        let printed = try await server.boto3(#"print(client("kms").create_key()["KeyMetadata"]["Arn"])"#)
        return try #require(printed.split(whereSeparator: \.isNewline).first.map(String.init))
    }

    private func encryptionTool(
        _ project: TestProject, _ server: MotoServer, _ arguments: String...
    ) async throws {
        #expect(
            FileManager.default.isExecutableFile(atPath: Self.tool.string),
            "aws-encryption-cli is missing: run `make setup`")
        var invocation = Program.Invocation(arguments + ["--suppress-metadata"])
        invocation.environment = server.environment.merging(["HOME": project.scratch.path.string]) { $1 }
        invocation.directory = project.directory
        let outcome = try await Program(Self.tool).run(invocation)
        #expect(outcome.status == 0, "\(outcome)")
    }
}
