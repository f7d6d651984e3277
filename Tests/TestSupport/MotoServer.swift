package import Testing

/// A look-alike of AWS's services (moto) on a free port of the loopback interface.
package struct MotoServer: Sendable {
    /// The address, `http://127.0.0.1:<port>`.
    package let endpointURL: String

    /// A server that somebody else runs at this address.
    package init(endpointURL: String) {
        self.endpointURL = endpointURL
    }

    /// The server of the running test, when it or its suite has the trait `.motoServer`.
    @TaskLocal package static var current: MotoServer?

    /// The server of the running test.
    ///
    /// - Throws: a failure when the trait `.motoServer` is missing.
    package static func required() throws -> MotoServer {
        guard let current else {
            throw PythonEnvironment.Failure(description: "this test needs the trait .motoServer")
        }
        return current
    }

    /// The secret key in `environment`.
    package static let secretAccessKey = "made-up-for-a-test"

    /// An environment for clients of the server: endpoint, region and keys that mean nothing.
    ///
    /// There is no home, so the machine's own AWS files are out of reach.
    package var environment: [String: String] {
        [
            "AWS_ENDPOINT_URL": endpointURL, "AWS_REGION": "eu-central-1",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": Self.secretAccessKey,
            "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/nonexistent",
            "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
        ]
    }

    /// Runs a boto3 script against the server; `client(name)` makes a client there.
    ///
    /// Returns what it prints.
    package func boto3(_ script: String, arguments: [String] = []) async throws -> String {
        let prelude = """
            import sys, json, boto3, botocore.config
            def client(name, **more):
                config = botocore.config.Config(s3={"addressing_style": "path"})
                return boto3.client(name, config=config, **more)

            """
        return try await PythonEnvironment().run(
            prelude + script, arguments: arguments, environment: environment)
    }

    /// Starts a server for `body` and stops it afterwards, also on errors.
    @discardableResult
    package static func run<R: Sendable>(_ body: @Sendable (MotoServer) async throws -> R) async throws -> R {
        try await withPythonServer(script) { port in
            try await body(MotoServer(endpointURL: "http://127.0.0.1:\(port)"))
        }
    }

    private static let script = """
        import logging, sys
        logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
        from moto.server import ThreadedMotoServer
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        print("ready", server.get_host_and_port()[1], flush=True)
        sys.stdin.read()
        server.stop()
        """
}

/// Gives a suite (or one test) a moto server of its own; find it as `MotoServer.required()`.
package struct MotoServerTrait: SuiteTrait, TestTrait, TestScoping {
    /// One server for the whole suite.
    package var isRecursive: Bool { false }

    /// Runs the suite or the test while a server answers.
    @concurrent package func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await MotoServer.run { server in
            try await MotoServer.$current.withValue(server) { try await function() }
        }
    }
}

extension Trait where Self == MotoServerTrait {
    /// A moto server for the suite or the test.
    package static var motoServer: MotoServerTrait { MotoServerTrait() }
}
