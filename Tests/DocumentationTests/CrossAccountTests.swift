import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// `samples/cross-account`: the script's whole story with the real AWS CLI against a look-alike that has all accounts.
@Suite(.motoServer) struct CrossAccountTests {
    private static let sample = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent().appending("samples/cross-account")

    @Test func `an artifact of the tools account becomes stacks in both target accounts`() async throws {
        let server = try MotoServer.required()
        try await withScratchDirectory { scratch in
            let copy = scratch.path.appending("cross-account")
            try FileManager.default.copyItem(atPath: Self.sample.string, toPath: copy.string)
            try? FileManager.default.removeItem(atPath: copy.appending("app/.buildspec").string)
            // The second time nothing but the release is new, and how the artifact is encrypted.
            for (release, encryption) in [("1.0", "sse-kms"), ("2.0", "client")] {
                let outcome = try await run(copy, server, release, encryption, scratch)
                #expect(outcome.status == 0, "\(outcome)")
                #expect(
                    outcome.standardOutput.hasSuffix(
                        "test: release \(release)\nproduction: release \(release)\n"), "\(outcome)")
                // Each account opens the message with its own key; what S3 has encrypted is no message.
                for account in ["222222222222", "333333333333"] {
                    let opened = "decrypted with aws-kms/arn:aws:kms:eu-central-1:\(account):key/"
                    #expect(outcome.standardError.contains(opened) == (encryption == "client"), "\(outcome)")
                }
            }
            try await expectOwnKeysOnly(server, scratch)
        }
        let state = try await server.boto3(Self.accounts)
        #expect(
            state.split(separator: "\n") == [
                "tools orders-artifacts-111111111111-eu-central-1 orders/app.zip aws:kms True",
                "tools orders-artifacts-111111111111-eu-central-1 orders/app.zip.enc aws:kms True",
                "tools log lines True",
                "222222222222 orders-test orders-deployment,orders-pipeline,orders-sealing 2.0",
                "333333333333 orders-production orders-deployment,orders-pipeline,orders-sealing 2.0",
            ], "\(state)")
    }

    /// What is there afterwards, account by account.
    private static let accounts = """
        def account(name, id):
            keys = client("sts").assume_role(RoleArn=f"arn:aws:iam::{id}:role/look", RoleSessionName="look")["Credentials"]
            return client(name, aws_access_key_id=keys["AccessKeyId"], aws_session_token=keys["SessionToken"],
                          aws_secret_access_key=keys["SecretAccessKey"])
        s3, bucket = account("s3", "111111111111"), "orders-artifacts-111111111111-eu-central-1"
        keys = [k["KeyArn"] for k in account("kms", "111111111111").list_keys()["Keys"]]
        for name in ("orders/app.zip", "orders/app.zip.enc"):
            object = s3.head_object(Bucket=bucket, Key=name)
            print("tools", bucket, name, object["ServerSideEncryption"], object["SSEKMSKeyId"] in keys)
        events = account("logs", "111111111111").filter_log_events(logGroupName="/aws/codebuild/orders")["events"]
        print("tools log lines", len(events) > 20)
        for id, stage in (("222222222222", "test"), ("333333333333", "production")):
            stacks = [s["StackName"] for s in account("cloudformation", id).list_stacks()["StackSummaries"]]
            roles = sorted(r["RoleName"] for r in account("iam", id).list_roles()["Roles"])
            value = account("ssm", id).get_parameter(Name=f"/orders/{stage}/release")["Parameter"]["Value"]
            print(id, *[s for s in stacks if s != "orders-roles"], ",".join(roles), value)
        """

    /// The pipeline role of the test account opens the message neither with production's key nor for another project.
    private func expectOwnKeysOnly(_ server: MotoServer, _ scratch: ScratchDirectory) async throws {
        let message = "s3://orders-artifacts-111111111111-eu-central-1/orders/app.zip.enc"
        let output = scratch.path.appending("opened")
        for (options, reason) in [
            (["--account", "333333333333"], "encryption key cannot be used"),
            (["--account", "111111111111"], "no key at hand opens the message"),
            (
                ["--account", "222222222222", "--encryption-context", "codebuild-project=other"],
                "encryption context does not match"
            ),
        ] {
            var invocation = Program.Invocation(
                [
                    "artifact", "open", message, "-o", output.string, "--external-id", "orders",
                    "--role-arn", "arn:aws:iam::222222222222:role/orders-pipeline",
                ] + options)
            invocation.environment = server.environment.merging(["HOME": scratch.path.string]) { $1 }
            let outcome = try await Program.buildspec().run(invocation)
            #expect(outcome.status != 0 && outcome.standardError.contains(reason), "\(options) \(outcome)")
            #expect(!FileManager.default.fileExists(atPath: output.string))
        }
    }

    private func run(
        _ sample: FilePath, _ server: MotoServer, _ release: String, _ encryption: String,
        _ scratch: ScratchDirectory
    ) async throws -> Program.Outcome {
        let binary = try Program.buildspec().executable
        let tools = try PythonEnvironment().tool("aws").removingLastComponent()
        var invocation = Program.Invocation([
            sample.appending("deploy.sh").string, "--endpoint-url", server.endpointURL,
        ])
        invocation.environment = [
            "HOME": scratch.path.string, "BUILDSPEC": binary.string, "RELEASE": release,
            "ENCRYPTION": encryption, "PATH": "\(tools):/usr/bin:/bin", "AWS_EC2_METADATA_DISABLED": "true",
        ]
        invocation.limit = .seconds(300)
        return try await Program("/bin/sh").run(invocation)
    }

    /// Reads the templates as CloudFormation does, its short functions as objects.
    private static let policies = """
        import sys, json, yaml
        class Loader(yaml.SafeLoader): pass
        def function(loader, suffix, node):
            kind = {yaml.ScalarNode: loader.construct_scalar, yaml.SequenceNode: loader.construct_sequence,
                    yaml.MappingNode: loader.construct_mapping}[type(node)]
            return {suffix: kind(node)}
        yaml.add_multi_constructor("!", function, Loader)
        def statements(value):
            if isinstance(value, dict):
                for item in value.get("Statement", []): yield item
                for item in value.values(): yield from statements(item)
            elif isinstance(value, list):
                for item in value: yield from statements(item)
        def texts(value): return [value] if isinstance(value, str) else value

        """

    @Test(arguments: ["tools.yml", "target.yml"])
    func `no policy allows a wildcard of actions, or anybody`(template: String) async throws {
        let found = try await PythonEnvironment().run(
            Self.policies + """
                found = list(statements(yaml.load(open(sys.argv[1]), Loader)))
                assert found
                for item in found:
                    if item["Effect"] == "Deny": continue
                    assert item.get("Principal") != "*" and "NotAction" not in item, item
                    for action in texts(item["Action"]): assert "*" not in action, action
                    # Only in a key's policy "*" is one thing: the key.
                    if item["Resource"] == "*" if "Resource" in item else False: assert "Principal" in item, item
                print(len(found) > 4)
                """, arguments: [Self.sample.appending(template).string])
        #expect(found == "True\n")
    }

    @Test func `the bucket refuses what is not encrypted, on the way or at rest`() async throws {
        let found = try await PythonEnvironment().run(
            Self.policies + """
                template = yaml.load(open(sys.argv[1]), Loader)["Resources"]
                policy = template["ArtifactBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
                for item in policy:
                    if item["Effect"] == "Deny":
                        assert item["Principal"] == "*"
                        print(item["Action"], *[key for test in item["Condition"].values() for key in test])
                """, arguments: [Self.sample.appending("tools.yml").string])
        #expect(
            found == """
                s3:* aws:SecureTransport
                s3:PutObject s3:x-amz-server-side-encryption
                s3:PutObject s3:x-amz-server-side-encryption-aws-kms-key-id
                s3:PutObject s3:x-amz-server-side-encryption

                """)
    }

    @Test
    func `an account's own key is for one project, encrypts for the build and decrypts for the pipeline`()
        async throws
    {
        let found = try await PythonEnvironment().run(
            Self.policies + """
                template = yaml.load(open(sys.argv[1]), Loader)["Resources"]
                for item in statements(template["SealingKey"]["Properties"]["KeyPolicy"]):
                    role = item["Principal"]["AWS"].get("GetAtt")
                    if role: print(role, *texts(item["Action"]), *item.get("Condition", {}).get("StringEquals", {}))
                """, arguments: [Self.sample.appending("target.yml").string])
        #expect(
            found == """
                SealingRole.Arn kms:Encrypt kms:GenerateDataKey kms:EncryptionContext:codebuild-project
                SealingRole.Arn kms:DescribeKey
                PipelineRole.Arn kms:Decrypt kms:EncryptionContext:codebuild-project

                """)
    }
}
