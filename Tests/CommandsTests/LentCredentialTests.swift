import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// `run --aws-credentials`: the real AWS CLI in the sandbox, against moto; and where the credentials must not be seen.
@Suite(.motoServer) struct LentCredentialTests {
    private static let identity =
        "PYTHONPATH=\"$CODEBUILD_SRC_DIR/cli\" python3 -m awscli sts get-caller-identity"

    /// A project whose source holds the AWS CLI, because the sandbox does not see the venv.
    private func withCLI(_ buildspec: String, _ body: (TestProject) async throws -> Void) async throws {
        try await withProject(buildspec) { project in
            try await PythonEnvironment().copyCLI(to: project.directory.appending("cli"))
            try await body(project)
        }
    }

    private func flags(_ moto: MotoServer, _ more: String...) -> [String] {
        [
            "run", "--env", "AWS_ENDPOINT_URL=\(moto.endpointURL)", "--env", "AWS_EC2_METADATA_DISABLED=true",
        ] + more
    }

    @Test func `the AWS CLI in the build works with the flag only`() async throws {
        let moto = try MotoServer.required()
        try await withCLI(commands(Self.identity, "echo done")) { project in
            let without = try await project.buildspec(flags(moto), environment: moto.environment)
            #expect(without.status == 1)
            #expect(without.standardOutput.contains("Unable to locate credentials"), "\(without)")
            let with = try await project.buildspec(
                flags(moto, "--aws-credentials"), environment: moto.environment)
            #expect(with.status == 0, "\(with)")
            #expect(with.standardOutput.contains("\"Arn\": \"arn:aws:sts::123456789012:"), "\(with)")
            #expect(with.standardOutput.contains("done\n"))
        }
    }

