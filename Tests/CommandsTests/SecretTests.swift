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
