import AWSAdapters
import AWSClient
import BuildEngine
import BuildProject
import Envelope
import SystemPackage

/// Opens the doors that a build needs, runs it, and writes down what happened.
enum BuildRun {
    /// Runs one build.
    /// - Returns: How it ended, or why it could not begin.
    static func run(_ planner: BuildPlanner) async -> Result<BuildOutcome, CommandFailure> {
        do {
            let request = planner.request
            guard planner.needsAWS else {
                return .success(try await run(planner, try LocalDoors(planner)))
            }
            let lateSecrets = LateSecrets()
            let configuration = try AWSConfiguration(
                environment: planner.environment.variables, overrides: planner.overrides)
            return .success(
                try await withAWSSession(
                    configuration, options: AWSSessionOptions(telling: lateSecrets)
                ) { session in
                    // Who lends what is not there is told so before the build.
                    if request.lendsCredentials { _ = try await session.credentials.credentials() }
                    let findings = try await preflight(planner, session)
                    var doors = try LocalDoors(planner, session: session, lateSecrets)
                    doors.identity = findings.identity
                    return try await run(planner, doors)
                })
        } catch let failure as CommandFailure {
            return .failure(failure)
        } catch let error as AWSError {
            return .failure(CommandFailure(error))
        } catch {
            return .failure(CommandFailure(.runner, "\(error)"))
        }
    }

    /// Looks at what the end of the build will need.
    /// - Throws: ``CommandFailure`` when it is proven that something is missing.
    private static func preflight(
        _ planner: BuildPlanner, _ session: AWSSession
    ) async throws -> Preflight.Findings {
        let request = planner.request
        let targets = PreflightTarget.all(
            output: request.output, encryption: request.encryption,
            keys: [request.key].compactMap { $0 } + request.furtherKeys, project: planner.project.name,
            s3Logs: request.delivery.s3Logs, logsKey: request.logsKey)
        let needsIdentity = request.delivery.cloudWatchLogs != nil || request.delivery.eventBus != nil
        let findings = try await Preflight(session: session, targets: targets).look(
            identifying: needsIdentity)
        if let proof = findings.proof { throw proof.failure }
        return findings
    }

    private static func run(_ planner: BuildPlanner, _ doors: LocalDoors) async throws -> BuildOutcome {
        var plan = try await planner.plan(region: doors.region, keyName: doors.keyName)
        let claim = plan.claim
        defer { claim?.release() }
        if let account = doors.identity?.account { plan.identity.account = account }
        var services = try doors.services(for: plan)
        let file: FileSink
        do throws(RunnerFailure) {
            file = try FileSink(plan.directories.log)
        } catch {
            throw CommandFailure(.runner, error.description, hint: error.hint)
        }
        defer { file.close() }
        let log = BuildLog(
            sinks: [(StandardOutputSink(), planner.request.logFormat), (file, planner.request.logFormat)]
                + services.deliveries.map { ($0, .codebuild) },
            clock: services.clock, masksEncodedForms: planner.request.masksEncodedForms,
            lateSecrets: doors.lateSecrets)
        var outcome: BuildOutcome
        if let loan = doors.loan(hiddenIn: log) {
            outcome = try await loan.during(plan) { lent in
                services.lentCredentials = lent
                return await begin(plan, services, log)
            }
        } else {
            outcome = await begin(plan, services, log)
        }
        if let failure = file.failure { outcome.runnerFailure = outcome.runnerFailure ?? failure }
        plan.claim?.giveRoom()
        do throws(RunnerFailure) {
            let record = try outcome.record.encoded()
            try AtomicFile.write(record, to: plan.directories.record)
            if let copy = planner.request.record { try AtomicFile.write(record, to: copy) }
        } catch {
            outcome.runnerFailure = outcome.runnerFailure ?? error
        }
        return outcome
    }

    private static func begin(
        _ plan: BuildPlan, _ services: BuildServices, _ log: BuildLog
    ) async -> BuildOutcome {
        let build = Build(plan: plan, services: services, log: log)
        // A runner that is killed leaves at least this: IN_PROGRESS, and when it began.
        let begun = try? await build.record.encoded()
        if let begun { try? AtomicFile.write(begun, to: plan.directories.record) }
        return await build.run()
    }
}

extension CommandFailure {
    /// What cannot be used as it was given is the caller's; what AWS refused, or could not be reached for, the runner's.
    init(_ error: AWSError) {
        switch error.kind {
        case .configuration, .invalidArgument: self.init(.usage, error.description, hint: error.hint)
        default: self.init(.runner, error.description, hint: error.hint)
        }
    }
}

extension RunRequest {
    /// Whether the build cannot be run without AWS: its artifacts are stored there, or it is lent credentials.
    var needsAWS: Bool {
        if lendsCredentials { return true }
        if case .bucket = output { return true }
        if delivery.needsAWS { return true }
        return ([key].compactMap { $0 } + furtherKeys).contains { $0.isKMS }
    }
}

extension AWSRequest {
    /// The flags, for the configuration of the AWS client.
    var overrides: AWSConfiguration.Overrides {
        AWSConfiguration.Overrides(
            region: region, profile: profile, endpointURL: endpointURL, roleARN: roleARN,
            externalID: externalID)
    }
}
