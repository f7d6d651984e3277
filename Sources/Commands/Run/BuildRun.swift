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
            beside: request.objectEncryption, s3Logs: request.delivery.s3Logs, logsKey: request.logsKey)
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
        let services = try doors.services(for: plan)
        let run = PlannedRun(
            plan: plan, services: services,
            sinks: [(StandardOutputSink(), planner.request.logFormat)],
            fileFormat: planner.request.logFormat, masksEncodedForms: planner.request.masksEncodedForms,
            lateSecrets: doors.lateSecrets, lentCredentials: doors.lentCredentials,
            recordCopy: planner.request.record)
        return try await run.run()
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
        if delivery.needsAWS || sharedCache != nil { return true }
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
