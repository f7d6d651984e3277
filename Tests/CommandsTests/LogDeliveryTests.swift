import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// Logs in CloudWatch Logs and S3, and events on a bus, with moto.
@Suite(.motoServer) struct LogDeliveryTests {
    private struct Record: Decodable {
        struct Logs: Decodable {
            var groupName: String?
            var streamName: String
            var deepLink: String
            var s3DeepLink: String?
            var cloudWatchLogsArn: String?
            var s3LogsArn: String?
        }

        var id: String
        var arn: String
        var buildStatus: String
        var logs: Logs
    }

    private func record(_ project: TestProject) throws -> Record {
        let uuid = try #require(try project.builds().first)
        let text = try project.scratch.read("app/.buildspec/builds/\(uuid)/build.json")
        return try JSONDecoder().decode(Record.self, from: Data(text))
    }

    /// The messages of a stream, as they are, in one text; and whether each is one line in order.
    private func stream(_ moto: MotoServer, _ group: String, _ stream: String) async throws -> String {
        try await moto.boto3(
            """
            logs, token, seen, last = client("logs"), None, [], 0
            while True:
                more = {"nextToken": token} if token else {}
                page = logs.get_log_events(logGroupName=sys.argv[1], logStreamName=sys.argv[2],
                                           startFromHead=True, limit=10000, **more)
                if not page["events"]: break
                for event in page["events"]:
                    assert event["timestamp"] >= last, "out of order"
                    assert event["message"].count("\\n") <= 1
                    last = event["timestamp"]
                    seen.append(event["message"])
                token = page["nextForwardToken"]
            sys.stdout.write("".join(seen))
            """, arguments: [group, stream])
    }

