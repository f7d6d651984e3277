import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// `--output s3://...` against moto, looked at with boto3.
@Suite(.motoServer) struct BucketOutputTests {
    @Test(arguments: ["arn", "id", "alias", "none"])
    func `an artifact arrives with its encryption, hashes and type`(kind: String) async throws {
        let moto = try MotoServer.required()
        let bucket = "plain-\(kind)"
        let arn = try await moto.makeBucket(bucket)
        let id = String(arn.split(separator: "/").last ?? "")
        let key = ["arn": arn, "id": id, "alias": "alias/\(bucket)"][kind]
        try await withProject(artifactBuildspec()) { project in
            let flags = key.map { ["--encryption-key", $0] } ?? []
            let outcome = try await project.buildspec(
                ["run", "--output", "s3://\(bucket)/some/prefix"] + flags, environment: moto.environment)
            #expect(outcome.status == 0, "\(outcome)")
            let object = try await StoredObject.fetch(moto, bucket, "some/prefix/app.zip")
            let record = try project.record()
            #expect(object.encryption == "aws:kms")
            #expect(object.contentType == "application/zip")
            #expect(
                object.metadata == [
                    "codebuild-buildarn": record.arn, "codebuild-content-md5": object.md5,
                    "codebuild-content-sha256": object.sha256,
                ])
            #expect(record.arn.hasPrefix("arn:aws:codebuild:eu-central-1:"))
            #expect(record.artifacts?.location == "arn:aws:s3:::\(bucket)/some/prefix/app.zip")
            #expect(record.artifacts?.md5sum == object.md5)
            #expect(record.artifacts?.sha256sum == object.sha256)
            #expect(record.artifacts?.encryptionDisabled == false)
            #expect(record.encryptionKey == key)
            if let key { #expect(object.key == key || object.key == arn) }
            #expect(try project.files(below: "app").allSatisfy { !$0.contains("artifacts/") })
        }
    }

    /// An access point of a partition that does not have its region: refused by name, before anybody is asked.
    @Test(arguments: [
        ["run", "--output", "s3://@/tools/some/prefix"], ["run", "--output", "s3://@:tools"],
        ["artifact", "open", "s3://@/tools/some/app.zip", "-o", "out"],
        ["artifact", "open", "@/tools/object/app.zip", "-o", "out"],
        ["run", "s3://@/tools/source.zip"],
    ])
    func `an access point stands where a bucket does`(arguments: [String]) async throws {
        let arn = "arn:aws:s3:cn-north-1:123456789012:accesspoint"
        try await withProject(artifactBuildspec()) { project in
            let words = arguments.map { $0.split(separator: "@", omittingEmptySubsequences: false) }
            let outcome = try await project.buildspec(
                words.map { $0.joined(separator: arn) },
                environment: [
                    "AWS_ACCESS_KEY_ID": "K", "AWS_SECRET_ACCESS_KEY": "S", "AWS_REGION": "eu-central-1",
                    "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS": "1",
                ])
            #expect(outcome.status != 0)
            #expect(outcome.standardError.contains("the region cn-north-1 is not in aws"), "\(outcome)")
        }
    }

    @Test func `--encryption none asks for no encryption`() async throws {
        let moto = try MotoServer.required()
        _ = try await moto.makeBucket("unencrypted")
        try await withProject(artifactBuildspec()) { project in
            let outcome = try await project.run(
                "--output", "s3://unencrypted", "--encryption", "none", environment: moto.environment)
            #expect(outcome.status == 0)
            let object = try await StoredObject.fetch(moto, "unencrypted", "app.zip")
            #expect(object.encryption != "aws:kms")
            #expect(try project.record().artifacts?.encryptionDisabled == true)
        }
    }

    @Test func `endpoint and credentials come from flags and shared files`() async throws {
        let moto = try MotoServer.required()
        _ = try await moto.makeBucket("profiled")
        try await withProject(artifactBuildspec()) { project in
            try project.scratch.write("[profile ci]\nregion = eu-central-1\n", to: "home/.aws/config")
            try project.scratch.write(
                "[ci]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = from-shared-file\n",
                to: "home/.aws/credentials")
            let outcome = try await project.run(
                "--output", "s3://profiled", "--profile", "ci", "--endpoint-url", moto.endpointURL)
            #expect(outcome.status == 0, "\(outcome)")
            #expect(try await moto.contents(of: "profiled") == "app.zip|")
            #expect(!outcome.standardError.contains("from-shared-file"))
        }
    }

    @Test func `without credentials the upload fails with 3`() async throws {
        let moto = try MotoServer.required()
        try await withProject(commands("echo ran > ran.txt") + "artifacts:\n  files: [ran.txt]\n") {
            project in
            let outcome = try await project.run(
                "--output", "s3://bucket", "--endpoint-url", moto.endpointURL, "--region", "eu-central-1",
                environment: ["AWS_EC2_METADATA_DISABLED": "true"])
            #expect(outcome.status == 3)
            #expect(outcome.standardError.contains("buildspec: error: "))
            #expect(outcome.standardError.contains("  hint: "))
        }
    }

