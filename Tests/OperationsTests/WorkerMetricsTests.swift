import AWSClient
import Operations
import PipelineWorker
import Synchronization
import TestSupport
import Testing

/// What a worker's events come to in figures.
@Suite struct WorkerMetricsTests {
    /// A clock that somebody sets.
    private final class HandClock: Sendable {
        let seconds = Mutex(1000.0)

        var clock: WallClock {
            WallClock(
                now: { [self] in Timestamp(secondsSince1970: seconds.withLock { $0 }) }, sleep: { _ in })
        }
    }

    private static let success = JobResult.success(
        .init(summary: "build 1 of app succeeded", externalExecutionID: "app:1"), outputVariables: [:])
    private static let failure = JobResult.failure(.init(kind: .jobFailed, message: "BUILD: exit 1"))

    @Test func `a new worker shows every figure, and is not ready`() async throws {
        let metrics = WorkerMetrics(version: "1.2\"\\\n3", concurrency: 4)
        let scrape = try await Scrape(metrics.text())
        #expect(scrape["buildspec_worker_build_info{version=\"1.2\"\\\n3\"}"] == 1)
        #expect(scrape["buildspec_worker_concurrency_limit"] == 4)
        #expect(scrape["buildspec_worker_ready"] == 0)
        #expect(scrape["buildspec_worker_builds_in_progress"] == 0)
        #expect(scrape["buildspec_worker_last_successful_poll_timestamp_seconds"] == 0)
        #expect(scrape["buildspec_worker_build_duration_seconds_count{result=\"success\"}"] == 0)
        let now = WallClock.system.now().secondsSince1970
        let start = try #require(scrape["process_start_time_seconds"])
        #expect(start > now - 86_400 && start <= now + 2)
        #expect(try #require(scrape["process_resident_memory_bytes"]) > 1_048_576)
        #expect(try #require(scrape["process_open_fds"]) >= 3)
        #expect(try #require(scrape["process_cpu_seconds_total"]) >= 0)
        #expect(metrics.readiness == .notReady("starting: CodePipeline has not answered yet"))
    }

