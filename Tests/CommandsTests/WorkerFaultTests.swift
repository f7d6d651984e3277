import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// Jobs that cannot be built: each fails at once, with the right type, and with what the pipeline's owner has to change.
@Suite(.motoServer) struct WorkerFaultTests {
    private static let project = """
        {"name": "app", "source": {"type": "CODEPIPELINE"}, "artifacts": {"type": "CODEPIPELINE"},
         "serviceRole": "arn:aws:iam::123456789012:role/build"}
        """

    @Test(arguments: [
        (["ProjectName": "shop"], "ProjectName shop: this build host has no such project"),
        (["ProjectName": "../app"], "ProjectName: it is not a project's name"),
        (["ProjectName": "/etc/passwd"], "ProjectName: it is not a project's name"),
        (["ProjectName": "app.json"], "ProjectName: it is not a project's name"),
        ([:], "ProjectName: it is missing"),
        (["ProjectName": "broken"], "the project definition broken.yml"),
        (["ProjectName": "windows"], "builds of type WINDOWS_SERVER_2022_CONTAINER cannot run"),
        (["ProjectName": "open"], "timeoutInMinutes is"),
        (["ProjectName": "app", "PrimarySource": "other"], "set it to one of source"),
        (["ProjectName": "app", "EnvironmentVariables": "{}"], "EnvironmentVariables: it is no JSON list"),
        (
            ["ProjectName": "app", "EnvironmentVariables": #"[{"name":"A","value":"x","type":"SECRET"}]"#],
            "A has the type SECRET; the types are PLAINTEXT, PARAMETER_STORE, SECRETS_MANAGER"
        ),
        (
            ["ProjectName": "app", "EnvironmentVariables": #"[{"name":"A-B","value":"x"}]"#],
            "A-B is no variable's name"
        ),
        (["ProjectName": "app", "Image": "no image"], "Image: it is not an image's name"),
        (["ProjectName": "app", "BatchEnabled": "true"], "BatchEnabled: this build host runs no batch"),
        (["ProjectName": "app", "BatchEnabled": "yes please"], "BatchEnabled: it is neither true nor false"),
        (["ProjectName": "app", "Unknown": "\0"], "Unknown: it holds a NUL character"),
        (["ProjectName": "app", "BuildspecOverride": "a\0b"], "BuildspecOverride: it holds a NUL character"),
        (
            ["ProjectName": "app", "EnvironmentVariables": #"[{"name":"A","value":"x\u0000y"}]"#],
            "the value of A holds a NUL character"
        ),
        (
            [
                "ProjectName": "app",
                "EnvironmentVariables": #"[{"name":"A","value":"id","Type":"SECRETS_MANAGER"}]"#,
            ],
            "A has Type; a variable has name, value and type"
        ),
        (
            ["ProjectName": "app", "EnvironmentVariables": String(repeating: "[", count: 1000)],
            "EnvironmentVariables: it is no JSON list"
        ),
    ])
    func `a wrong configuration is told`(configuration: [String: String], why: String) async throws {
        try await WorkerStage.with("worker-wrong-\(UUID().uuidString.lowercased())") { stage in
            try stage.scratch.write(Self.project, to: "projects/app.json")
            try stage.scratch.write("Resources: [", to: "projects/broken.yml")
            try stage.scratch.write(
                """
                {"name": "windows", "source": {"type": "CODEPIPELINE"},
                 "environment": {"type": "WINDOWS_SERVER_2022_CONTAINER", "image": "x", "computeType": "BUILD_GENERAL1_MEDIUM"}}
                """, to: "projects/windows.json")
            try stage.scratch.write(
                """
                Parameters: {Minutes: {Type: Number}}
                Resources:
                  P:
                    Type: AWS::CodeBuild::Project
                    Properties: {TimeoutInMinutes: !Ref Minutes, Source: {Type: CODEPIPELINE}}
                """, to: "projects/open.yaml")
            try await stage.offer(configuration)
            let (answer, outcome) = try await stage.answer("--projects", stage.projects.string)
            let failure = try #require(answer.failureDetails, "\(answer)")
            #expect(failure.type == "ConfigurationError")
            #expect(failure.message.contains(why), "\(failure.message)")
            #expect(outcome.standardError.contains("ConfigurationError"))
            #expect(!failure.message.contains(stage.scratch.path.string))
        }
    }

    @Test func `several inputs need a primary one`() async throws {
        try await WorkerStage.with("worker-primary") { stage in
            try await stage.offer(inputs: ["a", "b"])
            let failure = try #require(try await stage.answer().answer.failureDetails)
            #expect(failure.type == "ConfigurationError")
            #expect(failure.message.contains("set PrimarySource to one of a, b"))
        }
    }

    @Test func `an image is refused where the operator wants another sandbox`() async throws {
        try await WorkerStage.with("worker-image") { stage in
            try await stage.store(buildspec: commands("true"))
            try await stage.offer(["Image": "alpine:3.20"])
            let (answer, _) = try await stage.answer("--sandbox", "bubblewrap")
            let failure = try #require(answer.failureDetails)
            #expect(failure.type == "ConfigurationError")
            #expect(failure.message.contains("runs commands in bubblewrap, not in images"))
        }
    }

    /// What S3 refuses, and what the answer says.
    struct Refusal: Sendable, CustomTestStringConvertible {
        var request: String
        var code: String
        var status: Int
        var message: String
        var type: String
        var advice: String

        var testDescription: String { "\(request): \(code)" }
    }

    @Test(arguments: [
        Refusal(
            request: "^GET /[^/]*/in/source", code: "AccessDenied", status: 403, message: "no",
            type: "PermissionError", advice: "needs s3:GetObject on the input artifact, and kms:Decrypt"),
        Refusal(
            request: "^(POST|PUT) /[^/]*/out/app", code: "AccessDenied", status: 403,
            message: "not authorized to perform: kms:GenerateDataKey", type: "PermissionError",
            advice: "kms:GenerateDataKey and kms:Decrypt on the key arn:aws:kms:eu-central-1:1:key/k"),
        Refusal(
            request: "^(POST|PUT) /[^/]*/out/app", code: "KMS.NotFoundException", status: 400,
            message: "no key", type: "ConfigurationError", advice: "check the key's name, account and region"),
        Refusal(
            request: "^(POST|PUT) /[^/]*/out/app", code: "NoSuchBucket", status: 404, message: "no bucket",
            type: "ConfigurationError", advice: "check the bucket's name"),
    ])
    func `what S3 refuses is known before the first command`(refusal: Refusal) async throws {
        try await WorkerStage.with("worker-refused-\(UUID().uuidString.lowercased())") { stage in
            try await stage.store(buildspec: commands("echo never > a") + "artifacts: {files: [a]}\n")
            try await stage.offer(outputs: ["app"], key: "arn:aws:kms:eu-central-1:1:key/k")
            let rule = FaultProxy.Rule(refusal.request, times: 99) {
                $0.status = refusal.status
                $0.body =
                    "<Error><Code>\(refusal.code)</Code><Message>\(refusal.message)</Message></Error>"
            }
            try await FaultProxy.run([rule], upstream: stage.moto.endpointURL) { proxy in
                let (answer, _) = try await stage.answer(
                    environment: ["AWS_ENDPOINT_URL": proxy.endpointURL])
                let failure = try #require(answer.failureDetails, "\(answer)")
                #expect(failure.type == refusal.type)
                #expect(failure.message.contains(refusal.message), "\(failure.message)")
                #expect(failure.message.contains(refusal.advice), "\(failure.message)")
            }
            #expect(try !stage.log().contains("Running command"))
        }
    }

    @Test func `a key that is refused only when the artifact is stored is told as well`() async throws {
        try await WorkerStage.with("worker-late") { stage in
            try await stage.store(buildspec: commands("echo a > a") + "artifacts: {files: [a]}\n")
            try await stage.offer(outputs: ["app"])
            let rule = FaultProxy.Rule("^PUT /[^/]*/out/app", times: 99) {
                $0.status = 403
                $0.body = "<Error><Code>AccessDenied</Code><Message>not so</Message></Error>"
            }
            try await FaultProxy.run([rule], upstream: stage.moto.endpointURL) { proxy in
                let (answer, _) = try await stage.answer(
                    environment: ["AWS_ENDPOINT_URL": proxy.endpointURL])
                let failure = try #require(answer.failureDetails, "\(answer)")
                #expect(failure.type == "PermissionError")
                #expect(failure.message.contains("not so"))
                #expect(failure.message.contains("needs s3:PutObject on the bucket, and kms:GenerateDataKey"))
            }
        }
    }

    @Test func `a role that cannot be assumed is told before the first command`() async throws {
        try await WorkerStage.with("worker-no-role") { stage in
            try await stage.store(buildspec: commands("echo never"))
            try stage.scratch.write(Self.project, to: "projects/app.json")
            try await stage.offer(["ProjectName": "app"])
            let rule = FaultProxy.Rule("^POST /$", times: 99) {
                $0.status = 403
                $0.body =
                    "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not yours</Message></Error></ErrorResponse>"
            }
            try await FaultProxy.run([rule], upstream: stage.moto.endpointURL) { proxy in
                let (answer, _) = try await stage.answer(
                    "--projects", stage.projects.string,
                    environment: ["AWS_ENDPOINT_URL_STS": proxy.endpointURL])
                let failure = try #require(answer.failureDetails, "\(answer)")
                #expect(failure.type == "PermissionError")
                #expect(failure.message.contains("arn:aws:iam::123456789012:role/build cannot be assumed"))
                #expect(failure.message.contains("trust policy"))
            }
            #expect(try !stage.log().contains("Running command"))
        }
    }

    @Test func `a bucket that is not there is the configuration's fault`() async throws {
        try await WorkerStage.with("worker-no-bucket") { stage in
            try await stage.offer(bucket: "no-such-bucket-anywhere")
            let failure = try #require(try await stage.answer().answer.failureDetails)
            #expect(failure.type == "ConfigurationError")
            #expect(failure.message.contains("NoSuchBucket"))
        }
    }

    @Test func `a bucket that cannot be reached is nobody's fault`() async throws {
        try await WorkerStage.with("worker-unreachable") { stage in
            try await stage.offer()
            let (answer, _) = try await stage.answer(
                environment: ["AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9"])
            let failure = try #require(answer.failureDetails)
            #expect(failure.type == "SystemUnavailable")
            #expect(failure.message.contains("retry the action"))
        }
    }

    @Test func `a bucket that never answers fails the job in seconds`() async throws {
        try await WorkerStage.with("worker-silent") { stage in
            try await stage.offer()
            let rule = FaultProxy.Rule("^GET /[^/]*/in/source", times: 99) { $0.stall = true }
            try await FaultProxy.run([rule], upstream: stage.moto.endpointURL) { proxy in
                let (answer, _) = try await stage.answer(
                    environment: ["AWS_ENDPOINT_URL": proxy.endpointURL])
                let failure = try #require(answer.failureDetails, "\(answer)")
                #expect(failure.type == "SystemUnavailable")
                #expect(failure.message.contains("there was no answer within 15 seconds"))
            }
        }
    }

    @Test func `a failing command is the build's failure, with phase and reason`() async throws {
        try await WorkerStage.with("worker-failing") { stage in
            try await stage.store(buildspec: commands("exit 3") + "artifacts: {files: [a]}\n")
            try await stage.offer(outputs: ["app"])
            let failure = try #require(try await stage.answer().answer.failureDetails)
            #expect(failure.type == "JobFailed")
            #expect(
                failure.message.hasPrefix(
                    "BUILD: COMMAND_EXECUTION_ERROR Error while executing command: exit 3. Reason: exit status 3; log: "
                ))
        }
    }

    @Test func `a build that takes longer than the worker's default is ended`() async throws {
        try await WorkerStage.with("worker-slow") { stage in
            try await stage.store(buildspec: commands("sleep 300"))
            try await stage.offer()
            let failure = try #require(try await stage.answer("--timeout", "0.1").answer.failureDetails)
            #expect(failure.type == "JobFailed")
            #expect(failure.message.contains("BUILD_TIMED_OUT"), "\(failure.message)")
        }
    }

    @Test func `a build that may outlast its action is warned about when it begins`() async throws {
        try await WorkerStage.with("worker-long") { stage in
            try await stage.store(buildspec: commands("true"))
            try stage.scratch.write(
                #"{"name": "app", "source": {"type": "CODEPIPELINE"}, "timeoutInMinutes": 2000}"#,
                to: "projects/app.json")
            try await stage.offer(["ProjectName": "app"])
            let (answer, outcome) = try await stage.answer("--projects", stage.projects.string)
            #expect(answer.state == "Succeeded")
            #expect(outcome.standardError.contains("warning: the build may take 2000 minutes"))
            #expect(try stage.log().contains("Warning: the build may take 2000 minutes"))
        }
    }
}
