import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// What a job's build finds, makes and answers; CodePipeline is the stand-in, S3, KMS and the secret stores are moto.
@Suite(.motoServer) struct WorkerJobTests {
    private static let spec = """
        version: 0.2
        env: {exported-variables: [VERSION, EMPTY]}
        phases:
          build:
            commands:
              - export VERSION=1.7
              - echo $VERSION > app.txt
              - echo "from=$CODEBUILD_INITIATOR source=$CODEBUILD_SOURCE_VERSION revision=$CODEBUILD_RESOLVED_SOURCE_VERSION"
              - echo "key=$CODEBUILD_KMS_KEY_ID keys=$AWS_ACCESS_KEY_ID$AWS_CONTAINER_CREDENTIALS_FULL_URI."
        artifacts: {name: ignored-$VERSION.zip, files: [app.txt]}

        """

    @Test func `a job is built, its artifact stored with the pipeline's key, and its variables answered`()
        async throws
    {
        try await WorkerStage.with("worker-whole") { stage in
            let key = try await stage.moto.makeBucket("worker-whole-key")
            try await stage.store(buildspec: Self.spec)
            try await stage.offer(outputs: ["app"], key: key)
            let (requests, answer) = try await FaultProxy.run([], upstream: stage.moto.endpointURL) { proxy in
                let (answer, _) = try await stage.answer(
                    environment: ["AWS_ENDPOINT_URL": proxy.endpointURL])
                return (try await proxy.requests(), answer)
            }
            #expect(answer.state == "Succeeded", "\(answer)")
            #expect(answer.outputVariables == ["VERSION": "1.7"])
            let details = try #require(answer.executionDetails)
            #expect(details.summary.hasPrefix("build 1 of shop succeeded; log: "))
            #expect(details.summary.hasSuffix("/build.log"))
            #expect(details.externalExecutionId.hasPrefix("shop:"))
            let stored = try await StoredObject.fetch(stage.moto, stage.bucket, "out/app")
            #expect(stored.encryption == "aws:kms")
            #expect(stored.key == key)
            #expect(stored.contentType == "application/zip")
            #expect(stored.metadata["codebuild-content-sha256"] == stored.sha256)
            #expect(try await stage.moto.contents(of: stage.bucket) == "in/source,out/app|")
            // S3 hears of nobody but the job itself.
            #expect(!requests.isEmpty)
            #expect(
                requests.allSatisfy { $0.headers["authorization"]?.contains("AKIAJOBARTIFACTS0001") == true })
            let log = try stage.log()
            #expect(
                log.contains(
                    "from=codepipeline/shop source=arn:aws:s3:::worker-whole/in/source revision=revision-source\n"
                ))
            #expect(log.contains("key=\(key) keys=.\n"))
        }
    }

    @Test func `several inputs lie side by side, and the one that is named comes first`() async throws {
        try await WorkerStage.with("worker-inputs") { stage in
            try await stage.store("library", ["lib.txt": "library\n"])
            let spec = commands(
                "cat $CODEBUILD_SRC_DIR_library/lib.txt; ls ..", "echo $CODEBUILD_SRC_DIR_library")
            try await stage.store(buildspec: spec)
            try await stage.offer(["PrimarySource": "source"], inputs: ["library", "source"])
            let (answer, _) = try await stage.answer()
            #expect(answer.state == "Succeeded", "\(answer)")
            let log = try stage.log()
            let line = try #require(log.split(separator: "\n").first { $0.hasSuffix("/src/s3/00") })
            let directory = try #require(line.split(separator: "=").last)
            #expect(directory.hasPrefix("/codebuild/output/src"))
            #expect(log.contains("library\n00\n01\n"))
            #expect(log.contains("\n\(directory.dropLast(2))01\n"))
        }
    }

    @Test func `an action without inputs builds what its configuration says`() async throws {
        try await WorkerStage.with("worker-nothing") { stage in
            try await stage.offer(
                ["BuildspecOverride": commands("echo from nothing > a") + "artifacts: {files: [a]}\n"],
                inputs: [], outputs: ["app"])
            let (answer, _) = try await stage.answer()
            #expect(answer.state == "Succeeded", "\(answer)")
            #expect(try await stage.moto.contents(of: stage.bucket) == "out/app|")
        }
    }

    @Test(.enabled("no container engine works here", { await TestContainer.isAvailable() }))
    func `a job's commands run in the image that it names`() async throws {
        let own = ProcessInfo.processInfo.environment.filter {
            ["HOME", "XDG_RUNTIME_DIR", "DOCKER_HOST"].contains($0.key)
        }
        try await WorkerStage.with("worker-image-own") { stage in
            try await stage.store(buildspec: commands(#"echo "$FROM_IMAGE $CODEBUILD_BUILD_IMAGE""#))
            try await stage.offer(["Image": TestContainer.image])
            let (answer, outcome) = try await stage.answer(environment: own)
            #expect(answer.state == "Succeeded", "\(outcome)")
            #expect(try stage.log().contains("\nan image \(TestContainer.image)\n"))
        }
        try await WorkerStage.with("worker-image-none") { stage in
            try await stage.store(buildspec: commands("true"))
            try await stage.offer(["Image": "localhost:1/none:1"])
            let failure = try #require(try await stage.answer(environment: own).answer.failureDetails)
            #expect(failure.type == "ConfigurationError")
            #expect(failure.message.contains("localhost:1/none:1"), "\(failure.message)")
        }
    }

    @Test func `each of several outputs is the secondary artifact of its name`() async throws {
        try await WorkerStage.with("worker-outputs") { stage in
            let spec =
                commands("echo a > a; echo b > b")
                    + """
                    artifacts:
                      files: [a, b]
                      secondary-artifacts:
                        first: {files: [a], name: x, s3-prefix: y}
                        second: {files: [b]}
                        third: {files: [b]}

                    """
            try await stage.store(buildspec: spec)
            try await stage.offer(outputs: ["first", "second"])
            let (answer, _) = try await stage.answer()
            #expect(answer.state == "Succeeded", "\(answer)")
            #expect(try await stage.moto.contents(of: stage.bucket) == "in/source,out/first,out/second|")
        }
    }

    @Test func `the only output may also be the secondary artifact of its name`() async throws {
        try await WorkerStage.with("worker-secondary") { stage in
            try await stage.store(
                buildspec: commands("echo a > a")
                    + "artifacts: {secondary-artifacts: {app: {files: [a]}, other: {files: [a]}}}\n")
            try await stage.offer(outputs: ["app"])
            let (answer, _) = try await stage.answer()
            #expect(answer.state == "Succeeded", "\(answer)")
            #expect(try await stage.moto.contents(of: stage.bucket) == "in/source,out/app|")
        }
    }

    @Test(arguments: [
        (["app"], "artifacts/files for the action's output artifact app"),
        (["one", "two"], "artifacts/secondary-artifacts/two for the action's output artifact"),
    ])
    func `an output that the buildspec does not make fails the job`(
        outputs: [String], why: String
    )
        async throws
    {
        try await WorkerStage.with("worker-unmade-\(outputs.count)") { stage in
            var spec = commands("echo a > a")
            if outputs.count > 1 { spec += "artifacts: {secondary-artifacts: {one: {files: [a]}}}\n" }
            try await stage.store(buildspec: spec)
            try await stage.offer(outputs: outputs)
            let failure = try #require(try await stage.answer().answer.failureDetails)
            #expect(failure.type == "JobFailed")
            #expect(failure.message.contains("UPLOAD_ARTIFACTS: CLIENT_ERROR"))
            #expect(failure.message.contains(why))
            #expect(try await stage.moto.contents(of: stage.bucket) == "in/source|")
        }
    }

    @Test(arguments: [
        ("version: 0.2\nphases: {build: {commands: [echo inline]}}\n", "inline"),
        (#"{"version": 0.2, "phases": {"build": {"commands": ["echo braces"]}}}"#, "braces"),
        ("ci/other.yml", "other"),
        ("arn:aws:s3:::BUCKET/in/spec.yml", "object"),
    ])
    func `BuildspecOverride is text, a path or an object`(override: String, said: String) async throws {
        let bucket = "worker-override-\(said)"
        try await WorkerStage.with(bucket) { stage in
            try await stage.store("source", ["ci/other.yml": commands("echo other"), "x": "y"])
            _ = try await stage.moto.boto3(
                "client('s3').put_object(Bucket=sys.argv[1], Key='in/spec.yml', Body=sys.argv[2].encode())",
                arguments: [bucket, commands("echo object")])
            try await stage.offer(["BuildspecOverride": override.replacing("BUCKET", with: bucket)])
            let (answer, _) = try await stage.answer()
            #expect(answer.state == "Succeeded", "\(answer)")
            #expect(try stage.log().contains("\n\(said)\n"))
        }
    }

    @Test(arguments: ["../../../../etc/passwd", "/etc/passwd", "link"])
    func `a BuildspecOverride leads nowhere but into the build's own files`(override: String) async throws {
        try await WorkerStage.with("worker-escape-\(override.utf8.count)") { stage in
            try await stage.store(buildspec: commands("true"))
            try await stage.offer(["BuildspecOverride": override])
            let failure = try #require(try await stage.answer().answer.failureDetails)
            #expect(failure.type == "JobFailed")
            #expect(failure.message.contains("YAML_FILE_ERROR"))
            #expect(!failure.message.contains("root:"))
        }
    }

    @Test func `variables of all three types come from the action and outweigh project and buildspec`()
        async throws
    {
        try await WorkerStage.with("worker-variables") { stage in
            _ = try await stage.moto.boto3(
                """
                client("ssm").put_parameter(Name="/worker/p", Type="SecureString", Value="value-of-parameter")
                client("secretsmanager").create_secret(Name="worker-s", SecretString='{"k": "value-of-secret"}')
                """)
            try await stage.store(
                buildspec: """
                    version: 0.2
                    env: {variables: {PLAIN: buildspec, P: buildspec, OWN: buildspec}}
                    phases: {build: {commands: ['echo "$PLAIN $OWN $PROJECT $P"', 'test "$P$S" = value-of-parametervalue-of-secret']}}

                    """)
            let project = """
                {"name": "named", "source": {"type": "CODEPIPELINE"}, "artifacts": {"type": "CODEPIPELINE"},
                 "environment": {"type": "LINUX_CONTAINER", "image": "aws/codebuild/standard:7.0",
                 "environmentVariables": [{"name": "PROJECT", "value": "project"}, {"name": "PLAIN", "value": "project"}]}}
                """
            try stage.scratch.write(project, to: "projects/app.json")
            let variables = #"""
                [{"name": "PLAIN", "value": "of the action"}, {"name": "P", "value": "/worker/p", "type": "PARAMETER_STORE"},
                 {"name": "S", "value": "worker-s:k", "type": "SECRETS_MANAGER"}]
                """#
            try await stage.offer(["ProjectName": "app", "EnvironmentVariables": variables])
            let (answer, outcome) = try await stage.answer("--projects", stage.projects.string)
            #expect(answer.state == "Succeeded", "\(answer)")
            let log = try stage.log()
            #expect(log.contains("\nof the action buildspec project ***\n"))
            #expect(!(log + outcome.standardError).contains("value-of-"))
            #expect(log.contains("The project's image aws/codebuild/standard:7.0 is not used"))
            #expect(answer.executionDetails?.externalExecutionId.hasPrefix("named:") == true)
        }
    }

    @Test func `the role of a project is assumed and lent to the build, the worker's own identity is not`()
        async throws
    {
        try await WorkerStage.with("worker-role") { stage in
            let script = """
                import json, os, urllib.request as u
                r = u.Request(os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"],
                    headers={"Authorization": open(os.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]).read()})
                print(sorted(json.load(u.urlopen(r))))
                """
            try await stage.store(
                "source", ["buildspec.yml": commands("python3 ask.py"), "ask.py": script])
            try stage.scratch.write(
                """
                {"name": "app", "source": {"type": "CODEPIPELINE"}, "artifacts": {"type": "CODEPIPELINE"},
                 "serviceRole": "arn:aws:iam::123456789012:role/build"}
                """, to: "projects/app.json")
            try await stage.offer(["ProjectName": "app"])
            let requests = try await FaultProxy.run([], upstream: stage.moto.endpointURL) { proxy in
                let (answer, _) = try await stage.answer(
                    "--projects", stage.projects.string,
                    environment: ["AWS_ENDPOINT_URL": proxy.endpointURL])
                #expect(answer.state == "Succeeded", "\(answer)")
                return try await proxy.requests()
            }
            let log = try stage.log()
            #expect(log.contains("'AccessKeyId', 'Expiration'"), "\(log)")
            let assumed = try #require(requests.first { $0.body.contains("Action=AssumeRole") })
            #expect(assumed.body.contains("RoleSessionName=AWSCodeBuild-"))
        }
    }

    @Test func `the log goes to where the project says, and the answer links to it`() async throws {
        try await WorkerStage.with("worker-logs") { stage in
            try await stage.store(buildspec: commands("echo to the group"))
            try stage.scratch.write(
                """
                {"name": "app", "source": {"type": "CODEPIPELINE"}, "artifacts": {"type": "CODEPIPELINE"},
                 "logsConfig": {"cloudWatchLogs": {"status": "ENABLED", "groupName": "/worker/logs"}}}
                """, to: "projects/app.json")
            try await stage.offer(["ProjectName": "app"])
            let (answer, _) = try await stage.answer("--projects", stage.projects.string)
            let summary = try #require(answer.executionDetails?.summary, "\(answer)")
            #expect(
                summary.contains("; log: https://console.aws.amazon.com/cloudwatch/home?region=eu-central-1"))
            let streams = try await stage.moto.boto3(
                "print(len(client('logs').describe_log_streams(logGroupName='/worker/logs')['logStreams']), end='')"
            )
            #expect(streams == "1")
        }
    }

    @Test func `a project's S3 cache is kept in its bucket, and what has no effect is told in the log`()
        async throws
    {
        try await WorkerStage.with("worker-cache") { stage in
            try stage.scratch.write(
                """
                {"name": "shop", "source": {"type": "CODEPIPELINE"}, "artifacts": {"type": "CODEPIPELINE"},
                 "cache": {"type": "S3", "location": "worker-cache/kept"},
                 "fileSystemLocations": [{"type": "EFS", "location": "d:/", "mountPoint": "/m", "identifier": "i"}],
                 "environment": {"environmentVariables": [
                   {"name": "TOKEN", "value": "id", "type": "PARAMETER_STORE"}]}}
                """, to: "projects/shop.json")
            _ = try await stage.moto.boto3(
                "client('ssm').put_parameter(Name='id', Value='secret-value', Type='SecureString', Overwrite=True)"
            )
            let spec = """
                version: 0.2
                env: {exported-variables: [TOKEN, OTHER]}
                phases: {build: {commands: [cat deps || true, echo kept > deps, OTHER=x]}}
                cache: {paths: [deps]}

                """
            try await stage.store(buildspec: spec)
            var said = ""
            for _ in 0..<2 {
                try? FileManager.default.removeItem(atPath: stage.state.string)
                try await stage.offer(["ProjectName": "shop", "Imgae": "alpine"])
                said = try await stage.work("--once", "--projects", stage.projects.string).standardError
            }
            let log = try stage.log()
            #expect(log.contains("Unarchiving cache...") && log.contains("\nkept\n"), "\(log)")
            #expect(
                log.contains(
                    "Warning: the project's fileSystemLocations (shop.json:3): no file system is mounted"))
            #expect(log.contains("Warning: Imgae of the action's configuration has no effect"))
            #expect(log.contains("Skip exporting TOKEN: it is a PARAMETER_STORE variable of the project"))
            #expect(said.contains("warning: exported variable TOKEN is ignored"), "\(said)")
            let answers = try await stage.standIn.state().jobs.flatMap(\.answers)
            #expect(answers.map(\.outputVariables) == [["OTHER": "x"], ["OTHER": "x"]])
            #expect(try await stage.moto.contents(of: stage.bucket).contains("kept/shop/"))
        }
    }

    @Test(arguments: ["^GET /[^/]*/in/source", "^(POST|PUT) /[^/]*/out/app"])
    func `a job's credentials that have ended are asked for anew`(request: String) async throws {
        try await WorkerStage.with("worker-ended-\(UUID().uuidString.lowercased())") { stage in
            try await stage.store(buildspec: Self.spec)
            try await stage.offer(outputs: ["app"])
            let rule = FaultProxy.Rule(request, times: 1) {
                $0.status = 400
                $0.body =
                    "<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>"
            }
            try await FaultProxy.run([rule], upstream: stage.moto.endpointURL) { proxy in
                let (answer, _) = try await stage.answer(environment: ["AWS_ENDPOINT_URL": proxy.endpointURL])
                #expect(answer.state == "Succeeded", "\(answer)")
            }
            #expect(try await stage.standIn.state().requests["GetJobDetails"] == 1)
            #expect(try await stage.moto.contents(of: stage.bucket) == "in/source,out/app|")
        }
    }

    @Test(arguments: ["alias", "id", "arn", "alias-arn"])
    func `the pipeline's key may be named in any way that S3 takes`(form: String) async throws {
        try await WorkerStage.with("worker-key-\(form)") { stage in
            let key = try await stage.moto.makeBucket("worker-key-of-\(form)")
            let parts = key.split(separator: "/")
            let named =
                switch form {
                case "alias": "alias/worker-key-of-alias"
                case "id": String(parts[1])
                case "alias-arn": String(parts[0].dropLast(3)) + "alias/worker-key-of-alias-arn"
                default: key
                }
            try await stage.store(buildspec: Self.spec)
            try await stage.offer(outputs: ["app"], key: named)
            let (answer, _) = try await stage.answer()
            #expect(answer.state == "Succeeded", "\(answer)")
            let stored = try await StoredObject.fetch(stage.moto, stage.bucket, "out/app")
            #expect(stored.encryption == "aws:kms")
            #expect(try stage.log().contains("key=\(named) keys=.\n"))
        }
    }

    @Test func `an S3 cache without a place is told in the log`() async throws {
        try await WorkerStage.with("worker-no-cache") { stage in
            try stage.scratch.write(
                #"{"name": "shop", "source": {"type": "CODEPIPELINE"}, "cache": {"type": "S3"}}"#,
                to: "projects/shop.json")
            try await stage.store(buildspec: commands("true"))
            try await stage.offer(["ProjectName": "shop"])
            let (answer, _) = try await stage.answer("--projects", stage.projects.string)
            #expect(answer.state == "Succeeded", "\(answer)")
            #expect(try stage.log().contains("Warning: the project's cache.location names no bucket"))
        }
    }
}
