import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// One message for several keys, in several accounts and Regions: each key alone opens it, and no other.
@Suite(.motoServer) struct RecipientTests {
    private static let role = "arn:aws:iam::222222222222:role/reader"

    /// A key in the caller's account, and one in another account that is only reached through its role.
    private func makeKeys(_ moto: MotoServer) async throws -> (own: String, other: String) {
        let printed = try await moto.boto3(
            """
            own = client("kms").create_key()["KeyMetadata"]["Arn"]
            c = client("sts").assume_role(RoleArn=sys.argv[1], RoleSessionName="test")["Credentials"]
            other = client("kms", aws_access_key_id=c["AccessKeyId"], aws_secret_access_key=c["SecretAccessKey"],
                aws_session_token=c["SessionToken"]).create_key()["KeyMetadata"]["Arn"]
            print(own, other, end="")
            """, arguments: [Self.role])
        let arns = printed.split(separator: " ").map(String.init)
        return (try #require(arns.first), try #require(arns.last))
    }

    @Test func `each account opens an artifact with its own key`() async throws {
        let moto = try MotoServer.required()
        let (own, other) = try await makeKeys(moto)
        #expect(other.contains(":222222222222:"))
        try await withProject(artifactBuildspec()) { project in
            try await project.tool(
                "/bin/sh", "-c",
                "umask 077; for n in a b; do head -c 32 /dev/urandom > ../$n.key; done; chmod 600 ../?.key")
            let outcome = try await project.run(
                "--output", "../dist", "--encryption-key", own, "--encryption-key",
                "\(other),role=\(Self.role)", "--encryption-key", "local:../a.key",
                environment: moto.environment)
            #expect(outcome.status == 0, "\(outcome)")
            let opening: [[String]] = [
                [], ["--encryption-key", own], ["--encryption-key", "local:../a.key"],
                ["--role-arn", Self.role], ["--role-arn", Self.role, "--encryption-key", other],
                ["--role-arn", Self.role, "--account", "222222222222"],
                ["--account", "123456789012", "--encryption-context", "codebuild-project=app"],
            ]
            for (number, options) in opening.enumerated() {
                let opened = try await project.buildspec(
                    ["artifact", "open", "../dist/app.zip.enc", "-o", "../out-\(number)"] + options,
                    environment: moto.environment)
                #expect(opened.status == 0, "\(options): \(opened)")
                let names = options.contains("--role-arn") ? other : own
                #expect(options.contains("local:../a.key") || opened.standardError.contains(names))
            }
        }
    }

    @Test func `other keys, accounts, contexts and limits are refused, and the message's keys are named`()
        async throws
    {
        let moto = try MotoServer.required()
        let (own, other) = try await makeKeys(moto)
        try await withProject { project in
            try await project.tool(
                "/bin/sh", "-c",
                "echo plain > plain; umask 077; for n in a b; do head -c 32 /dev/urandom > ../$n.key; done")
            let sealed = try await project.buildspec(
                [
                    "artifact", "encrypt", "plain", "-o", "sealed", "--encryption-key", "local:../a.key",
                    "--encryption-key", own, "--encryption-context", "stage=test",
                ], environment: moto.environment)
            #expect(sealed.status == 0, "\(sealed)")
            let cases: [([String], Int32, [String])] = [
                (
                    ["--encryption-key", "local:../b.key"], 1,
                    [own, "buildspec/buildspec-", "the key at hand is"]
                ),
                (["--encryption-key", other], 1, [own, other]),
                (["--account", "333333333333"], 1, [own, "account 333333333333 in aws"]),
                (["--account", "123456789012", "--partition", "aws-cn"], 1, [own, "aws-cn"]),
                (["--account", "12345"], 2, ["12 digits"]),
                (["--account", "123456789012", "--encryption-key", own], 2, ["contradicts"]),
                (["--encryption-context", "stage=prod"], 1, ["stage=prod is required", "stage=test"]),
                (["--encryption-context", "stage"], 2, ["NAME=VALUE"]),
                (["--max-encrypted-data-keys", "1"], 1, ["2 encrypted data keys, the limit is 1"]),
                (["--max-encrypted-data-keys", "0"], 2, ["at least 1"]),
                (["--encryption-key", "\(own),role=\(Self.role)"], 2, ["--role-arn"]),
                (["--role-arn", Self.role, "--encryption-key", own], 3, [own]),
            ]
            for (options, status, words) in cases {
                let result = try await project.buildspec(
                    ["artifact", "decrypt", "sealed", "-o", "opened"] + options,
                    environment: moto.environment)
                #expect(result.status == status, "\(options): \(result)")
                for word in words { #expect(result.standardError.contains(word), "\(options): \(result)") }
                #expect(try project.files(below: "app") == ["plain", "sealed"])
            }
            let toStandardOutput = try await project.buildspec(
                ["artifact", "decrypt", "sealed", "-o", "-", "--encryption-key", "local:../a.key"])
            #expect(toStandardOutput.status == 2)
            #expect(toStandardOutput.standardOutput == "")
        }
    }

    @Test func `a role is told the external id that its owner asks for`() async throws {
        let moto = try MotoServer.required()
        let (own, other) = try await makeKeys(moto)
        try await withProject(artifactBuildspec()) { project in
            let requests = try await FaultProxy.run([], upstream: moto.endpointURL) { proxy in
                let environment = moto.environment.merging(["AWS_ENDPOINT_URL_STS": proxy.endpointURL]) { $1 }
                let outcome = try await project.run(
                    "--output", "../dist", "--encryption-key", own, "--encryption-key",
                    "\(other),role=\(Self.role),external-id=shop,42", environment: environment)
                #expect(outcome.status == 0, "\(outcome)")
                return try await proxy.requests()
            }
            let assumed = requests.filter { $0.body.contains("Action=AssumeRole") }
            #expect(!assumed.isEmpty)
            #expect(assumed.allSatisfy { $0.body.contains("ExternalId=shop%2C42") }, "\(assumed)")
            for flaw in [
                "external-id=shop", "role=\(Self.role),id=shop", "role=\(Self.role),external-id=x",
            ] {
                let refused = try await project.run(
                    "--output", "../dist", "--encryption-key", "\(own),\(flaw)")
                #expect(refused.status == 2, "\(refused)")
                #expect(refused.standardError.contains("KEY,role=ROLE-ARN,external-id=ID"), "\(refused)")
            }
        }
    }

    @Test func `S3 encrypts with one key`() async throws {
        try await withProject(artifactBuildspec()) { project in
            let result = try await project.run(
                "--output", "s3://bucket", "--encryption-key", "a", "--encryption-key", "b")
            #expect(result.status == 2 && result.standardError.contains("--encryption client"), "\(result)")
            let twice = try await project.run("--encryption-key", "local:k", "--encryption-key", "local:./k")
            #expect(twice.status == 2 && twice.standardError.contains("given twice"), "\(twice)")
        }
    }
}
