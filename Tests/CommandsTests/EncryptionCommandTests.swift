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

    /// All files of a directory are opened in one go.
    @Test(arguments: ["0x0578", "0x0478"])
    func `aws-encryption-cli opens every size, with each of two keys`(suite: String) async throws {
        let server = try MotoServer.required()
        let keys = [try await makeKey(server), try await makeKey(server)]
        try await withProject { project in
            for size in [0, 1, 999, 1000, 1001, 70_000] {
                try project.scratch.write(String(repeating: "y", count: size), to: "app/plain/\(size)")
                try project.scratch.write("", to: "app/sealed/.keep")
                let sealed = try await project.buildspec(
                    [
                        "artifact", "encrypt", "plain/\(size)", "-o", "sealed/\(size)", "--suite", suite,
                        "--frame-length", "1000", "--encryption-key", keys[0], "--encryption-key", keys[1],
                        "--encryption-context", "size=\(size)",
                    ], environment: server.environment)
                #expect(sealed.status == 0, "\(sealed)")
            }
            try await project.tool("/bin/rm", "sealed/.keep")
            for (number, key) in keys.enumerated() {
                let opened = "opened-\(number)"
                try await project.tool("/bin/mkdir", opened)
                try await encryptionTool(
                    project, server, "--decrypt", "--recursive", "--input", "sealed", "--output", opened,
                    "--wrapping-keys", "key=\(key)")
                for size in [0, 1, 999, 1000, 1001, 70_000] {
                    let bytes = try project.scratch.read("app/\(opened)/\(size).decrypted")
                    #expect(bytes.count == size)
                }
            }
        }
    }

    @Test(arguments: [
        "AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384", "AES_256_GCM_HKDF_SHA512_COMMIT_KEY",
    ])
    func `artifact decrypt opens what aws-encryption-cli sealed for two keys, with each`(
        algorithm: String
    ) async throws {
        let server = try MotoServer.required()
        let keys = [try await makeKey(server), try await makeKey(server)]
        try await withProject { project in
            let sizes = [0, 1, 1023, 1024, 1025, 70_000]
            for size in sizes {
                try project.scratch.write(String(repeating: "z", count: size), to: "app/plain/\(size)")
            }
            try await project.tool("/bin/mkdir", "sealed")
            try await encryptionTool(
                project, server, "--encrypt", "--recursive", "--input", "plain", "--output", "sealed",
                "--wrapping-keys", "key=\(keys[0])", "key=\(keys[1])", "--frame-length", "1024",
                "--algorithm", algorithm, "--encryption-context", "stage=test")
            for key in keys {
                for size in sizes {
                    let outcome = try await project.buildspec(
                        [
                            "artifact", "decrypt", "sealed/\(size).encrypted", "-o", "opened",
                            "--encryption-key", key, "--encryption-context", "stage=test",
                        ], environment: server.environment)
                    #expect(outcome.status == 0, "\(outcome)")
                    #expect(try project.scratch.read("app/opened").count == size)
                }
            }
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