    @Test func `jobs are counted from the offer to the answer`() async throws {
        let hand = HandClock()
        let metrics = WorkerMetrics(version: "1", concurrency: 2, clock: hand.clock)
        metrics.note(.polled(offered: 0))
        metrics.note(.polled(offered: 3))
        #expect(metrics.readiness == .ready)
        for job in ["a", "b"] { metrics.note(.claimed(jobID: job, pipeline: "p")) }
        metrics.note(.notOurs(jobID: "c", reason: "another worker has this job"))
        var scrape = try await Scrape(metrics.text())
        #expect(scrape["buildspec_worker_builds_in_progress"] == 2)
        #expect(scrape["buildspec_worker_jobs_claimed_total"] == 2)
        #expect(scrape["buildspec_worker_jobs_not_ours_total"] == 1)

        hand.seconds.withLock { $0 += 42 }
        metrics.note(.built(jobID: "a", Self.success))
        hand.seconds.withLock { $0 += 8 }
        metrics.note(.built(jobID: "b", Self.failure))
        scrape = try await Scrape(metrics.text())
        #expect(scrape["buildspec_worker_builds_in_progress"] == 0)
        #expect(scrape["buildspec_worker_answers_pending"] == 2)

        metrics.note(.answered(jobID: "a", Self.success))
        metrics.note(.answerDropped(jobID: "b", reason: "the job is TimedOut"))
        scrape = try await Scrape(metrics.text())
        let expected: [String: Double] = [
            "polls_total{outcome=\"empty\"}": 1, "polls_total{outcome=\"offered\"}": 1,
            "jobs_offered_total": 3, "answers_pending": 0, "answers_dropped_total": 1,
            "last_successful_poll_timestamp_seconds": 1000,
            "jobs_answered_total{failure_type=\"none\",result=\"success\"}": 1,
            "build_duration_seconds_bucket{le=\"30\",result=\"success\"}": 0,
            "build_duration_seconds_bucket{le=\"60\",result=\"success\"}": 1,
            "build_duration_seconds_sum{result=\"success\"}": 42,
            "build_duration_seconds_sum{result=\"failure\"}": 50,
            "build_duration_seconds_count{result=\"failure\"}": 1, "ready": 1, "draining": 0,
        ]
        for (name, value) in expected { #expect(scrape["buildspec_worker_" + name] == value, "\(name)") }
    }

    @Test func `answers are counted by whose fault it was`() async throws {
        let metrics = WorkerMetrics(version: "1", concurrency: 1)
        for kind: JobResult.FailureDetails.Kind in [.jobFailed, .jobFailed, .configurationError] {
            metrics.note(.answered(jobID: "a", .failure(.init(kind: kind, message: "no"))))
        }
        let scrape = try await Scrape(metrics.text())
        let name = "buildspec_worker_jobs_answered_total"
        #expect(scrape["\(name){failure_type=\"JobFailed\",result=\"failure\"}"] == 2)
        #expect(scrape["\(name){failure_type=\"ConfigurationError\",result=\"failure\"}"] == 1)
    }

    @Test func `a job that another run had claimed is in progress while it is built`() async throws {
        let metrics = WorkerMetrics(version: "1", concurrency: 1)
        metrics.note(.recovered(JobEntry(jobID: "a", stage: .claiming(nonce: "1"))))
        metrics.note(.recovered(JobEntry(jobID: "b", stage: .building)))
        var scrape = try await Scrape(metrics.text())
        #expect(scrape["buildspec_worker_jobs_recovered_total"] == 2)
        #expect(scrape["buildspec_worker_builds_in_progress"] == 1)
        metrics.note(.notOurs(jobID: "a", reason: "it is TimedOut"))
        scrape = try await Scrape(metrics.text())
        #expect(scrape["buildspec_worker_builds_in_progress"] == 0)
    }

    @Test func `a journal that cannot be written makes the worker not ready until a job is kept`() {
        let metrics = WorkerMetrics(version: "1", concurrency: 1)
        metrics.note(.polled(offered: 1))
        metrics.note(.journalFailed(jobID: "a", reason: "cannot write /state/x:\nNo space left on device"))
        #expect(
            metrics.readiness
                == .notReady(
                    "the journal cannot be written: cannot write /state/x: No space left on device"))
        metrics.note(.claimed(jobID: "a", pipeline: nil))
        #expect(metrics.readiness == .ready)
        metrics.note(.draining)
        #expect(metrics.readiness == .notReady("draining: no more jobs are taken"))
    }

    @Test(arguments: [
        ("throttled", ["throttle=1"], "testing"), ("fault", ["fault=1"], "testing"),
        ("expired", ["expired=1"], "testing"), ("unreachable", ["reset=1"], "testing"),
        ("denied", [], "another"),
    ])
    func `a poll that failed is counted by why, and told`(
        outcome: String, misbehaviour: [String], secret: String
    ) async throws {
        let metrics = WorkerMetrics(version: "1", concurrency: 1)
        try await PipelineStandIn.run(misbehaviour: misbehaviour) { standIn in
            var environment = standIn.environment
            environment["AWS_SECRET_ACCESS_KEY"] = secret
            environment["AWS_MAX_ATTEMPTS"] = "1"
            try await withAWSSession(AWSConfiguration(environment: environment)) { session in
                let type = try #require(BuildActionType(provider: "buildspec", version: "1"))
                let client = CodePipelineClient(context: try session.context(.codePipeline))
                do throws(AWSError) {
                    _ = try await client.pollForJobs(type, maximumCount: 1)
                    Issue.record("CodePipeline answered")
                } catch {
                    metrics.note(.pollFailed(error))
                    metrics.note(.willRetry(jobID: "a", error))
                }
            }
        }
        let scrape = try await Scrape(metrics.text())
        #expect(scrape["buildspec_worker_polls_total{outcome=\"\(outcome)\"}"] == 1)
        #expect(scrape["buildspec_worker_retries_total{reason=\"\(outcome)\"}"] == 1)
        guard case .notReady(let reason) = metrics.readiness else {
            Issue.record("it is ready")
            return
        }
        #expect(reason.hasPrefix("CodePipeline cannot be asked for jobs: "))
        metrics.note(.polled(offered: 0))
        #expect(metrics.readiness == .ready)
    }
}
