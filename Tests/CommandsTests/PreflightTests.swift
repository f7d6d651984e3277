import SystemPackage
import TestSupport
import Testing

/// What is missing is named before the build, and what only might be is not.
@Suite(.motoServer) struct PreflightTests {
    private static let never = commands("echo NEVER") + "artifacts:\n  files: [out.bin]\n"
    private static let role = "arn:aws:iam::123456789012:role/build"

    private static func denied(_ action: String) -> String {
        #"{"__type":"AccessDeniedException","message":"not authorized to perform: \#(action)"}"#
    }

    /// A KMS key in a state, or none.
    private func key(_ moto: MotoServer, _ state: String) async throws -> String {
        try await moto.boto3(
            """
            kms = client("kms")
            more = {"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"} if sys.argv[1] == "rsa" else {}
            key = kms.create_key(**more)["KeyMetadata"]
            if sys.argv[1] == "disabled": kms.disable_key(KeyId=key["KeyId"])
            if sys.argv[1] == "pending": kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
            elsewhere = "arn:aws:kms:eu-west-1:123456789012:key/" + key["KeyId"]
            print({"elsewhere": elsewhere, "unknown": "alias/unknown"}.get(sys.argv[1], key["Arn"]), end="")
            """, arguments: [state])
    }

    @Test(arguments: [
        ("disabled", "it is disabled"), ("pending", "it is pending deletion"), ("rsa", "RSA_2048"),
        ("unknown", "NotFoundException"), ("elsewhere", "it is in eu-west-1, the bucket"),
    ])
    func `a key that cannot be used is named before the build`(state: String, words: String) async throws {
        let moto = try MotoServer.required()
        _ = try await moto.makeBucket("state-\(state)")
        let key = try await key(moto, state)
        try await withProject(Self.never) { project in
            let flags = ["--output", "s3://state-\(state)", "--encryption-key", key]
            let outcome = try await project.buildspec(["run"] + flags, environment: moto.environment)
            #expect(outcome.status == 3, "\(outcome)")
            #expect(outcome.standardError.hasPrefix("buildspec: error: key \(key): "))
            #expect(outcome.standardError.contains(words), "\(outcome.standardError)")
            #expect(outcome.standardError.contains("\n  hint: "))
            #expect(!outcome.standardOutput.contains("NEVER"))
            let checked = try await project.buildspec(["doctor"] + flags, environment: moto.environment)
            #expect(checked.status == 3)
            #expect(checked.standardOutput.contains("fail  key \(key): "), "\(checked.standardOutput)")
            #expect(
                checked.standardOutput.contains("ok    bucket state-\(state): it is there, in eu-central-1"))
        }
    }

    @Test func `a bucket that is not there is named before the build`() async throws {
        let moto = try MotoServer.required()
        try await withProject(Self.never) { project in
            let outcome = try await project.run("--output", "s3://nowhere/x", environment: moto.environment)
            #expect(outcome.status == 3)
            #expect(
                outcome.standardError == """
                    buildspec: error: bucket nowhere: NoSuchBucket: the bucket does not exist
                      hint: check the bucket's name; it must exist before

                    """)
            #expect(try project.scratch.names().contains(".buildspec") == false)
        }
    }

    @Test func `doctor names everything that is missing, not only the first`() async throws {
        let moto = try MotoServer.required()
        try await withProject(Self.never) { project in
            let outcome = try await project.buildspec(
                ["doctor", "--output", "s3://nowhere", "--encryption-key", "alias/none"],
                environment: moto.environment)
            #expect(outcome.status == 3)
            #expect(outcome.standardOutput.contains("fail  bucket nowhere: NoSuchBucket: "))
            #expect(outcome.standardOutput.contains("fail  key alias/none: NotFoundException"))
        }
    }

    @Test func `a role that may not be assumed is named before the build`() async throws {
        let moto = try MotoServer.required()
        let body =
            "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized to perform: sts:AssumeRole"
            + "</Message></Error></ErrorResponse>"
        let rule = FaultProxy.Rule("POST", times: 99) { ($0.status, $0.body) = (403, body) }
        try await FaultProxy.run([rule], upstream: moto.endpointURL) { proxy in
            try await withProject(Self.never) { project in
                let outcome = try await project.run(
                    "--output", "s3://any", "--role-arn", Self.role,
                    environment: moto.environment.merging(["AWS_ENDPOINT_URL_STS": proxy.endpointURL]) { $1 })
                #expect(outcome.status == 3)
                #expect(outcome.standardError.contains("role \(Self.role): AccessDenied: not authorized"))
            }
        }
    }

    @Test func `nothing is written by looking`() async throws {
        let moto = try MotoServer.required()
        let key = try await moto.makeBucket("untouched")
        try await FaultProxy.run([], upstream: moto.endpointURL) { proxy in
            try await withProject(Self.never) { project in
                let outcome = try await project.buildspec(
                    ["doctor", "--output", "s3://untouched/app", "--encryption-key", key],
                    environment: moto.environment.merging(["AWS_ENDPOINT_URL": proxy.endpointURL]) { $1 })
                #expect(outcome.standardOutput.contains("ok    bucket untouched: "), "\(outcome)")
                #expect(outcome.standardOutput.contains("ok    key \(key): it is there, and may be used"))
                #expect(outcome.standardOutput.contains("ok    AWS identity: arn:aws:"))
            }
            let s3 = try await proxy.requests().filter { $0.path.contains("untouched") }
            #expect(s3.map(\.method) == ["HEAD"])
            #expect(try await moto.contents(of: "untouched") == "|")
        }
    }

    @Test func `permissions to look that are missing stop no build that S3 allows`() async throws {
        let moto = try MotoServer.required()
        let key = try await moto.makeBucket("narrow")
        let head = FaultProxy.Rule("^HEAD /narrow", times: 99) { $0.status = 403 }
        let kms = FaultProxy.Rule("POST", times: 99) {
            ($0.status, $0.body) = (400, Self.denied("kms:GenerateDataKey"))
        }
        try await FaultProxy.run([head], upstream: moto.endpointURL) { s3 in
            try await FaultProxy.run([kms]) { kms in
                try await withProject(artifactBuildspec()) { project in
                    let outcome = try await project.run(
                        "--output", "s3://narrow", "--encryption-key", key,
                        environment: moto.environment.merging([
                            "AWS_ENDPOINT_URL_S3": s3.endpointURL, "AWS_ENDPOINT_URL_KMS": kms.endpointURL,
                        ]) { $1 })
                    #expect(outcome.status == 0, "\(outcome)")
                    #expect(try await moto.contents(of: "narrow") == "app.zip|")
                }
            }
        }
    }

    @Test(arguments: [
        ("the bucket", "AccessDenied", "not authorized to perform: s3:PutObject"),
        ("the key", "AccessDenied", "not authorized to perform: kms:GenerateDataKey"),
    ])
    func `what S3 itself would refuse is named before the build`(
        what: String, code: String, message: String
    ) async throws {
        let moto = try MotoServer.required()
        let bucket = "refusing-" + what.replacing(" ", with: "-")
        let key = try await moto.makeBucket(bucket)
        let put = FaultProxy.Rule("^POST /\(bucket)/app.zip\\?uploads", times: 9) {
            $0.status = 403
            $0.body = "<Error><Code>\(code)</Code><Message>\(message)</Message></Error>"
        }
        let head = FaultProxy.Rule("^HEAD", times: 99) { $0.status = 403 }
        let kms = FaultProxy.Rule("POST", times: 99) {
            ($0.status, $0.body) = (400, Self.denied("kms:GenerateDataKey"))
        }
        try await FaultProxy.run(what == "the bucket" ? [put, head] : [put], upstream: moto.endpointURL) {
            s3 in
            try await FaultProxy.run([kms]) { kms in
                try await withProject(Self.never) { project in
                    var environment = moto.environment
                    environment["AWS_ENDPOINT_URL_S3"] = s3.endpointURL
                    if what == "the key" { environment["AWS_ENDPOINT_URL_KMS"] = kms.endpointURL }
                    let outcome = try await project.run(
                        "--output", "s3://\(bucket)", "--encryption-key", key, environment: environment)
                    #expect(outcome.status == 3, "\(outcome)")
                    #expect(outcome.standardError.contains("\(code): \(message)"), "\(outcome.standardError)")
                    #expect(!outcome.standardOutput.contains("NEVER"))
                }
            }
        }
    }

    @Test func `who encrypts by itself needs the key itself`() async throws {
        let moto = try MotoServer.required()
        let key = try await moto.makeBucket("sealed")
        let kms = FaultProxy.Rule("POST", times: 99) {
            ($0.status, $0.body) = (400, Self.denied("kms:GenerateDataKey"))
        }
        try await FaultProxy.run([kms]) { kms in
            try await withProject(Self.never) { project in
                let outcome = try await project.run(
                    "--output", "s3://sealed", "--encryption-key", key, "--encryption", "client",
                    environment: moto.environment.merging(["AWS_ENDPOINT_URL_KMS": kms.endpointURL]) { $1 })
                #expect(outcome.status == 3, "\(outcome)")
                #expect(outcome.standardError.contains("kms:GenerateDataKey"))
                #expect(!outcome.standardOutput.contains("NEVER"))
            }
        }
    }

    @Test(arguments: [
        (["AWS_ENDPOINT_URL_S3": "localhost:80"], "AWS_ENDPOINT_URL_S3: \"localhost:80\" is not an http"),
        (
            ["AWS_ENDPOINT_URL": "", "AWS_USE_FIPS_ENDPOINT": "true", "AWS_REGION": "cn-north-1"],
            "AWS region cn-north-1: S3 has no FIPS endpoints in aws-cn"
        ),
    ])
    func `a configuration that cannot work is told by run and doctor alike`(
        changes: [String: String], words: String
    ) async throws {
        let moto = try MotoServer.required()
        let environment = moto.environment.merging(changes) { $1 }
        try await withProject(Self.never) { project in
            let run = try await project.run("--output", "s3://bucket", environment: environment)
            #expect(run.status == 2, "\(run)")
            #expect(run.standardError.hasPrefix("buildspec: error: \(words)"), "\(run)")
            let doctor = try await project.buildspec(
                ["doctor", "--output", "s3://bucket"], environment: environment)
            #expect(doctor.status == 3, "\(doctor)")
            #expect(doctor.standardOutput.contains("fail  bucket bucket: \(words)"), "\(doctor)")
        }
    }

    @Test func `services that do not answer stop no build`() async throws {
        let moto = try MotoServer.required()
        let key = try await moto.makeBucket("slow")
        let head = FaultProxy.Rule("^HEAD /slow$", times: 9) { $0.stall = true }
        try await FaultProxy.run([head], upstream: moto.endpointURL) { s3 in
            try await withProject(artifactBuildspec()) { project in
                let outcome = try await project.run(
                    "--output", "s3://slow", "--encryption-key", key,
                    environment: moto.environment.merging(["AWS_ENDPOINT_URL_S3": s3.endpointURL]) { $1 })
                #expect(outcome.status == 0, "\(outcome)")
            }
        }
    }

    @Test func `doctor looks at directories and local keys too`() async throws {
        try await withProject(Self.never) { project in
            let fine = try await project.buildspec(["doctor", "--output", "new/place"])
            #expect(fine.standardOutput.contains("ok    output "), "\(fine)")
            let flags = ["doctor", "--output", "out", "--encryption-key", "local:none.key"]
            let missing = try await project.buildspec(flags)
            #expect(missing.status == 3)
            #expect(missing.standardOutput.contains("fail  key local:"), "\(missing)")
            let wrong = try await project.buildspec(["doctor", "--output", "s3://b", "--encryption-key", ""])
            #expect(wrong.status == 2)
        }
    }
}
