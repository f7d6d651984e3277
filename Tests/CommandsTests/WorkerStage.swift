import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// Everything a worker needs: a stand-in for CodePipeline, moto with a bucket, a state directory, and the real
/// `buildspec worker`.
struct WorkerStage: Sendable {
    let moto: MotoServer
    let standIn: PipelineStandIn
    let scratch: ScratchDirectory
    let bucket: String
    let binary: Program

    var state: FilePath { scratch.path.appending("state") }
    var projects: FilePath { scratch.path.appending("projects") }

    /// Calls `body` with a stage; the bucket is the test's own.
    static func with(
        misbehaviour: [String] = [], _ bucket: String, _ body: @Sendable (WorkerStage) async throws -> Void
    ) async throws {
        let moto = try MotoServer.required()
        _ = try await moto.makeBucket(bucket)
        try await PipelineStandIn.run(misbehaviour: misbehaviour) { standIn in
            try await withScratchDirectory { scratch in
                try FileManager.default.createDirectory(
                    atPath: scratch.path.appending("tmp").string, withIntermediateDirectories: true)
                try await body(
                    WorkerStage(
                        moto: moto, standIn: standIn, scratch: scratch, bucket: bucket,
                        binary: try Program.buildspec()))
            }
        }
    }

    /// Stores an input artifact: a zip of these files.
    func store(_ name: String, _ files: [String: String]) async throws {
        let text = String(decoding: try JSONEncoder().encode(files), as: UTF8.self)
        _ = try await moto.boto3(
            """
            import io, zipfile
            data = io.BytesIO()
            with zipfile.ZipFile(data, "w") as z:
                for name, text in json.loads(sys.argv[3]).items(): z.writestr(name, text)
            client("s3").put_object(Bucket=sys.argv[1], Key=sys.argv[2], Body=data.getvalue())
            """, arguments: [bucket, "in/\(name)", text])
    }

    /// Stores the input artifact `source` with this buildspec, and nothing else.
    func store(buildspec: String) async throws {
        try await store("source", ["buildspec.yml": buildspec])
    }

    /// Offers jobs, all alike but for `NUMBER`, which becomes each one's number.
    func offer(
        _ configuration: [String: String] = [:], inputs: [String] = ["source"], outputs: [String] = [],
        key: String? = nil, bucket: String? = nil, count: Int = 1
    ) async throws {
        func artifacts(_ names: [String], _ prefix: String) -> String {
            names.map {
                """
                {"name": "\($0)", "revision": "revision-\($0)", "location": {"type": "S3",
                 "s3Location": {"bucketName": "\(bucket ?? self.bucket)", "objectKey": "\(prefix)/\($0)"}}}
                """
            }.joined(separator: ",")
        }
        let settings = String(decoding: try JSONEncoder().encode(configuration), as: UTF8.self)
        let job = """
            {"actionTypeId": {"category": "Build", "owner": "Custom", "provider": "buildspec", "version": "1"},
             "actionConfiguration": {"configuration": \(settings)},
             "pipelineContext": {"pipelineName": "shop", "stage": {"name": "Build"}, "action": {"name": "Compile"}},
             "inputArtifacts": [\(artifacts(inputs, "in"))], "outputArtifacts": [\(artifacts(outputs, "out"))]
             \(key.map { ", \"encryptionKey\": {\"id\": \"\($0)\", \"type\": \"KMS\"}" } ?? "")}
            """
        let jobs = (0..<count).map { job.replacing("NUMBER", with: "\($0)") }
        try await standIn.add("[" + jobs.joined(separator: ",") + "]")
    }

    /// What `buildspec worker` is called with.
    func invocation(
        _ arguments: [String], environment more: [String: String] = [:], state: FilePath? = nil,
        limit: Duration = .seconds(240)
    ) -> Program.Invocation {
        var invocation = Program.Invocation(
            [
                "worker", "--provider", "buildspec", "--action-version", "1", "--state-dir",
                (state ?? self.state).string,
            ] + arguments)
        invocation.environment = moto.environment.merging(standIn.environment) { $1 }
            .merging(["HOME": scratch.path.string, "TMPDIR": scratch.path.appending("tmp").string]) { $1 }
            .merging(more) { $1 }
        invocation.limit = limit
        return invocation
    }

    /// Works until the options end it.
    @discardableResult
    func work(_ arguments: String..., environment: [String: String] = [:]) async throws -> Program.Outcome {
        try await binary.run(invocation(arguments, environment: environment))
    }

    /// Works off the one job that was offered.
    /// - Returns: its answer, and what the worker said.
    func answer(
        _ arguments: String..., environment: [String: String] = [:]
    ) async throws -> (answer: PipelineStandIn.Answer, outcome: Program.Outcome) {
        let outcome = try await binary.run(invocation(["--once"] + arguments, environment: environment))
        let known = try await standIn.state()
        #expect(known.violations == [])
        #expect(outcome.status == 0, "\(outcome)")
        let answers = known.jobs.flatMap(\.answers)
        try #require(answers.count == 1, "\(outcome)")
        try expectClean()
        return (answers[0], outcome)
    }

    /// Nothing is left but records and logs.
    func expectClean(_ location: SourceLocation = #_sourceLocation) throws {
        let left = try FileManager.default.subpathsOfDirectory(atPath: scratch.path.string).filter { path in
            path.contains("/work") || path.hasSuffix("/running") || path.hasSuffix(".partial")
                || path.contains("/journal/") || path.hasPrefix("tmp/") || path.contains("/uploads/")
        }
        #expect(left == [], sourceLocation: location)
    }

    /// The text of the only build's log.
    func log() throws -> String {
        let builds = try FileManager.default.contentsOfDirectory(atPath: state.appending("builds").string)
        try #require(builds.count == 1)
        return String(
            decoding: try scratch.read("state/builds/\(builds[0])/build.log"), as: UTF8.self)
    }
}
