import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// `env/parameter-store` and `env/secrets-manager` from moto; and where secrets must not be seen.
@Suite(.motoServer) struct SecretTests {
    private static let values = ["parameter-value-1!", "secret-value-2!", "json-value-3!"]

    private static let buildspec = """
        version: 0.2
        env:
          parameter-store: {P: /app/p}
          secrets-manager: {S: plain, J: "json:inner"}
        phases:
          build:
            commands:
              - printf '%s\\n' "[$P] [$S] [$J]"
              - printf '%s' "$P$S$J" | sha256sum
              - printf 'secret-'; sleep 0.1; printf 'value-2!\\n'
              - echo up; sleep 0.5; env >&2

        """

    // Makes them. The values stand in two halves: this script is on a command line, in which another test looks for
    // them at the same time.
    private func prepare(_ moto: MotoServer) async throws {
        _ = try await moto.boto3(
            """
            client("ssm").put_parameter(Name="/app/p", Type="SecureString", Value="parameter-" "value-1!", Overwrite=True)
            document = json.dumps({"inner": "json-" "value-3!", "n": 7})
            for name, text in (("plain", "secret-" "value-2!"), ("json", document)):
                try: client("secretsmanager").create_secret(Name=name, SecretString=text)
                except Exception as e: assert "Exists" in str(e), e
            try: client("secretsmanager").create_secret(Name="binary", SecretBinary=b"123")
            except Exception as e: assert "Exists" in str(e), e
            """)
    }

