import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// Projects whose sources, buildspecs, secrets and artifacts are in AWS, for which moto stands.
@Suite(.motoServer) struct ProjectBucketTests {
    @Test func `artifacts go to the project's buckets as it says`() async throws {
        let moto = try MotoServer.required()
        let key = try await moto.makeBucket("project-zip")
        _ = try await moto.makeBucket("project-site")
        let json = """
            {"name": "site", "source": {"type": "S3", "location": "x/y.zip"}, "encryptionKey": "\(key)",
             "artifacts": {"type": "S3", "location": "project-zip", "path": "builds", "name": "app.zip", "packaging": "ZIP",
               "namespaceType": "BUILD_ID", "bucketOwnerAccess": "FULL"},
             "secondaryArtifacts": [{"type": "S3", "location": "project-site", "name": "/", "packaging": "NONE",
               "encryptionDisabled": true, "artifactIdentifier": "web"}]}
            """
        let spec =
            commands("mkdir w; echo h > w/index.html; echo c > w/a.css; echo d > w/data")
            + "artifacts:\n  name: ignored.zip\n  files: [w/data]\n  secondary-artifacts:\n    web: {base-directory: w, files: ['**/*']}\n"
        try await withProject(spec) { project in
            try project.scratch.write(json, to: "app/p.json")
            let (outcome, requests) = try await FaultProxy.run([], upstream: moto.endpointURL) { proxy in
                let outcome = try await project.run(
                    "--project", "p.json", "--project-output",
                    environment: moto.environment.merging(["AWS_ENDPOINT_URL": proxy.endpointURL]) { $1 })
                return (outcome, try await proxy.requests())
            }
            #expect(outcome.status == 0, "\(outcome)")
            let build = try project.builds()[0]
            let zipped = try #require(requests.last { $0.method == "PUT" && $0.path.contains("/app.zip") })
            #expect(zipped.headers["x-amz-acl"] == "bucket-owner-full-control")
            let pages = requests.filter { $0.method == "PUT" && $0.path.contains("/project-site/") }
            #expect(pages.count == 3)
            #expect(pages.allSatisfy { $0.headers["x-amz-acl"] == nil })
            #expect(try await moto.contents(of: "project-zip") == "builds/\(build)/app.zip|")
            #expect(try await moto.contents(of: "project-site") == "a.css,data,index.html|")
            let zip = try await StoredObject.fetch(moto, "project-zip", "builds/\(build)/app.zip")
            #expect(zip.encryption == "aws:kms")
            #expect(zip.key == key)
            let page = try await StoredObject.fetch(moto, "project-site", "index.html")
            #expect(page.contentType == "text/html")
            #expect(page.encryption != "aws:kms")
            #expect(page.metadata["codebuild-content-md5"] == page.md5)
            #expect(try await StoredObject.fetch(moto, "project-site", "a.css").contentType == "text/css")
            #expect(
                try project.record().artifacts?.location == "arn:aws:s3:::project-zip/builds/\(build)/app.zip"
            )
        }
    }

    @Test(arguments: ["none", "client"])
    func `a folder of hundreds of files is stored whole, file by file`(encryption: String) async throws {
        let moto = try MotoServer.required()
        let bucket = "project-folder-\(encryption)"
        let key = try await moto.makeBucket(bucket)
        let json = """
            {"name": "site", "source": {"type": "S3", "location": "x/y.zip"}, "encryptionKey": "\(key)",
             "artifacts": {"type": "S3", "location": "\(bucket)", "name": "/", "packaging": "NONE"}}
            """
        // Batches end by their count, and by their size.
        let making =
            "mkdir w; for i in $(seq 100 249); do echo page $i > w/$i.html; done; "
            + "for i in 1 2 3; do { echo $i; head -c 30000000 /dev/zero; } > w/$i.bin; done; ln -s 100.html w/link"
        let spec =
            commands(making)
            + "artifacts: {base-directory: w, files: ['**/*'], enable-symlinks: yes}\n"
        let count = encryption == "client" ? 20 : 150
        try await withProject(spec.replacing("249", with: "\(99 + count)")) { project in
            try project.scratch.write(json, to: "app/p.json")
            var options = ["--encryption", encryption]
            if encryption == "client" { options += ["--encryption-key", key] }
            let outcome = try await project.buildspec(
                ["run", "--project", "p.json", "--project-output"] + options, environment: moto.environment)
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.standardOutput.contains("a folder in a store has no links"))
            let wrong = try await moto.boto3(
                """
                import hashlib
                s, bucket, count, wrong = client("s3"), sys.argv[1], int(sys.argv[2]), []
                end = ".enc" if sys.argv[3] == "client" else ""
                wanted = {f"{i}.html": f"page {i}\\n".encode() for i in range(100, 100 + count)}
                wanted |= {f"{i}.bin": f"{i}\\n".encode() + bytes(30000000) for i in range(1, 4)}
                found = {o["Key"] for o in s.list_objects_v2(Bucket=bucket)["Contents"]}
                if found != {name + end for name in wanted}: wrong.append(found)
                for name, content in wanted.items():
                    o = s.get_object(Bucket=bucket, Key=name + end)
                    body = o["Body"].read()
                    if not end and body != content: wrong.append(name)
                    if o["Metadata"]["codebuild-content-md5"] != hashlib.md5(body).hexdigest(): wrong.append(name)
                print(wrong, end="")
                """, arguments: [bucket, "\(count)", encryption])
            #expect(wrong == "[]")
            #expect(try project.files(below: "app").allSatisfy { !$0.contains("file-") })
        }
    }

    @Test func `a folder of which one file is refused fails the build, and leaves no copies`() async throws {
        let moto = try MotoServer.required()
        _ = try await moto.makeBucket("project-refused")
        let refused = FaultProxy.Rule("^PUT /project-refused/w/57", times: 99) {
            $0.status = 403
            $0.body = "<Error><Code>AccessDenied</Code><Message>not this one</Message></Error>"
        }
        let json = """
            {"name": "site", "source": {"type": "S3", "location": "x/y.zip"},
             "artifacts": {"type": "S3", "location": "project-refused", "name": "/", "packaging": "NONE"}}
            """
        let spec =
            commands("mkdir w; for i in $(seq 1 90); do echo page $i > w/$i; done")
            + "artifacts: {files: ['w/*']}\n"
        try await FaultProxy.run([refused], upstream: moto.endpointURL) { proxy in
            try await withProject(spec) { project in
                try project.scratch.write(json, to: "app/p.json")
                let outcome = try await project.run(
                    "--project", "p.json", "--project-output",
                    environment: moto.environment.merging(["AWS_ENDPOINT_URL": proxy.endpointURL]) { $1 })
                #expect(outcome.status == 3, "\(outcome)")
                #expect(outcome.standardError.contains("objects in s3://project-refused"))
                #expect(outcome.standardError.contains("/w/57: AccessDenied: not this one"))
                #expect(try project.files(below: "app").allSatisfy { !$0.contains("file-") })
            }
        }
    }

    @Test func `the log goes to where the project says, when asked to`() async throws {
        let moto = try MotoServer.required()
        let key = try await moto.makeBucket("project-logs")
        let json = """
            {"name": "told", "source": {"type": "S3", "location": "x/y.zip"}, "encryptionKey": "\(key)",
             "artifacts": {"type": "NO_ARTIFACTS"},
             "logsConfig": {"cloudWatchLogs": {"status": "ENABLED", "groupName": "/team/builds", "streamName": "ci"},
               "s3Logs": {"status": "ENABLED",
                 "location": "arn:aws:s3:::project-logs/of/told", "bucketOwnerAccess": "READ_ONLY"}}}
            """
        let listing = """
            logs = client("logs")
            if not logs.describe_log_groups(logGroupNamePrefix="/team/builds")["logGroups"]:
                sys.exit()
            for stream in logs.describe_log_streams(logGroupName="/team/builds")["logStreams"]:
                name = stream["logStreamName"]
                events = logs.get_log_events(
                    logGroupName="/team/builds", logStreamName=name, startFromHead=True)["events"]
                print(name, any(event["message"] == "to the team\\n" for event in events), end="")
            """
        try await withProject(commands("echo to the team")) { project in
            try project.scratch.write(json, to: "app/p.json")
            let unasked = try await project.run("--project", "p.json", environment: moto.environment)
            #expect(unasked.status == 0, "\(unasked)")
            #expect(unasked.standardError.contains("/team/builds; --project-logs delivers it there"))
            #expect(unasked.standardError.contains("project-logs/of/told; --project-logs stores it there"))
            #expect(try await moto.boto3(listing).isEmpty)
            #expect(try await moto.contents(of: "project-logs") == "|")
        }
        try await withProject(commands("echo to the team")) { project in
            try project.scratch.write(json, to: "app/p.json")
            let (outcome, requests) = try await FaultProxy.run([], upstream: moto.endpointURL) { proxy in
                let outcome = try await project.run(
                    "--project", "p.json", "--project-logs",
                    environment: moto.environment.merging(["AWS_ENDPOINT_URL": proxy.endpointURL]) { $1 })
                return (outcome, try await proxy.requests())
            }
            #expect(outcome.status == 0, "\(outcome)")
            #expect(!outcome.standardError.contains("log does not go"))
            let build = try project.builds()[0]
            #expect(try await moto.boto3(listing) == "ci/\(build) True")
            let object = try await StoredObject.fetch(moto, "project-logs", "of/told/\(build).gz")
            #expect(object.encryption == "aws:kms")
            #expect(object.key == key)
            let log = try #require(requests.first { $0.path.contains("/of/told/") && $0.method != "HEAD" })
            #expect(log.headers["x-amz-acl"] == "bucket-owner-read")
        }
    }

    @Test func `a project's bucket for logs that is not there stops the build before it begins`() async throws
    {
        let moto = try MotoServer.required()
        let json = """
            {"name": "p", "source": {"type": "S3", "location": "x/y.zip"},
             "artifacts": {"type": "NO_ARTIFACTS"},
             "logsConfig": {"s3Logs": {"status": "ENABLED", "location": "no-project-logs/x"}}}
            """
        try await withProject(commands("echo never")) { project in
            try project.scratch.write(json, to: "app/p.json")
            let outcome = try await project.run(
                "--project", "p.json", "--project-logs", environment: moto.environment)
            #expect(outcome.status == 3, "\(outcome)")
            #expect(outcome.standardError.contains("bucket no-project-logs: NoSuchBucket"))
        }
    }

    @Test func `sources and buildspec come from S3, and variables from the secret stores`() async throws {
        let moto = try MotoServer.required()
        _ = try await moto.makeBucket("project-sources")
        let version = try await moto.boto3(
            """
            import io, zipfile
            s = client("s3")
            s.put_bucket_versioning(Bucket="project-sources", VersioningConfiguration={"Status": "Enabled"})
            def archive(text):
                data = io.BytesIO()
                with zipfile.ZipFile(data, "w") as z: z.writestr("hello.txt", text)
                return data.getvalue()
            first = s.put_object(Bucket="project-sources", Key="in/app.zip", Body=archive("first"))
            s.put_object(Bucket="project-sources", Key="in/app.zip", Body=archive("second"))
            s.put_object(Bucket="project-sources", Key="folder/a/b.txt", Body=b"deep")
            s.put_object(Bucket="project-sources", Key="specs/build.yml",
                Body=b"version: 0.2\\nphases: {build: {commands: ['cat hello.txt; cat $CODEBUILD_SRC_DIR_more/a/b.txt', "
                     b"'echo v=$CODEBUILD_SOURCE_VERSION u=$CODEBUILD_SOURCE_REPO_URL r=$CODEBUILD_RESOLVED_SOURCE_VERSION', "
                     b"'test $P = parameter-value-of-project && test $S = secret-value-of-project && echo $P $S']}}\\n")
            client("ssm").put_parameter(Name="/project/p", Type="SecureString", Value="parameter-value-of-project")
            client("secretsmanager").create_secret(Name="project-s", SecretString='{"k": "secret-value-of-project"}')
            print(first["VersionId"], end="")
            """)
        let json = #"""
            {"name": "p", "source": {"type": "S3", "location": "project-sources/in/app.zip",
              "buildspec": "arn:aws:s3:::project-sources/specs/build.yml"}, "artifacts": {"type": "NO_ARTIFACTS"},
             "secondarySources": [{"type": "S3", "location": "project-sources/folder/", "sourceIdentifier": "more"}],
             "environment": {"type": "LINUX_CONTAINER", "environmentVariables": [
               {"name": "P", "type": "PARAMETER_STORE", "value": "/project/p"},
               {"name": "S", "type": "SECRETS_MANAGER", "value": "project-s:k"}]}}
            """#
        try await withProject { project in
            try project.scratch.write(json, to: "app/p.json")
            let outcome = try await project.run(
                "--project", "p.json", "--project-source", environment: moto.environment)
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.standardOutput.contains("seconddeep"))
            #expect(outcome.standardOutput.contains("v= u=s3://project-sources/in/app.zip r=\n"))
            #expect(outcome.standardOutput.contains("*** ***"))
            #expect(!outcome.standardOutput.contains("value-of-project"))
            let older = try await project.run(
                "--project", "p.json", "--project-source", "--source-version", version,
                environment: moto.environment)
            #expect(older.standardOutput.contains("firstdeep"))
            #expect(older.standardOutput.contains("v=\(version) "))
            let missing = try await project.run(
                "s3://project-sources/none.zip", "--buildspec", "x.yml", environment: moto.environment)
            #expect(missing.status == 3)
            #expect(missing.standardError.contains("fetch s3://project-sources/none.zip"))
            #expect(missing.standardError.contains("NoSuchKey"))
        }
    }

    @Test(arguments: [
        ("s3://project-missing/src.zip", "nope", "the object has no version nope"),
        ("s3://project-missing/none.zip", nil, "that of a folder, whose objects are fetched, ends with /"),
        ("s3://project-missing/folder/", nil, "its key ../up is no file name"),
        ("s3://project-missing/nothing/", nil, "there is nothing below it"),
        ("s3://project-missing-bucket/a.zip", nil, "check the bucket's name"),
    ])
    func `an object that is not there is told with what to change`(
        place: String, version: String?, why: String
    ) async throws {
        let moto = try MotoServer.required()
        _ = try await moto.boto3(
            """
            s = client("s3")
            try:
                s.create_bucket(Bucket="project-missing",
                    CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
            except s.exceptions.BucketAlreadyOwnedByYou: pass
            s.put_bucket_versioning(Bucket="project-missing", VersioningConfiguration={"Status": "Enabled"})
            s.put_object(Bucket="project-missing", Key="src.zip", Body=b"x")
            s.put_object(Bucket="project-missing", Key="folder/../up", Body=b"x")
            """)
        try await withProject { project in
            let outcome = try await project.buildspec(
                ["run", place] + (version.map { ["--source-version", $0] } ?? []),
                environment: moto.environment)
            #expect(outcome.status == 3)
            #expect(outcome.standardError.contains(why), "\(outcome.standardError)")
        }
    }
}
