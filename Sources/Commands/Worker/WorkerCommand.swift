import AWSClient
import ArgumentParser
import BuildEngine
import Glibc
import Operations
import PipelineWorker
import SystemPackage

/// `buildspec worker`.
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Take jobs of a CodePipeline custom action, and build them.",
        discussion: """
            Example:
              buildspec worker --provider buildspec --action-version 1 --projects /etc/buildspec/projects
              buildspec worker --provider buildspec --action-version 1 --once

            SIGTERM drains: builds under way are finished, no more are taken. A second one ends them at once.
            """)

    @OptionGroup var worker: WorkerOptions
    @OptionGroup(title: "End") var ends: WorkerEndOptions
    @OptionGroup(title: "Jobs whose project does not say") var defaults: JobDefaultOptions
    @OptionGroup(title: "AWS") var aws: AWSPlaceOptions

    func run() async throws {
        let environment = RunnerEnvironment.current
        let request = try WorkerRequest(worker, ends, defaults, environment)
        do {
            let configuration = try AWSConfiguration(
                environment: environment.variables, overrides: aws.overrides)
            let stopped = try await withAWSSession(configuration) { session in
                try await WorkerRun(request: request, environment: environment, session: session).run()
            }
            if let stopped { throw CommandFailure(signal: stopped) }
        } catch let error as AWSError {
            throw CommandFailure(worker: error, request.actionType)
        } catch let failure as RunnerFailure {
            throw CommandFailure(.runner, failure.description, hint: failure.hint)
        }
    }
}

/// A worker with all that belongs to it, from its start to its end.
struct WorkerRun: Sendable {
    var request: WorkerRequest
    var environment: RunnerEnvironment
    var session: AWSSession

    /// Works until the rules, a signal or an observer's wish end it.
    /// - Returns: The signal that ended builds, if one did.
    /// - Throws: `AWSError` when CodePipeline refuses the first question for good; ``RunnerFailure`` when the state
    ///   directory cannot be used.
    func run() async throws -> Int32? {
        let log = WorkerLog()
        let metrics = WorkerMetrics(
            version: BuildspecVersion.current, concurrency: request.rules.concurrency)
        let observers: [any WorkerObserver] = [log, metrics, IdleMemory()]
        let control = WorkerControl()
        let journal = try JobJournal(state: request.state)
        // What killed workers left, before anything new.
        await BuildFiles.sweep(request.state)
        let retention = BuildRetention(state: request.state)
        retention.sweepSometimes()
        let worker = PipelineWorker(
            actionType: request.actionType, rules: request.rules, session: session, journal: journal,
            builder: builder(log, retention), observer: WorkerObservers(observers: observers))
        log.write(
            "waiting for jobs of \(request.actionType.provider) version \(request.actionType.version), "
                + "\(request.rules.concurrency) at a time; state in \(request.state)")
        let (_, stopped) = try await WorkerSignals.during(control) {
            try await attended(metrics, log, control) { try await worker.run(control) }
        }
        log.write("every claimed job has been answered")
        return stopped
    }

    private func builder(_ log: WorkerLog, _ retention: BuildRetention) -> PipelineBuilder {
        PipelineBuilder(
            defaults: request.defaults,
            library: request.projects.map {
                ProjectLibrary(directory: $0, region: session.configuration.region ?? "us-east-1")
            },
            state: request.state, environment: environment, session: session, journal: log,
            retention: retention, host: Self.hostName)
    }

    private static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension CommandFailure {
    /// Why a worker could not begin.
    init(worker error: AWSError, _ type: BuildActionType) {
        self.init(error)
        switch error.serviceFailure?.code {
        case "ActionTypeNotFoundException":
            hint =
                "make the action type: aws codepipeline create-custom-action-type --category Build --provider "
                + "\(type.provider) --action-version \(type.version) ..."
        case let code? where code.hasPrefix("AccessDenied"):
            hint = "the worker's role needs the managed policy AWSCodePipelineCustomActionAccess"
        default: break
        }
    }
}
