import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// The sample of a team that deploys by itself, with the real AWS CLI against a real look-alike.
@Suite(.motoServer) struct SampleTests {
    private static let sample = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent().appending("samples/lambda-alias")

    @Test func `lambda-alias publishes a version and moves the alias to it`() async throws {
        let server = try MotoServer.required()
        _ = try await server.boto3(
            """
            trust = {"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
            client("iam").create_role(RoleName="deploy-orders", AssumeRolePolicyDocument=json.dumps(trust))
            """)
        try await withScratchDirectory { scratch in
            try FileManager.default.copyItem(
                atPath: Self.sample.string, toPath: scratch.path.appending("lambda-alias").string)
            for version in ["1", "2"] {
                let outcome = try await run(server, scratch)
                #expect(outcome.status == 0, "\(outcome)")
                // moto publishes the function's first code as version 1 when it is updated for the first time.
                #expect(
                    outcome.standardOutput.contains("the alias live of orders is at version \(version)"),
                    "\(outcome)")
            }
        }
        let alias = try await server.boto3(
            """
            alias = client("lambda").get_alias(FunctionName="orders", Name="live")
            print(alias["FunctionVersion"])
            """)
        #expect(alias.split(whereSeparator: \.isNewline) == ["2"])
    }

    /// On the host, because the project's own AWS CLI is not in a system directory, which is all a sandbox sees.
    private func run(_ server: MotoServer, _ scratch: ScratchDirectory) async throws -> Program.Outcome {
        let tools = try PythonEnvironment().tool("aws").removingLastComponent()
        var arguments = [
            "run", scratch.path.appending("lambda-alias").string, "--sandbox", "host", "--output",
            scratch.path.appending("out").string,
        ]
        let variables = [
            "PATH": "\(tools):/usr/bin:/bin:\(try Program.buildspec().executable.removingLastComponent())",
            "AWS_ENDPOINT_URL": server.endpointURL, "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "DEPLOY_ROLE_ARN": "arn:aws:iam::123456789012:role/deploy-orders",
        ]
        for (name, value) in variables.sorted(by: { $0.key < $1.key }) {
            arguments += ["--env", "\(name)=\(value)"]
        }
        var invocation = Program.Invocation(arguments)
        invocation.environment = ["HOME": scratch.path.string, "AWS_REGION": "eu-central-1"]
        invocation.limit = .seconds(120)
        return try await Program.buildspec().run(invocation)
    }
}