    @Test(arguments: ["codebuild", "json"])
    func `CloudWatch Logs has every line of the log, and the record says where`(format: String) async throws {
        let moto = try MotoServer.required()
        try await withProject(commands("seq 1 30000", "printf 'no end'; exit 3")) { project in
            let outcome = try await project.run(
                "--cloudwatch-logs", ":ci-\(format)", "--log-format", format, environment: moto.environment)
            #expect(outcome.status == 1, "\(outcome.standardError)")
            let record = try record(project)
            let uuid = try #require(record.id.split(separator: ":").last)
            #expect(record.logs.groupName == "/aws/codebuild/app")
            #expect(record.logs.streamName == "ci-\(format)/\(uuid)")
            #expect(
                record.logs.cloudWatchLogsArn
                    == "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/codebuild/app"
                    + ":log-stream:ci-\(format)/\(uuid)")
            #expect(
                record.logs.deepLink.hasSuffix(
                    "#logsV2:log-groups/log-group/$252Faws$252Fcodebuild$252Fapp"
                        + "/log-events/ci-\(format)$252F\(uuid)"))
            let delivered = try await stream(moto, "/aws/codebuild/app", record.logs.streamName)
            #expect(delivered.contains("\n29999\n30000\n"))
            #expect(delivered.contains("no end\n"))
            #expect(delivered.hasSuffix("State: SUCCEEDED\n") || delivered.contains("UPLOAD_ARTIFACTS"))
            if format == "codebuild" { #expect(delivered == outcome.standardOutput) }
        }
    }

    @Test func `a service that fails for a while gets the whole log all the same`() async throws {
        let moto = try MotoServer.required()
        let rules = [
            FaultProxy.Rule("POST", times: 2) {
                $0.status = 200
                $0.body = "{}"
            },
            FaultProxy.Rule("POST", times: 3) { $0.drop = true },
            FaultProxy.Rule("POST", times: 2) { ($0.status, $0.body) = (503, "<busy>") },
        ]
        _ = try await moto.boto3(
            """
            client("logs").create_log_group(logGroupName="late")
            client("logs").create_log_stream(logGroupName="late", logStreamName=sys.argv[1])
            """, arguments: ["unused"])
        try await FaultProxy.run(rules, upstream: moto.endpointURL) { proxy in
            try await withProject(commands("seq 1 200000")) { project in
                let outcome = try await project.run(
                    "--cloudwatch-logs", "late",
                    environment: moto.environment.merging([
                        "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": proxy.endpointURL
                    ]) { $1 })
                #expect(outcome.status == 0, "\(outcome.standardError)")
                #expect(!outcome.standardError.contains("warning"))
                let record = try record(project)
                let delivered = try await stream(moto, "late", record.logs.streamName)
                #expect(delivered == outcome.standardOutput)
            }
        }
    }

    @Test func `who may not create a log stream has no build, in CodeBuild's words`() async throws {
        let moto = try MotoServer.required()
        let body =
            #"{"__type":"AccessDeniedException","message":"not authorized to perform: logs:CreateLogStream"}"#
        let rule = FaultProxy.Rule("POST", times: 99) { ($0.status, $0.body) = (400, body) }
        try await FaultProxy.run([rule]) { proxy in
            try await withProject(commands("echo never")) { project in
                let outcome = try await project.run(
                    "--cloudwatch-logs", "/denied", "--role-arn", "arn:aws:iam::123456789012:role/build",
                    environment: moto.environment.merging([
                        "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": proxy.endpointURL
                    ]) { $1 })
                #expect(outcome.status == 3, "\(outcome)")
                #expect(!outcome.standardOutput.contains("never"))
                let record = try project.record()
                let context = try #require(record.phase("PROVISIONING")?.contexts?.first)
                #expect(context.statusCode == "ACCESS_DENIED")
                #expect(
                    context.message
                        == "Service role arn:aws:iam::123456789012:role/build does not allow AWS CodeBuild to create "
                        + "Amazon CloudWatch Logs log streams for build \(record.arn). Error message: "
                        + "not authorized to perform: logs:CreateLogStream")
            }
        }
    }

    @Test func `a log that is refused later is told, and changes nothing else`() async throws {
        let moto = try MotoServer.required()
        let body = #"{"__type":"AccessDeniedException","message":"no logs:PutLogEvents"}"#
        let rules = [
            FaultProxy.Rule("POST", times: 2) { ($0.status, $0.body) = (200, "{}") },
            FaultProxy.Rule("POST", times: 99) { ($0.status, $0.body) = (400, body) },
        ]
        try await FaultProxy.run(rules) { proxy in
            try await withProject(commands("seq 1 9")) { project in
                let outcome = try await project.run(
                    "--cloudwatch-logs", "/denied",
                    environment: moto.environment.merging([
                        "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": proxy.endpointURL
                    ]) { $1 })
                #expect(outcome.status == 0, "\(outcome)")
                #expect(outcome.standardError.contains("warning: the log in CloudWatch Logs (/denied, "))
                #expect(outcome.standardError.contains("no logs:PutLogEvents"))
            }
        }
    }

    @Test func `S3 has the log as gzip, encrypted and granted as asked`() async throws {
        let moto = try MotoServer.required()
        let key = try await moto.makeBucket("log-bucket")
        try await withProject(commands("seq 1 100000")) { project in
            let outcome = try await project.run(
                "--s3-logs", "s3://log-bucket/logs/app", "--encryption-key", key, "--output",
                "s3://log-bucket", "--s3-logs-owner-access", "full", environment: moto.environment)
            #expect(outcome.status == 0, "\(outcome.standardError)")
            let record = try record(project)
            let uuid = try #require(record.id.split(separator: ":").last)
            #expect(record.logs.s3LogsArn == "arn:aws:s3:::log-bucket/logs/app/\(uuid).gz")
            #expect(
                record.logs.s3DeepLink
                    == "https://s3.console.aws.amazon.com/s3/object/log-bucket/logs/app/\(uuid).gz"
                    + "?region=eu-central-1")
            let file = project.scratch.path.appending("fetched.gz").string
            let object = try await StoredObject.fetch(moto, "log-bucket", "logs/app/\(uuid).gz", to: file)
            #expect(object.encryption == "aws:kms")
            #expect(object.key == key)
            let text = try await project.tool("/bin/gzip", "-dc", FilePath(file).string)
            #expect(text.standardOutput == outcome.standardOutput)
            #expect(try project.files(below: "app").allSatisfy { !$0.contains(".gz") })
        }
    }

    @Test func `a bucket for logs that is not there stops the build before it begins`() async throws {
        let moto = try MotoServer.required()
        try await withProject(commands("echo never")) { project in
            let outcome = try await project.run("--s3-logs", "s3://no-logs", environment: moto.environment)
            #expect(outcome.status == 3)
            #expect(outcome.standardError.contains("bucket no-logs: NoSuchBucket"))
        }
    }

    @Test func `a bus hears of states and phases in CodeBuild's shape`() async throws {
        let moto = try MotoServer.required()
        _ = try await moto.boto3(
            """
            events, logs = client("events"), client("logs")
            logs.create_log_group(logGroupName="/heard")
            events.create_event_bus(Name="builds")
            events.put_rule(Name="all", EventBusName="builds", EventPattern='{"source": ["buildspec"]}')
            events.put_targets(Rule="all", EventBusName="builds", Targets=[
                {"Id": "1", "Arn": "arn:aws:logs:eu-central-1:123456789012:log-group:/heard"}])
            """)
        try await withProject(commands("exit 4")) { project in
            let outcome = try await project.run("--events", "builds", environment: moto.environment)
            #expect(outcome.status == 1, "\(outcome)")
            #expect(!outcome.standardError.contains("warning"), "\(outcome.standardError)")
        }
        let heard = try await moto.boto3(
            """
            logs = client("logs")
            events = [json.loads(e["message"]) for e in
                      logs.filter_log_events(logGroupName="/heard")["events"]]
            for e in events:
                d = e["detail"]
                a = d["additional-information"]
                assert d["version"] == "1" and d["project-name"] == "app", d
                assert d["build-id"].startswith("arn:aws:codebuild:eu-central-1:123456789012:build/app:"), d
                assert a["environment"]["type"] == "LINUX_CONTAINER" and a["timeout-in-minutes"] == 60, a
                if "State" in e["detail-type"]:
                    print(e["detail-type"], d["build-status"], d["current-phase"], a["build-complete"])
                else:
                    print(d["completed-phase"], d["completed-phase-status"], d["completed-phase-context"],
                          d["completed-phase-duration-seconds"], d["completed-phase-end"][:3].isalpha())
            print([p["phase-type"] for p in a["phases"]][-3:], a["phases"][5]["phase-context"])
            """)
        let lines = heard.split(separator: "\n").map(String.init)
        #expect(lines.first == "CodeBuild Build State Change IN_PROGRESS SUBMITTED False", "\(heard)")
        #expect(
            lines.contains { $0.hasPrefix("BUILD FAILED [COMMAND_EXECUTION_ERROR: Error while executing") })
        #expect(lines.contains { $0.hasPrefix("INSTALL SUCCEEDED [] 0 True") })
        #expect(lines.dropLast().last == "CodeBuild Build State Change FAILED COMPLETED True")
    }

    @Test func `a bus that is not there is told, and changes nothing else`() async throws {
        let moto = try MotoServer.required()
        let refusal =
            #"{"FailedEntryCount":1,"Entries":[{"ErrorCode":"InternalFailure","ErrorMessage":"no"}]}"#
        let rule = FaultProxy.Rule("POST", times: 999) { ($0.status, $0.body) = (200, refusal) }
        try await FaultProxy.run([rule]) { proxy in
            try await withProject(commands("echo built")) { project in
                let outcome = try await project.run(
                    "--events", "builds", "--sandbox", "host",
                    environment: moto.environment.merging(["AWS_ENDPOINT_URL_EVENTBRIDGE": proxy.endpointURL])
                    {
                        $1
                    })
                #expect(outcome.status == 0, "\(outcome)")
                #expect(outcome.standardError.contains("event(s) did not reach the bus builds: "))
            }
        }
    }

    @Test(arguments: [
        ["--cloudwatch-logs", "no good"], ["--cloudwatch-logs", "group:"], ["--cloudwatch-logs", "g:a*"],
        ["--s3-logs", "bucket"], ["--s3-logs", "s3://"], ["--s3-logs-unencrypted"], ["--events", ""],
    ])
    func `what makes no sense is said at once`(arguments: [String]) async throws {
        try await withProject(commands("echo never")) { project in
            let outcome = try await project.buildspec(["run"] + arguments)
            #expect(outcome.status == 2, "\(outcome)")
            #expect(outcome.standardError.contains(arguments[0].prefix(9)))
        }
    }
}
