import FoundationEssentials
import SystemPackage

/// The stand-in for CodePipeline of `samples/pipeline-worker`, on a free port of the loopback interface.
package struct PipelineStandIn: Sendable {
    /// The address, `http://127.0.0.1:<port>`.
    package let endpointURL: String

    /// The only keys that it knows.
    package var environment: [String: String] {
        [
            "AWS_ENDPOINT_URL_CODEPIPELINE": endpointURL, "AWS_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/nonexistent",
            "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
        ]
    }

    /// What became of one job.
    package struct Job: Sendable, Decodable {
        /// Its name.
        package let id: String
        /// `Queued`, `Dispatched`, `InProgress`, `Succeeded`, `Failed` or `TimedOut`.
        package let state: String
        /// The results that were taken.
        package let answers: [Answer]
        /// How many results came too late.
        package let late: Int
    }

    /// A result that was taken.
    package struct Answer: Sendable, Decodable {
        /// `Succeeded` or `Failed`.
        package let state: String
        /// Of a failure.
        package let failureDetails: FailureDetails?
        /// Of a success.
        package let outputVariables: [String: String]?
        /// Of a success.
        package let executionDetails: ExecutionDetails?
    }

    /// What the pipeline's owner is shown of a success.
    package struct ExecutionDetails: Sendable, Decodable {
        /// In words.
        package let summary: String
        /// The build's id.
        package let externalExecutionId: String
    }

    /// Why a job failed.
    package struct FailureDetails: Sendable, Decodable {
        /// One of `FailureType`.
        package let type: String
        /// In words.
        package let message: String
    }

    /// Everything the stand-in knows.
    package struct State: Sendable, Decodable {
        /// Every job, in the order in which it was added.
        package let jobs: [Job]
        /// Requests that the real service would not have understood, or not trusted.
        package let violations: [String]
        /// How often each operation was called.
        package let requests: [String: Int]
    }

    /// Offers more jobs: a JSON list of `data` objects.
    package func add(_ jobs: String) async throws {
        _ = try await python("post('/_jobs', sys.stdin.read())", input: jobs)
    }

    /// What became of every job.
    package func state() async throws -> State {
        try JSONDecoder().decode(State.self, from: Data(try await python("print(get('/_state'))").utf8))
    }

    private func python(_ script: String, input: String = "") async throws -> String {
        let prelude = """
            import sys, urllib.request
            def get(path): return urllib.request.urlopen(sys.argv[1] + path).read().decode()
            def post(path, text):
                urllib.request.urlopen(urllib.request.Request(sys.argv[1] + path, text.encode(), method="POST")).read()

            """
        return try await PythonEnvironment().run(
            prelude + script, arguments: [endpointURL], input: input)
    }

    /// Starts a stand-in for `body`, and stops it afterwards.
    ///
    /// - Parameters:
    ///   - misbehaviour: each kind with its share of requests, as `codepipeline.py --misbehave` takes them.
    ///   - body: what to do meanwhile.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws; a failure when the stand-in does not start.
    package static func run<R: Sendable>(
        misbehaviour: [String] = [], _ body: @Sendable (PipelineStandIn) async throws -> R
    ) async throws -> R {
        let directory = FilePath(#filePath).removingLastComponent().removingLastComponent()
            .removingLastComponent().appending("samples/pipeline-worker")
        let script = """
            import sys, threading
            sys.dont_write_bytecode = True
            sys.path.insert(0, sys.argv[1])
            import codepipeline
            server = codepipeline.start(sys.argv[2:])
            threading.Thread(target=server.serve_forever, daemon=True).start()
            print("ready", server.server_address[1], flush=True)
            sys.stdin.read()
            """
        let arguments = [directory.string] + misbehaviour.flatMap { ["--misbehave", $0] }
        return try await withPythonServer(script, arguments: arguments) { port in
            try await body(PipelineStandIn(endpointURL: "http://127.0.0.1:\(port)"))
        }
    }
}
