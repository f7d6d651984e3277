import BuildProject
import Sandbox
import SystemPackage

/// Keeps the record of a running build.
struct BuildRecorder: Sendable {
    /// The record so far.
    var record: BuildRecord
    private var phaseStart: Timestamp

    /// Begins the record of a build.
    init(plan: BuildPlan, startTime: Timestamp) {
        let identity = plan.identity
        phaseStart = startTime
        record = BuildRecord(
            id: identity.buildID, arn: identity.buildARN, buildNumber: identity.number,
            startTime: startTime.epochSeconds, currentPhase: .submitted, buildStatus: .inProgress,
            sourceVersion: plan.source.version ?? plan.source.commit,
            resolvedSourceVersion: plan.source.commit,
            projectName: identity.projectName, phases: [],
            source: .init(
                type: plan.isOfPipeline ? "CODEPIPELINE" : plan.source.recordType,
                location: plan.source.path.string,
                buildspec: plan.buildspec.recordText),
            secondaryArtifacts: [],
            environment: .init(
                type: plan.project.environment?.type ?? "LINUX_CONTAINER", image: plan.sandbox.imageName,
                environmentVariables: (plan.project.environmentVariables + plan.overrides).map {
                    .init(name: $0.name, value: $0.value, type: $0.kind.rawValue)
                }),
            logs: .init(plan),
            timeoutInMinutes: Int(plan.timeout.components.seconds / 60), buildComplete: false,
            initiator: identity.initiator, encryptionKey: plan.encryption.keyName,
            exportedEnvironmentVariables: [])
        record.take(plan)
    }

    /// Notes the end of a phase; its start is the end of the one before.
    mutating func finish(
        _ phase: PhaseType, _ status: BuildStatus, _ contexts: [PhaseContext], at end: Timestamp
    ) {
        let microseconds = max(0, end.microseconds - phaseStart.microseconds)
        record.phases.append(
            .init(
                phaseType: phase, phaseStatus: status, startTime: phaseStart.epochSeconds,
                endTime: end.epochSeconds, durationInSeconds: Int(microseconds / 1_000_000),
                contexts: contexts.isEmpty ? [PhaseContext()] : contexts))
        phaseStart = end
    }

    /// Notes that a phase has begun.
    mutating func enter(_ phase: PhaseType) {
        record.currentPhase = phase
    }

    /// Notes the end of the build: COMPLETED has a start and nothing else (behaviour reference, section 3.1).
    mutating func complete(_ status: BuildStatus, at end: Timestamp) {
        record.phases.append(.init(phaseType: .completed, startTime: end.epochSeconds))
        record.currentPhase = .completed
        record.buildStatus = status
        record.endTime = end.epochSeconds
        record.buildComplete = true
    }
}

extension BuildspecLocation {
    /// What `source.buildspec` of the record says.
    fileprivate var recordText: String? {
        switch self {
        case .defaultFile: nil
        case .file(let path): path.string
        case .object(let bucket, let key): "arn:aws:s3:::\(bucket)/\(key)"
        case .inline: "-"
        }
    }
}
