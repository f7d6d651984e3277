import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// `samples/pipeline-worker`: its page does what it shows, and its templates make what they say.
@Suite(.motoServer) struct PipelineWorkerSampleTests {
    private static let repository = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent()
    private static let sample = repository.appending("samples/pipeline-worker")

    private static func page() throws -> String {
        try String(contentsOf: URL(filePath: sample.appending("README.md").string), encoding: .utf8)
    }

    private func tools() throws -> FilePath {
        try PythonEnvironment().tool("aws").removingLastComponent()
    }

    @Test func `every command that needs no account does what the page shows`() async throws {
        let commands = try ConsoleCommand.read(Self.sample.appending("README.md"))
        #expect(commands.count >= 1)
        let binaries = try Program.buildspec().executable.removingLastComponent()
        for command in commands {
            try await withScratchDirectory { scratch in
                var invocation = Program.Invocation(["-c", "exec 2>&1\n" + command.command])
                invocation.environment = [
                    "HOME": scratch.path.string, "TMPDIR": scratch.path.string,
                    "PYTHON": "\(try tools())/python", "PATH": "\(binaries):/usr/bin:/bin",
                ]
                invocation.directory = Self.repository
                let outcome = try await Program("/bin/sh").run(invocation)
                #expect(outcome.status == 0, "\(outcome)")
                let lines = outcome.standardOutput.split(separator: "\n").map(String.init)
                #expect(command.matches(lines), "\(command.command) said:\n\(outcome.standardOutput)")
                // Nothing is left behind, neither files nor servers.
                #expect(try scratch.names().filter { $0.hasPrefix("tmp.") } == [])
            }
        }
    }