    @Test(arguments: ["codebuild", "json"])
    func `values reach the build and are hidden in every log`(format: String) async throws {
        let moto = try MotoServer.required()
        try await prepare(moto)
        let value = Self.values.joined()
        try await withProject(Self.buildspec) { project in
            var environment = moto.environment
            environment["AWS_SECRET_ACCESS_KEY"] = "runner-secret-key-value"
            let outcome = try await project.start(["--log-format", format], environment: environment) {
                running in
                try await running.output.wait(for: "up")
                for secret in Self.values + ["runner-secret-key-value"] {
                    #expect(ProcessList.commandLines(containing: secret) == [])
                }
            }
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.standardOutput.contains("[***] [***] [***]"))
            let digest = try await project.tool("/bin/sh", "-c", "printf '%s' '\(value)' | sha256sum")
            #expect(outcome.standardOutput.contains(String(digest.standardOutput.prefix(64))))
            #expect(try project.log() == outcome.standardOutput)
            let left = try await project.tool(
                "/bin/grep", "-rlaE", "(parameter-value-1|secret-value-2|json-value-3)!|runner-secret-key",
                "..")
            #expect(left.standardOutput == "", "\(left)")
            for secret in Self.values {
                #expect(!(outcome.standardOutput + outcome.standardError).contains(secret))
            }
        }
    }

    @Test(arguments: [
        ("parameter-store: {P: /app/none}", "Decrypted Variables Error", "Parameter does not exist"),
        ("secrets-manager: {S: none}", "Secrets Manager Error", "ResourceNotFoundException: "),
        ("secrets-manager: {S: 'json:none'}", "Secrets Manager Error", "none"),
        ("secrets-manager: {S: 'plain:key'}", "Secrets Manager Error", "key"),
    ])
    func `what is missing fails DOWNLOAD_SOURCE`(entry: String, code: String, message: String) async throws {
        let moto = try MotoServer.required()
        try await prepare(moto)
        try await withProject("env:\n  \(entry)\n" + commands("echo never")) { project in
            let outcome = try await project.run(environment: moto.environment)
            #expect(outcome.status == 1, "\(outcome)")
            let phase = try #require(try project.record().phase("DOWNLOAD_SOURCE"))
            #expect(phase.phaseStatus == "FAILED")
            #expect(phase.contexts?.first?.statusCode == code)
            #expect(phase.contexts?.first?.message.contains(message) == true, "\(phase)")
            #expect(!(outcome.standardOutput + outcome.standardError).contains("value-"))
        }
    }

    @Test(arguments: [[], ["--mask-encoded"], ["--no-mask-encoded"]])
    func `encoded forms are hidden unless they are asked for`(flags: [String]) async throws {
        let moto = try MotoServer.required()
        try await prepare(moto)
        let buildspec =
            "env:\n  parameter-store: {P: /app/p}\n"
            + commands(
                "printf %s \"$P\" | base64", "printf %s \"$P\" | od -An -tx1 | tr -d ' \\n'; echo",
                "echo \"$P\"")
        try await withProject(buildspec) { project in
            let outcome = try await project.buildspec(["run"] + flags, environment: moto.environment)
            #expect(outcome.status == 0, "\(outcome)")
            let isShown = flags == ["--no-mask-encoded"]
            let forms = [
                Data(Self.values[0].utf8).base64EncodedString(),
                Self.values[0].utf8.map { String($0, radix: 16) }.joined(),
            ]
            for form in forms {
                #expect(outcome.standardOutput.contains(form) == isShown, "\(outcome)")
                #expect(try project.log().contains(form) == isShown)
            }
            #expect(!outcome.standardOutput.contains(Self.values[0]))
        }
    }

    /// What CodeBuild says, part for part (behaviour reference, section 3.6).
    @Test(arguments: [
        ("secrets-manager: {S: 'binary'}", "Secrets Manager Error", "the secret binary is binary"),
        ("secrets-manager: {S: 'plain::NOSTAGE'}", "Secrets Manager Error", "ResourceNotFoundException: "),
        (
            "secrets-manager: {S: 'plain:::00000000-0000-0000-0000-000000000000'}", "Secrets Manager Error",
            "ResourceNotFoundException: "
        ),
        (
            "secrets-manager: {S: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:none-abcdef'}",
            "Secrets Manager Error", "ResourceNotFoundException: "
        ),
        (
            "parameter-store: {P: 'arn:aws:ssm:eu-central-1:123456789012:parameter/none'}",
            "Decrypted Variables Error", "Parameter does not exist"
        ),
        ("parameter-store: {P: '/app/p:99'}", "Decrypted Variables Error", "Parameter"),
    ])
    func `what cannot be read fails DOWNLOAD_SOURCE with the literal code`(
        entry: String, code: String, message: String
    ) async throws {
        let moto = try MotoServer.required()
        try await prepare(moto)
        try await withProject("env:\n  \(entry)\n" + commands("echo never")) { project in
            let outcome = try await project.run(environment: moto.environment)
            #expect(outcome.status == 1, "\(outcome)")
            let context = try #require(try project.record().phase("DOWNLOAD_SOURCE")?.contexts?.first)
            #expect(context.statusCode == code)
            #expect(context.message.hasPrefix(message), "\(context)")
            #expect(!outcome.standardOutput.contains("never"))
        }
    }

    @Test func `versions, stages, ARNs of secrets and more than ten parameters arrive`() async throws {
        let moto = try MotoServer.required()
        let names = try await moto.boto3(
            """
            ssm, secrets = client("ssm"), client("secretsmanager")
            for n in range(23):
                ssm.put_parameter(Name=f"/many/p{n}", Type="SecureString", Value=f"many-value-{n:02}", Overwrite=True)
            first = secrets.create_secret(Name="moving", SecretString="first-value-xx")
            secrets.put_secret_value(SecretId="moving", SecretString=json.dumps({"k": "second-value-yy"}))
            print(first["ARN"], first["VersionId"])
            """)
        let words = names.split(whereSeparator: \.isWhitespace).map(String.init)
        let many = (0..<23).map { "    P\($0): /many/p\($0)\n" }.joined()
        let buildspec =
            "env:\n  parameter-store:\n\(many)  secrets-manager:\n"
            + "    OLD: moving::AWSPREVIOUS\n    ID: 'moving:::\(words[1])'\n    KEY: moving:k\n"
            + "    FULL: '\(words[0]):k:AWSCURRENT'\n    PARTIAL: '\(words[0].dropLast(7)):k'\n"
        let check = (0..<23).map { "test \"$P\($0)\" = many-value-\($0 < 10 ? "0" : "")\($0)" }
            .joined(separator: " && ")
        try await withProject(
            buildspec
                + commands(
                    check, "test \"$OLD$ID\" = first-value-xxfirst-value-xx",
                    "test \"$KEY$FULL$PARTIAL\" = second-value-yysecond-value-yysecond-value-yy")
        ) { project in
            let outcome = try await project.run(environment: moto.environment)
            #expect(outcome.status == 0, "\(outcome)")
        }
    }

    @Test(arguments: [
        ("secrets-manager: {S: plain}", "Secrets Manager Error", "secretsmanager:GetSecretValue"),
        ("parameter-store: {P: /app/p}", "Decrypted Variables Error", "ssm:GetParameters"),
    ])
    func `what is denied is told in the service's words`(
        entry: String, code: String, action: String
    ) async throws {
        let words = "User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: \(action)"
        let rule = FaultProxy.Rule("POST", times: 9) {
            $0.status = 400
            $0.headers = ["x-amzn-RequestId": "11111111-2222-3333-4444-555555555555"]
            $0.body = #"{"__type":"AccessDeniedException","Message":"\#(words)"}"#
        }
        try await FaultProxy.run([rule]) { proxy in
            try await withProject("env:\n  \(entry)\n" + commands("echo never")) { project in
                let outcome = try await project.run(
                    environment: MotoServer(endpointURL: proxy.endpointURL).environment)
                #expect(outcome.status == 1, "\(outcome)")
                let context = try #require(try project.record().phase("DOWNLOAD_SOURCE")?.contexts?.first)
                #expect(context.statusCode == code)
                #expect(
                    context.message == """
                        AccessDeniedException: \(words)
                        \tstatus code: 400, request id: 11111111-2222-3333-4444-555555555555
                        """)
            }
        }
    }

    @Test func `without credentials every source that was tried is named`() async throws {
        try await withProject("env:\n  secrets-manager: {S: plain}\n" + commands("echo never")) { project in
            let outcome = try await project.run(
                environment: ["AWS_REGION": "eu-central-1", "AWS_EC2_METADATA_DISABLED": "true"])
            #expect(outcome.status == 1, "\(outcome)")
            let context = try #require(try project.record().phase("DOWNLOAD_SOURCE")?.contexts?.first)
            #expect(context.statusCode == "Secrets Manager Error")
            #expect(context.message.contains("AWS_ACCESS_KEY_ID is not set"), "\(context)")
        }
    }

    @Test func `a number in the JSON arrives as its text`() async throws {
        let moto = try MotoServer.required()
        try await prepare(moto)
        try await withProject("env:\n  secrets-manager: {N: 'json:n'}\n" + commands("test \"$N\" = 7")) {
            project in
            let outcome = try await project.run(environment: moto.environment)
            #expect(outcome.status == 0, "\(outcome)")
        }
    }
}