    @Test func `with --role-arn the build acts as the role`() async throws {
        let moto = try MotoServer.required()
        try await withCLI(commands(Self.identity)) { project in
            let outcome = try await project.buildspec(
                flags(moto, "--aws-credentials", "--role-arn", "arn:aws:iam::210987654321:role/for-builds"),
                environment: moto.environment)
            #expect(outcome.status == 0, "\(outcome)")
            #expect(
                outcome.standardOutput.contains(
                    "arn:aws:sts::210987654321:assumed-role/for-builds/AWSCodeBuild-\(try project.builds()[0])"
                ),
                "\(outcome)")
        }
    }

    /// Asks as an SDK does, with the means of the standard library, and prints all it gets.
    private static let ask = """
        python3 -c "import os,urllib.request as u;e=os.environ;\
        r=u.Request(e['AWS_CONTAINER_CREDENTIALS_FULL_URI'],\
        headers={'Authorization':open(e['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE']).read()});\
        print(u.urlopen(r).read().decode())"
        """

    @Test(arguments: ["bubblewrap", "host"])
    func `nothing of it is in the log, the record, the files left or any command line`(
        sandbox: String
    ) async throws {
        let buildspec = commands(
            Self.ask, "cat \"$AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE\"; echo",
            "sha256sum <\"$AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE\"",
            "env | grep ^AWS_ | sort; ls /proc/self/fd", "echo up; sleep 1")
        let secrets = ["lent-secret-key-of-the-profile", "lent-session-token-of-the-profile"]
        try await withProject(buildspec) { project in
            try project.scratch.write(
                """
                [default]
                aws_access_key_id = ASIAIOSFODNN7EXAMPLE
                aws_secret_access_key = \(secrets[0])
                aws_session_token = \(secrets[1])

                """, to: "home/.aws/credentials")
            let copy = project.scratch.path.appending("record.json")
            let outcome = try await project.start(
                ["--aws-credentials", "--sandbox", sandbox, "--record", copy.string]
            ) { running in
                try await running.output.wait(for: "up")
                for secret in secrets { #expect(ProcessList.commandLines(containing: secret) == []) }
                for token in try Self.tokens(below: project.directory) {
                    #expect(token.utf8.count == 64)
                    #expect(ProcessList.commandLines(containing: token) == [])
                    #expect(await !running.output.text.contains(token))
                }
            }
            #expect(outcome.status == 0, "\(outcome)")
            let said = outcome.standardOutput + outcome.standardError
            #expect(said.contains("\"AccessKeyId\":\"***\""), "\(outcome)")
            #expect(said.contains("\"SecretAccessKey\":\"***\",\"Token\":\"***\""), "\(outcome)")
            #expect(said.contains("AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:"))
            #expect(
                said.contains("AWS_REGION=us-east-1\n") && said.contains("AWS_DEFAULT_REGION=us-east-1\n"))
            #expect(!said.contains("AWS_ACCESS_KEY_ID") && !said.contains("AWS_SECRET_ACCESS_KEY"))
            for secret in secrets { #expect(!said.contains(secret)) }
            let left = try await project.tool("/bin/grep", "-rlE", "lent-s|ASIAIOSF", ".", copy.string)
            #expect(left.standardOutput == "", "\(left)")
            #expect(try Self.tokens(below: project.directory) == [])
        }
    }

    private static func tokens(below directory: FilePath) throws -> [String] {
        let builds = directory.appending(".buildspec/builds").string
        return try FileManager.default.subpathsOfDirectory(atPath: builds)
            .filter { $0.hasSuffix("/credentials-token") }
            .map { try String(contentsOfFile: "\(builds)/\($0)", encoding: .utf8) }
    }

    @Test func `the role's credentials are hidden in the log, whoever prints them`() async throws {
        let moto = try MotoServer.required()
        let save = Self.ask.replacing(
            "print(u.urlopen(r).read().decode())", with: "open('c','wb').write(u.urlopen(r).read())")
        let buildspec = commands(
            save, "cat c; echo", "base64 c",
            "sed 's/.*SecretAccessKey\":\"//; s/\".*//' c | od -An -c | tr -d ' \\n'",
            "python3 -c \"import json;c=json.load(open('c'));print(len(c['SecretAccessKey'])>9,c['AccessKeyId'][:4])\""
        )
        try await withProject(buildspec) { project in
            let outcome = try await project.buildspec(
                ["run", "--aws-credentials", "--role-arn", "arn:aws:iam::210987654321:role/for-builds"],
                environment: moto.environment)
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.standardOutput.contains("\"AccessKeyId\":\"***\""), "\(outcome)")
            #expect(
                outcome.standardOutput.contains("\"SecretAccessKey\":\"***\",\"Token\":\"***\""), "\(outcome)"
            )
            #expect(outcome.standardOutput.contains("\nTrue ASIA\n"), "\(outcome)")
            // What base64 makes of the whole file holds what it makes of the secrets.
            #expect(outcome.standardOutput.contains("***"))
            let left = try await project.tool(
                "/bin/grep", "-rlE", "SecretAccessKey.:.[A-Za-z0-9+/]{8}", ".buildspec")
            #expect(left.standardOutput == "", "\(left)")
        }
    }

    @Test func `without the flag nothing of an endpoint is there`() async throws {
        let moto = try MotoServer.required()
        let check = "! env | grep AWS_CONTAINER; test ! -e /codebuild/output/tmp/credentials-token"
        try await withProject(commands(check)) { project in
            let outcome = try await project.run(environment: moto.environment)
            #expect(outcome.status == 0, "\(outcome)")
        }
    }

    @Test func `credentials that are not there are told before the build`() async throws {
        try await withProject(commands("echo never")) { project in
            let outcome = try await project.run(
                "--aws-credentials", environment: ["AWS_EC2_METADATA_DISABLED": "true"])
            #expect(outcome.status == 3)
            #expect(outcome.standardError.contains("buildspec: error: AWS credentials: none found"))
            #expect(outcome.standardError.contains("  hint: "))
            #expect(outcome.standardOutput == "")
        }
    }

    @Test func `--network none contradicts the flag`() async throws {
        try await withProject(commands("echo never")) { project in
            for command in ["run", "plan"] {
                let outcome = try await project.buildspec([
                    command, "--aws-credentials", "--network", "none",
                ])
                #expect(outcome.status == 2)
                #expect(
                    outcome.standardError.hasPrefix(
                        "buildspec: error: --aws-credentials: contradicts --network none"), "\(outcome)")
                #expect(outcome.standardError.contains("  hint: "))
            }
        }
    }

    @Test(arguments: [
        ["--engine-option=--network=bridge"], ["--engine-option=--net=none"],
        ["--engine-option=--network", "--engine-option=slirp4netns"],
    ])
    func `a container with a network of its own contradicts the flag`(options: [String]) async throws {
        try await withProject(commands("echo never")) { project in
            let outcome = try await project.buildspec(
                ["run", "--aws-credentials", "--image", "example:1"] + options)
            #expect(outcome.status == 2)
            #expect(
                outcome.standardError.hasPrefix(
                    "buildspec: error: --aws-credentials: contradicts --engine-option --net"), "\(outcome)")
            #expect(outcome.standardError.contains("  hint: "))
        }
    }

    @Test func `plan and doctor tell of it`() async throws {
        let moto = try MotoServer.required()
        try await withProject(commands("true")) { project in
            let lent = try await project.buildspec(["plan", "--aws-credentials"])
            #expect(lent.standardOutput.contains("AWS credentials: lent to the build"), "\(lent)")
            #expect(lent.standardOutput.contains("(--aws-credentials)"))
            let none = try await project.buildspec(["plan"])
            #expect(none.standardOutput.contains("AWS credentials: none  (default)"), "\(none)")
            let found = try await project.buildspec(["doctor"], environment: moto.environment)
            #expect(found.standardOutput.contains("ok    AWS credentials: found (environment variables)"))
            let absent = try await project.buildspec(
                ["doctor"], environment: ["AWS_EC2_METADATA_DISABLED": "true"])
            #expect(absent.standardOutput.contains("warn  AWS credentials: "), "\(absent)")
            #expect(absent.standardOutput.contains("run --aws-credentials"))
        }
    }
}