    @Test func `a large artifact goes in parts and arrives equal`() async throws {
        let moto = try MotoServer.required()
        _ = try await moto.makeBucket("large")
        try await withProject(artifactBuildspec(bytes: 25 << 20)) { project in
            let outcome = try await project.run("--output", "s3://large", environment: moto.environment)
            #expect(outcome.status == 0, "\(outcome)")
            let object = try await StoredObject.fetch(moto, "large", "app.zip")
            #expect(object.etag.contains("-"), "\(object.etag)")
            #expect(object.size > 25 << 20)
            let record = try project.record()
            #expect(record.artifacts?.sha256sum == object.sha256)
            #expect(object.metadata["codebuild-content-sha256"] == object.sha256)
            #expect(object.encryption == "aws:kms")
            #expect(try await moto.contents(of: "large") == "app.zip|")
        }
    }

    @Test(arguments: [nil, 20 << 20])
    func `a refused upload ends with 3 and the service's words`(bytes: Int?) async throws {
        let moto = try MotoServer.required()
        // It is there when it is looked for, and gone when the build has ended.
        let looked = FaultProxy.Rule("^HEAD") { $0.status = 200 }
        try await FaultProxy.run([looked], upstream: moto.endpointURL) { proxy in
            try await withProject(artifactBuildspec(bytes: bytes)) { project in
                let outcome = try await project.run(
                    "--output", "s3://no-such-bucket/p", "--endpoint-url", proxy.endpointURL,
                    environment: moto.environment)
                #expect(outcome.status == 3)
                #expect(
                    outcome.standardError.contains(
                        "buildspec: error: cannot store s3://no-such-bucket/p/app.zip: "))
                #expect(outcome.standardError.contains("The specified bucket does not exist"))
                let record = try project.record()
                #expect(record.buildStatus == "FAILED")
                let context = try #require(record.phase("UPLOAD_ARTIFACTS")?.contexts?.first)
                #expect(context.statusCode == "CLIENT_ERROR")
                #expect(context.message.contains("The specified bucket does not exist"))
                #expect(record.artifacts == nil)
            }
        }
    }

    @Test func `a part that is refused leaves no upload behind`() async throws {
        let moto = try MotoServer.required()
        _ = try await moto.makeBucket("refusing")
        let rule = FaultProxy.Rule("PUT .*partNumber=2", times: 100) {
            $0.status = 403
            $0.body = "<Error><Code>AccessDenied</Code><Message>kms:Decrypt is not allowed</Message></Error>"
        }
        try await FaultProxy.run([rule], upstream: moto.endpointURL) { proxy in
            try await withProject(artifactBuildspec(bytes: 20 << 20)) { project in
                let outcome = try await project.run(
                    "--output", "s3://refusing", "--endpoint-url", proxy.endpointURL,
                    environment: moto.environment)
                #expect(outcome.status == 3)
                #expect(outcome.standardError.contains("kms:Decrypt is not allowed"))
                #expect(try await moto.contents(of: "refusing") == "|")
            }
        }
    }

    @Test func `a signal during the upload aborts it`() async throws {
        let moto = try MotoServer.required()
        _ = try await moto.makeBucket("stalling")
        let rules = [FaultProxy.Rule("PUT .*partNumber=[12]", times: 100) { $0.stall = true }]
        try await FaultProxy.run(rules, upstream: moto.endpointURL) { proxy in
            try await withProject(artifactBuildspec(bytes: 40 << 20)) { project in
                let outcome = try await project.start(
                    ["--output", "s3://stalling", "--endpoint-url", proxy.endpointURL],
                    environment: moto.environment
                ) { running in
                    try await running.output.wait(for: "Found 1 file(s)\n")
                    while try await proxy.requests().filter({ $0.path.contains("partNumber=") }).isEmpty {}
                    running.send(SIGINT)
                }
                #expect(outcome.status == 130)
                #expect(try await moto.contents(of: "stalling") == "|")
                #expect(try project.record().phase("UPLOAD_ARTIFACTS")?.phaseStatus == "STOPPED")
                #expect(try project.files(below: "app").allSatisfy { !$0.contains("/work/") })
            }
        }
    }

    @Test func `a build that failed and an upload that was refused: 1, and both in the record`() async throws
    {
        let moto = try MotoServer.required()
        let buildspec = commands("echo x > out.bin; exit 9") + "artifacts:\n  files: [out.bin]\n"
        let looked = FaultProxy.Rule("^HEAD") { $0.status = 200 }
        try await FaultProxy.run([looked], upstream: moto.endpointURL) { proxy in
            try await withProject(buildspec) { project in
                let outcome = try await project.run(
                    "--output", "s3://no-such-bucket", "--endpoint-url", proxy.endpointURL,
                    environment: moto.environment)
                #expect(outcome.status == 1)
                let record = try project.record()
                #expect(record.phase("BUILD")?.contexts?.first?.statusCode == "COMMAND_EXECUTION_ERROR")
                #expect(
                    record.phase("UPLOAD_ARTIFACTS")?.contexts?.first?.message.contains(
                        "bucket does not exist")
                        == true)
            }
        }
    }
}
