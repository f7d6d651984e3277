import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// Client-side encryption: sealed by `run`, opened by `artifact`, by the AWS Encryption SDK for Python and its tool.
@Suite(.motoServer) struct ClientEncryptionTests {
    @Test func `a local key: sealed, opened and decrypted`() async throws {
        try await withProject(artifactBuildspec()) { project in
            #expect(try await project.run().status == 0)
            let opened = try await project.buildspec([
                "artifact", "open", ".buildspec/artifacts/app.zip.enc", "-o", "../out",
            ])
            #expect(opened.status == 0, "\(opened)")
            #expect(opened.standardOutput == "")
            #expect(String(decoding: try project.scratch.read("out/out.bin"), as: UTF8.self) == "content\n")
            let decrypted = try await project.buildspec(
                ["artifact", "decrypt", ".buildspec/artifacts/app.zip.enc", "-o", "../app.zip"])
            #expect(decrypted.status == 0)
            let list = try await project.tool("/usr/bin/unzip", "-p", "../app.zip", "out.bin")
            #expect(list.standardOutput == "content\n")
        }
    }

    @Test func `wrong keys, tampered messages and bad targets write nothing`() async throws {
        try await withProject(artifactBuildspec()) { project in
            try await project.tool(
                "/usr/bin/python3", "-c",
                "import os\nos.umask(0o77)\nfor n in 'ab': open('../%s.key' % n, 'wb').write(os.urandom(32))")
            let outcome = try await project.run("--encryption-key", "local:../a.key", "--output", "../dist")
            #expect(outcome.status == 0, "\(outcome)")
            try await project.tool(
                "/usr/bin/python3", "-c",
                "b = bytearray(open('../dist/app.zip.enc', 'rb').read()); b[len(b) // 2] ^= 1; "
                    + "open('../bad.enc', 'wb').write(b); open('../short.enc', 'wb').write(b[:100])")
            try project.scratch.write("in the way", to: "full/file")
            let cases: [(String, String, String, Int32)] = [
                ("../dist/app.zip.enc", "../b.key", "out", 1), ("../bad.enc", "../a.key", "out", 1),
                ("../short.enc", "../a.key", "out", 1), ("../dist/app.zip.enc", "../a.key", "full", 2),
                ("../missing.enc", "../a.key", "out", 2), ("../dist/app.zip.enc", "../missing.key", "out", 2),
            ]
            for (file, key, target, status) in cases {
                for command in ["open", "decrypt"] where !(command == "decrypt" && target == "full") {
                    let result = try await project.buildspec(
                        ["artifact", command, file, "-o", "../\(target)", "--encryption-key", "local:\(key)"])
                    #expect(result.status == status, "\(command) \(file) \(key): \(result)")
                    #expect(result.standardOutput == "")
                    #expect(result.standardError.hasPrefix("buildspec: error: "))
                    #expect(
                        !FileManager.default.fileExists(atPath: project.scratch.path.appending("out").string))
                }
            }
            #expect(try project.files(below: "full") == ["file"])
            let names = try FileManager.default.contentsOfDirectory(atPath: project.scratch.path.string)
            #expect(Set(names) == ["a.key", "b.key", "app", "home", "dist", "bad.enc", "short.enc", "full"])
        }
    }

    @Test func `a KMS key: sealed in a bucket, opened by the SDK for Python and by artifact open`()
        async throws
    {
        let moto = try MotoServer.required()
        let arn = try await moto.makeBucket("sealed")
        try await withProject(artifactBuildspec()) { project in
            let outcome = try await project.run(
                "--output", "s3://sealed", "--encryption", "client", "--encryption-key", "alias/sealed",
                environment: moto.environment)
            #expect(outcome.status == 0, "\(outcome)")
            let file = project.scratch.path.appending("fetched.enc").string
            let object = try await StoredObject.fetch(moto, "sealed", "app.zip.enc", to: file)
            let record = try project.record()
            #expect(object.metadata["codebuild-content-sha256"] == object.sha256)
            #expect(object.contentType == "application/octet-stream")
            let seen = try await moto.boto3(
                """
                import aws_encryption_sdk, io, zipfile
                from aws_encryption_sdk import CommitmentPolicy, StrictAwsKmsMasterKeyProvider
                sdk = aws_encryption_sdk.EncryptionSDKClient(
                    commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)
                plain, header = sdk.decrypt(source=open(sys.argv[1], "rb").read(),
                    key_provider=StrictAwsKmsMasterKeyProvider(key_ids=[sys.argv[2]]))
                print(zipfile.ZipFile(io.BytesIO(plain)).read("out.bin").decode().strip(),
                      header.encryption_context["codebuild-buildarn"], end="")
                """, arguments: [file, arn])
            #expect(seen == "content \(record.arn)")
            let opened = try await project.buildspec(
                ["artifact", "open", "s3://sealed/app.zip.enc", "-o", "../out"], environment: moto.environment
            )
            #expect(opened.status == 0, "\(opened)")
            #expect(String(decoding: try project.scratch.read("out/out.bin"), as: UTF8.self) == "content\n")
        }
    }

    @Test func `a local key for a bucket`() async throws {
        let moto = try MotoServer.required()
        _ = try await moto.makeBucket("locally")
        try await withProject(artifactBuildspec()) { project in
            try await project.tool("/bin/sh", "-c", "umask 077; head -c 32 /dev/urandom > ../a.key")
            let outcome = try await project.run(
                "--output", "s3://locally", "--encryption", "client", "--encryption-key", "local:../a.key",
                environment: moto.environment)
            #expect(outcome.status == 0, "\(outcome)")
            #expect(try await moto.contents(of: "locally") == "app.zip.enc|")
            let opened = try await project.buildspec(
                [
                    "artifact", "open", "s3://locally/app.zip.enc", "-o", "../out", "--encryption-key",
                    "local:../a.key",
                ],
                environment: moto.environment)
            #expect(opened.status == 0, "\(opened)")
        }
    }

    @Test func `a bucket that takes encrypted objects only is told that S3 encrypts, too`() async throws {
        let moto = try MotoServer.required()
        let arn = try await moto.makeBucket("denying")
        try await withProject(artifactBuildspec()) { project in
            try await project.tool("/bin/sh", "-c", "umask 077; head -c 32 /dev/urandom > ../a.key")
            let client = ["--encryption", "client", "--encryption-key", "local:../a.key"]
            let cases: [([String], String, String?)] = [
                (["--sse", "AES256"], "AES256", nil),
                (["--sse", "aws:kms", "--sse-kms-key-id", arn], "aws:kms", arn),
            ]
            for (options, encryption, key) in cases {
                let stored = try await FaultProxy.run([], upstream: moto.endpointURL) { proxy in
                    let environment = moto.environment.merging(["AWS_ENDPOINT_URL": proxy.endpointURL]) { $1 }
                    let outcome = try await project.buildspec(
                        ["run", "--output", "s3://denying"] + client + options, environment: environment)
                    #expect(outcome.status == 0, "\(outcome)")
                    return try await proxy.requests().filter { $0.method == "PUT" }
                }
                #expect(!stored.isEmpty)
                for put in stored {
                    #expect(put.headers["x-amz-server-side-encryption"] == encryption)
                    #expect(put.headers["x-amz-server-side-encryption-aws-kms-key-id"] == key)
                }
            }
            for options in [
                ["--sse", "AES256"], ["--output", "s3://denying", "--sse", "AES256"],
                ["--output", "s3://denying", "--sse-kms-key-id", arn] + client,
                ["--output", "s3://denying", "--sse", "AES256", "--sse-kms-key-id", arn] + client,
            ] {
                let refused = try await project.buildspec(
                    ["run"] + options, environment: moto.environment)
                #expect(refused.status == 2 && refused.standardError.contains("--sse"), "\(refused)")
            }
        }
    }

    @Test func `a damaged object is called by the name that was given`() async throws {
        let moto = try MotoServer.required()
        _ = try await moto.makeBucket("named")
        try await withProject(artifactBuildspec()) { project in
            try await project.tool("/bin/sh", "-c", "umask 077; head -c 32 /dev/urandom > ../a.key")
            let outcome = try await project.run(
                "--output", "s3://named", "--encryption", "client", "--encryption-key", "local:../a.key",
                environment: moto.environment)
            #expect(outcome.status == 0, "\(outcome)")
            _ = try await moto.boto3(
                """
                s = client("s3")
                body = bytearray(s.get_object(Bucket="named", Key="app.zip.enc")["Body"].read())
                body[len(body) // 2] ^= 1
                s.put_object(Bucket="named", Key="changed.enc", Body=bytes(body))
                s.put_object(Bucket="named", Key="short.enc", Body=bytes(body[:70]))
                s.put_object(Bucket="named", Key="text.zip", Body=b"no archive at all")
                """)
            for key in ["changed.enc", "short.enc", "text.zip"] {
                let opened = try await project.buildspec(
                    [
                        "artifact", "open", "s3://named/\(key)", "-o", "../out", "--encryption-key",
                        "local:../a.key",
                    ], environment: moto.environment)
                #expect(opened.status == 1, "\(opened)")
                let line = opened.standardError.split(separator: "\n").first { $0.contains("error:") } ?? ""
                #expect(line.contains("s3://named/\(key)"), "\(opened)")
                #expect(!opened.standardError.contains("fetched:"), "\(opened)")
                #expect(!opened.standardError.contains("/fetched"), "\(opened)")
            }
        }
    }

    @Test func `an object that does not match its hash is refused`() async throws {
        let moto = try MotoServer.required()
        _ = try await moto.makeBucket("changed")
        try await withProject(artifactBuildspec()) { project in
            _ = try await project.run("--output", "s3://changed", environment: moto.environment)
            _ = try await moto.boto3(
                """
                s = client("s3")
                o = s.get_object(Bucket="changed", Key="app.zip")
                s.put_object(Bucket="changed", Key="app.zip", Body=o["Body"].read() + b"x", Metadata=o["Metadata"])
                """)
            let opened = try await project.buildspec(
                ["artifact", "open", "s3://changed/app.zip", "-o", "../out"], environment: moto.environment)
            #expect(opened.status == 1)
            #expect(opened.standardError.contains("does not match its codebuild-content-sha256"))
            let missing = try await project.buildspec(
                ["artifact", "open", "s3://changed/nothing.zip", "-o", "../out"],
                environment: moto.environment)
            #expect(missing.status == 3 || missing.status == 2)
            #expect(!FileManager.default.fileExists(atPath: project.scratch.path.appending("out").string))
        }
    }
}