    /// Commands that need an account: the shell and the AWS CLI take them as they are, up to the network.
    @Test func `every command for AWS is well formed, and its options exist`() async throws {
        let blocks = try Self.page().matches(of: #/```sh\n((?s:.*?))```/#).map { String($0.output.1) }
        #expect(blocks.count == 4)
        try await withScratchDirectory { scratch in
            for block in blocks {
                var syntax = Program.Invocation(["-n"])
                syntax.input = Array(block.utf8)
                #expect(try await Program("/bin/sh").run(syntax).status == 0)
                let lines = block.replacing("\\\n", with: " ").split(separator: "\n")
                for line in lines where line.contains("aws ") {
                    let command = line[(line.firstRange(of: "aws ")?.lowerBound ?? line.startIndex)...]
                    var invocation = Program.Invocation(
                        [
                            "-c",
                            "bucket=artifacts; "
                                + (line.contains("$(aws") ? String(command.dropLast()) : String(command)),
                        ])
                    invocation.environment = [
                        // Nobody listens there.
                        "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1",
                        "AWS_ACCESS_KEY_ID": "a",
                        "AWS_SECRET_ACCESS_KEY": "a", "AWS_DEFAULT_REGION": "eu-central-1",
                        "AWS_EC2_METADATA_DISABLED": "true", "HOME": scratch.path.string,
                        "PATH": "\(try tools()):/usr/bin:/bin",
                    ]
                    invocation.directory = Self.repository
                    let outcome = try await Program("/bin/sh").run(invocation)
                    // 252 and 2 are how the AWS CLI refuses arguments.
                    #expect(![0, 2, 252].contains(outcome.status), "\(command): \(outcome)")
                    let isSent =
                        outcome.standardError.contains("Could not connect to the endpoint URL")
                        || outcome.standardError.contains("user-provided path")
                    #expect(isSent, "\(command): \(outcome)")
                }
            }
        }
    }

    @Test func `every metric and every message of the page is the worker's`() async throws {
        let page = try Self.page()
        let sources = Self.repository.appending("Sources")
        var code = ""
        for path in try FileManager.default.subpathsOfDirectory(atPath: sources.string)
        where path.hasSuffix(".swift") {
            code += try String(contentsOf: URL(filePath: sources.appending(path).string), encoding: .utf8)
        }
        let metrics = Set(
            page.matches(of: #/`((?:buildspec_worker|process)_[a-z_]+)`/#).map { String($0.output.1) })
        #expect(metrics.count > 10)
        for name in metrics where !code.contains("\"\(name)\"") {
            #expect(name.hasPrefix("buildspec_worker_jobs_") && name.hasSuffix("_total"), "\(name)")
        }
        let table = page.split(separator: "## When something is wrong").last ?? ""
        let messages = table.matches(of: #/\n\| `([^`]+)` \|/#).map { String($0.output.1) }
        #expect(messages.count >= 10)
        for message in messages {
            for piece in message.split(separator: "...").flatMap({ $0.split(separator: ": ") })
            where piece.count > 4 {
                #expect(code.contains(piece.trimmed), "\(message)")
            }
        }
        let options = Set(page.matches(of: #/`(--[a-z-]+)/#).map { String($0.output.1) })
        var invocation = Program.Invocation(["worker", "--help"])
        invocation.environment = ["HOME": "/nonexistent", "COLUMNS": "200"]
        let help = try await Program.buildspec().run(invocation).standardOutput
        #expect(options.count > 4)
        for option in options { #expect(help.contains(option), "\(option)") }
    }

    @Test(arguments: ["worker.yml", "pipeline.yml"])
    func `cfn-lint finds nothing wrong with a template`(template: String) async throws {
        var invocation = Program.Invocation([Self.sample.appending(template).string])
        invocation.environment = ["HOME": "/nonexistent", "LC_ALL": "C.UTF-8"]
        let outcome = try await Program(PythonEnvironment().tool("cfn-lint")).run(invocation)
        #expect(outcome.status == 0, "\(outcome)")
    }

    /// Creates both stacks for real, but for what moto has no idea of: the action, the pipeline and the bucket's policy.
    @Test func `both templates become stacks`() async throws {
        let output = try await MotoServer.required().boto3(
            """
            ec2 = client("ec2")
            network = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
            subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
            image = ec2.describe_images()["Images"][0]["ImageId"]
            cloud = client("cloudformation")
            def create(name, **parameters):
                # moto knows no Debian, and looks a default up even where there is another value.
                with open(f"{sys.argv[1]}/{name}.yml") as file:
                    body = file.read().replace("AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", "String")
                cloud.create_stack(StackName=name, TemplateBody=body, Capabilities=["CAPABILITY_IAM"], Parameters=[
                    {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()])
                stack, = cloud.describe_stacks(StackName=name)["Stacks"]
                resources = cloud.describe_stack_resources(StackName=name)["StackResources"]
                print(stack["StackStatus"], *sorted(r["LogicalResourceId"] for r in resources if "LogicalResourceId" in r))
            create("worker", ReleaseBucket="releases", ReleaseKey="buildspec-1.tar.gz", VpcId=network,
                   Subnets=subnet, ImageId=image)
            create("pipeline")
            group, = client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
            print(group["AutoScalingGroupName"], group["DesiredCapacity"])
            group, = ec2.describe_security_groups(Filters=[
                {"Name": "description", "Values": ["Workers ask; nobody asks them"]}])["SecurityGroups"]
            print("open ports:", group["IpPermissions"])
            """, arguments: [Self.sample.string])
        #expect(
            output == """
                CREATE_COMPLETE WorkerGroup WorkerLogsPolicy WorkerPolicy WorkerProfile WorkerRole WorkerSecurityGroup \
                WorkerTemplate
                CREATE_COMPLETE ArtifactBucket ArtifactKey PipelinePolicy PipelineRole
                worker-workers 1
                open ports: []

                """)
    }

    /// Reads a template with the defaults of its parameters, its functions evaluated as far as that matters here.
    private static let template = """
        import sys, yaml
        sys.dont_write_bytecode = True
        class Loader(yaml.SafeLoader): pass
        text = open(f"{sys.argv[1]}/{sys.argv[2]}").read()
        parameters = {}
        def function(loader, suffix, node):
            if isinstance(node, yaml.SequenceNode): return loader.construct_sequence(node, True)
            value = loader.construct_scalar(node)
            if suffix == "GetAtt": return "arn:aws:iam::123456789012:role/" + value.split(".")[0]
            if suffix == "Ref": return parameters.get(value, value.lower())
            for name, default in parameters.items(): value = value.replace("${%s}" % name, str(default))
            return value.replace("${AWS::Region}", "eu-central-1")
        yaml.add_multi_constructor("!", function, Loader)
        for name, parameter in yaml.load(text, Loader)["Parameters"].items(): parameters[name] = parameter.get("Default", "")
        resources = yaml.load(text, Loader)["Resources"]
        def properties(value):
            # The properties as the API of the service names them.
            if isinstance(value, list): return [properties(item) for item in value]
            if not isinstance(value, dict): return value
            return {key[0].lower() + key[1:]: item if key == "Configuration" else properties(item) for key, item in value.items()}
        sys.path.insert(0, sys.argv[1])
        import codepipeline
        model = codepipeline.Model()

        """

    @Test func `CodePipeline takes the action and the pipeline, as far as its model says`() async throws {
        let output = try await PythonEnvironment().run(
            Self.template + """
                model.check("CreateCustomActionType", properties(resources["Action"]["Properties"]))
                action = resources["Action"]["Properties"]
                print(*[p["Name"] for p in action["ConfigurationProperties"]])
                assert not any(p["Queryable"] or p["Secret"] for p in action["ConfigurationProperties"])
                for url in action["Settings"].values(): print("${" in url, "{Config:ProjectName}" in url)
                """, arguments: [Self.sample.string, "worker.yml"])
        #expect(
            output == """
                ProjectName BuildspecOverride EnvironmentVariables PrimarySource Image
                False True
                False True

                """)
        let pipeline = try await PythonEnvironment().run(
            Self.template + """
                pipeline = properties(resources["Pipeline"]["Properties"])
                model.check("CreatePipeline", {"pipeline": {"name": "shop", **pipeline}})
                action = pipeline["stages"][1]["actions"][0]
                print(action["actionTypeId"]["owner"], action["configuration"]["ProjectName"])
                """, arguments: [Self.sample.string, "pipeline.yml"])
        #expect(pipeline == "Custom shop\n")
    }

    @Test func `the instance's script is one, and metadata takes a token and travels no further`()
        async throws
    {
        let script = try await PythonEnvironment().run(
            """
            import sys, yaml
            class Loader(yaml.SafeLoader): pass
            def function(loader, suffix, node):
                kind = {yaml.ScalarNode: loader.construct_scalar, yaml.SequenceNode: loader.construct_sequence,
                        yaml.MappingNode: loader.construct_mapping}[type(node)]
                return {suffix: kind(node, True)} if kind != loader.construct_scalar else {suffix: kind(node)}
            yaml.add_multi_constructor("!", function, Loader)
            data = yaml.load(open(sys.argv[1]), Loader)["Resources"]["WorkerTemplate"]["Properties"]["LaunchTemplateData"]
            assert data["MetadataOptions"] == {
                "HttpEndpoint": "enabled", "HttpTokens": "required", "HttpPutResponseHopLimit": 1}, data
            print(data["UserData"]["Fn::Base64"]["Sub"])
            """, arguments: [Self.sample.appending("worker.yml").string])
        var syntax = Program.Invocation(["-n"])
        // What CloudFormation puts in.
        syntax.input = Array(script.replacing(#/\$\{[A-Za-z:]+\}/#, with: "value").utf8)
        let outcome = try await Program("/bin/bash").run(syntax)
        #expect(outcome.status == 0 && outcome.standardError == "", "\(outcome)")
        #expect(script.contains("systemctl enable --now buildspec-worker"))
    }
}

extension Substring {
    /// Without blanks at its ends.
    fileprivate var trimmed: Substring {
        let start = drop { $0 == " " }
        return start.prefix(
            (start.lastIndex { $0 != " " }.map { start.distance(from: start.startIndex, to: $0) } ?? -1) + 1)
    }
}
