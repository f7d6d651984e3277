import AWSClient
import BuildEngine
import PipelineWorker
import Synchronization
import TestSupport
import Testing

/// A worker at work with the stand-in for CodePipeline, well-behaved and not.
@Suite struct PipelineWorkerTests {
    /// Builds nothing, and answers success; remembers which jobs it was asked to build.
    private final class Builder: JobBuilder {
        let built = Mutex<[String]>([])
        let result: JobResult

        init(_ result: JobResult) { self.result = result }

        func build(_ job: PipelineJob, artifacts: AWSSession) async -> JobResult {
            built.withLock { $0.append(job.id) }
            return result
        }
    }

    private struct Silence: WorkerObserver {
        func note(_ event: WorkerEvent) {}
    }

    private static let success = JobResult.success(
        JobResult.ExecutionDetails(summary: "build 1 of app succeeded", externalExecutionID: "app:1"),
        outputVariables: ["VERSION": "1.2"])

    private func jobs(_ count: Int) -> String {
        let job = """
            {"actionTypeId": {"category": "Build", "owner": "Custom", "provider": "buildspec", "version": "1"},
             "actionConfiguration": {"configuration": {"ProjectName": "app"}},
             "pipelineContext": {"pipelineName": "p", "stage": {"name": "s"}, "action": {"name": "a"}},
             "inputArtifacts": [{"name": "in", "location": {"type": "S3",
               "s3Location": {"bucketName": "b", "objectKey": "k"}}}], "outputArtifacts": []}
            """
        return "[" + Array(repeating: job, count: count).joined(separator: ",") + "]"
    }

    private func work(
        _ standIn: PipelineStandIn, _ scratch: ScratchDirectory, _ builder: Builder, jobs: Int
    ) async throws {
        let configuration = try AWSConfiguration(environment: standIn.environment, overrides: .init())
        var options = AWSSessionOptions()
        options.firstRetryDelay = .milliseconds(5)
        try await withAWSSession(configuration, options: options) { session in
            var rules = WorkerSchedule.Rules(concurrency: 4)
            rules.maximumJobs = jobs
            rules.pollInterval = .milliseconds(50)
            rules.longestPause = .milliseconds(200)
            let type = try #require(BuildActionType(provider: "buildspec", version: "1"))
            let worker = PipelineWorker(
                actionType: type, rules: rules, session: session,
                journal: try JobJournal(state: scratch.path), builder: builder, observer: Silence())
            try await worker.run(WorkerControl())
        }
    }

    @Test(arguments: [
        [], ["lost=0.2", "reset=0.1"], ["throttle=0.2", "fault=0.2", "expired=0.1"], ["duplicate=0.5"],
    ])
    func `every job is built once and answered once`(misbehaviour: [String]) async throws {
        try await PipelineStandIn.run(misbehaviour: misbehaviour) { standIn in
            try await withScratchDirectory { scratch in
                try await standIn.add(jobs(12))
                let builder = Builder(Self.success)
                try await work(standIn, scratch, builder, jobs: 12)
                let state = try await standIn.state()
                #expect(state.jobs.allSatisfy { $0.state == "Succeeded" && $0.answers.count == 1 })
                #expect(state.jobs.first?.answers.first?.outputVariables == ["VERSION": "1.2"])
                #expect(state.violations == [])
                let built = builder.built.withLock { $0 }
                #expect(built.count == 12 && Set(built).count == 12)
            }
        }
    }

    @Test(arguments: ["lost", "reset", "throttle", "fault", "expired"])
    func `a worker that nobody answers still ends when it is told to`(misbehaviour: String) async throws {
        try await PipelineStandIn.run(misbehaviour: [misbehaviour + "=1"]) { standIn in
            try await withScratchDirectory { scratch in
                try await standIn.add(jobs(1))
                let configuration = try AWSConfiguration(environment: standIn.environment, overrides: .init())
                let took = try await withAWSSession(configuration) { session in
                    let type = try #require(BuildActionType(provider: "buildspec", version: "1"))
                    let worker = PipelineWorker(
                        actionType: type, rules: WorkerSchedule.Rules(concurrency: 1), session: session,
                        journal: try JobJournal(state: scratch.path), builder: Builder(Self.success),
                        observer: Silence())
                    let control = WorkerControl()
                    let work = Task { try await worker.run(control) }
                    try await Task.sleep(for: .seconds(2))
                    return try await ContinuousClock().measure {
                        control.drain()
                        try await work.value
                    }
                }
                #expect(took < .seconds(2))
            }
        }
    }

    @Test func `what an ended worker had claimed is answered for by the next`() async throws {
        try await PipelineStandIn.run { standIn in
            try await withScratchDirectory { scratch in
                try await standIn.add(jobs(2))
                let configuration = try AWSConfiguration(environment: standIn.environment, overrides: .init())
                try await withAWSSession(configuration) { session in
                    let client = CodePipelineClient(context: try session.context(.codePipeline))
                    let type = try #require(BuildActionType(provider: "buildspec", version: "1"))
                    let offered = try await client.pollForJobs(type, maximumCount: 2)
                    try #require(offered.count == 2)
                    let journal = try JobJournal(state: scratch.path)
                    // One was being built, the other's acknowledgement had not been sent.
                    _ = try await client.acknowledge(jobID: offered[0].id, nonce: offered[0].nonce ?? "")
                    try journal.write(JobEntry(jobID: offered[0].id, stage: .building))
                    try journal.write(
                        JobEntry(jobID: offered[1].id, stage: .claiming(nonce: offered[1].nonce ?? "")))
                }
                let builder = Builder(Self.success)
                try await work(standIn, scratch, builder, jobs: 2)
                let state = try await standIn.state()
                let failure = state.jobs[0].answers.first?.failureDetails
                #expect(failure?.type == "SystemUnavailable")
                #expect(failure?.message.contains("retry the action") == true)
                #expect(state.jobs[1].state == "Succeeded")
                #expect(builder.built.withLock { $0 } == [state.jobs[1].id])
            }
        }
    }

    @Test func `an action that does not exist is told at once`() async throws {
        try await PipelineStandIn.run { standIn in
            try await withScratchDirectory { scratch in
                var environment = standIn.environment
                environment["AWS_SECRET_ACCESS_KEY"] = "wrong"
                let configuration = try AWSConfiguration(environment: environment, overrides: .init())
                await #expect(throws: AWSError.self) {
                    try await withAWSSession(configuration) { session in
                        let type = try #require(BuildActionType(provider: "buildspec", version: "1"))
                        let worker = PipelineWorker(
                            actionType: type, rules: .init(concurrency: 1), session: session,
                            journal: try JobJournal(state: scratch.path), builder: Builder(Self.success),
                            observer: Silence())
                        try await worker.run(WorkerControl())
                    }
                }
            }
        }
    }
}
