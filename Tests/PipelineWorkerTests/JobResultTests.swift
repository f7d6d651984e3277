import BuildEngine
import FoundationEssentials
import PipelineWorker
import Testing

@Suite struct JobResultTests {
    /// A record as `build.json` has it, with one phase that did not succeed, if one is named.
    private func record(
        _ status: BuildStatus, phase: PhaseType? = nil, _ context: PhaseContext = .init()
    ) throws -> BuildRecord {
        let message = String(decoding: try JSONEncoder().encode([context]), as: UTF8.self)
        let phases = phase.map {
            """
            {"phaseType": "\($0.rawValue)", "phaseStatus": "FAILED", "startTime": 1, "contexts": \(message)}
            """
        }
        let text = """
            {"id": "shop:1234", "arn": "arn", "buildNumber": 7, "startTime": 1, "currentPhase": "COMPLETED",
             "buildStatus": "\(status.rawValue)", "projectName": "shop",
             "phases": [{"phaseType": "INSTALL", "phaseStatus": "SUCCEEDED", "startTime": 1}\(phases.map { "," + $0 } ?? "")],
             "source": {"type": "DIRECTORY", "location": "/"}, "secondaryArtifacts": [],
             "environment": {"type": "LINUX_CONTAINER", "image": "bubblewrap", "environmentVariables": []},
             "logs": {"deepLink": "", "streamName": ""}, "timeoutInMinutes": 60, "buildComplete": true, "initiator": "me",
             "exportedEnvironmentVariables": [
                {"name": "IMAGE", "value": "web:1"}, {"name": "IMAGE", "value": "web:2"}, {"name": "a.b", "value": ""}]}
            """
        return try JSONDecoder().decode(BuildRecord.self, from: Data(text.utf8))
    }

    private func failure(_ result: JobResult) throws -> JobResult.FailureDetails {
        guard case .failure(let details) = result else {
            throw Unexpected()
        }
        return details
    }

    private struct Unexpected: Error {}

    @Test func `a build that succeeded gives its exported variables, those that CodePipeline takes`() throws {
        let result = JobResult(record: try record(.succeeded), runnerFailure: nil)
        guard case .success(let details, let variables) = result else { throw Unexpected() }
        #expect(details.summary == "build 7 of shop succeeded")
        #expect(details.externalExecutionID == "shop:1234")
        #expect(variables == ["IMAGE": "web:2"])
    }

    @Test func `a build that failed says in which phase and why`() throws {
        let failed = try record(.failed, phase: .build, .commandFailed("make", "exit status 2"))
        let details = try failure(JobResult(record: failed, runnerFailure: nil))
        #expect(details.kind == .jobFailed)
        #expect(
            details.message
                == "BUILD: COMMAND_EXECUTION_ERROR Error while executing command: make. Reason: exit status 2"
        )
    }

    @Test func `a runner that could not do its part is not the build's failure`() throws {
        let refused = try record(.failed, phase: .uploadArtifacts, .clientError("refused"))
        let details = try failure(
            JobResult(record: refused, runnerFailure: RunnerFailure("store the artifact", "AccessDenied")))
        #expect(details.kind == .systemUnavailable)
        #expect(details.message == "cannot store the artifact: AccessDenied")
    }

    @Test func `messages keep to 5,000 characters and are never empty`() throws {
        let command = String(repeating: "é", count: 9000)
        let long = try record(.failed, phase: .build, .commandFailed(command, "exit status 1"))
        #expect(try failure(JobResult(record: long, runnerFailure: nil)).message.unicodeScalars.count == 5000)
        #expect(try !failure(JobResult(record: try record(.stopped), runnerFailure: nil)).message.isEmpty)
    }

    @Test func `a message that is cut still ends with the reason, and is counted as CodePipeline counts`()
        throws
    {
        let command = String(repeating: "😀", count: 9000)
        let long = try record(.failed, phase: .build, .commandFailed(command, "exit status 7"))
        let message = try failure(JobResult(record: long, runnerFailure: nil, log: "https://x")).message
        #expect((4990...5000).contains(message.utf16.count))
        #expect(message.hasPrefix("BUILD: COMMAND_EXECUTION_ERROR Error while executing command: 😀"))
        #expect(message.contains(" ... 😀") && message.hasSuffix("Reason: exit status 7; log: https://x"))
    }

    @Test func `control characters do not reach CodePipeline`() throws {
        let failed = try record(.failed, phase: .build, .clientError("a\0b\u{1B}[0m\nnext\tline"))
        let message = try failure(JobResult(record: failed, runnerFailure: nil)).message
        #expect(message == "BUILD: CLIENT_ERROR a\u{FFFD}b\u{FFFD}[0m\nnext\tline")
    }
}
