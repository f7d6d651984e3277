import Buildspec
import Sandbox

extension Build {
    /// Notes a phase's end in machine, record and log.
    func finishPhase(
        _ status: BuildStatus, _ contexts: [PhaseContext] = [], onFailure: OnFailure? = nil
    ) async {
        let phase = machine.current
        // The record and what is said on standard error hide what the log hides.
        var contexts = contexts
        for index in contexts.indices {
            contexts[index].message = await log.hidingSecrets(contexts[index].message)
        }
        if status == .failed {
            outcome.isRunnersFault = outcome.isRunnersFault ?? (outcome.runnerFailure != nil)
        }
        recorder.finish(phase, status, contexts, at: services.clock())
        machine.finish(status, onFailure: onFailure)
        recorder.enter(machine.current)
        await announcePhase()
        guard phase.isLogged else { return }
        await log.agent("Phase complete: \(phase.rawValue) State: \(status.rawValue)")
        for context in contexts.isEmpty ? [PhaseContext()] : contexts {
            await log.agent("Phase context status code: \(context.statusCode) Message: \(context.message)")
        }
    }

    /// Lets every feature act that acts now.
    /// - Returns: The contexts of those that failed; the first failure ends the moment.
    func act(
        at moment: BuildMoment, _ buildspec: Buildspec, hasSucceeded: Bool = true
    ) async -> (contexts: [PhaseContext], all: [Contribution]) {
        let scene = BuildScene(
            plan: plan, buildspec: buildspec, services: services, log: log, workspace: workspace,
            runner: runner, hasSucceeded: hasSucceeded)
        var contributions: [Contribution] = []
        for feature in Self.features where feature.moments.contains(moment) {
            let contribution = await feature.act(at: moment, in: scene)
            contribution.record.apply(to: &recorder.record)
            outcome.warnings += contribution.warnings
            outcome.diagnostics += contribution.diagnostics
            outcome.reports += contribution.reports
            if !contribution.reports.isEmpty {
                recorder.record.reportArns = outcome.reports.map(\.arn)
            }
            if let failure = contribution.runnerFailure { outcome.runnerFailure = failure }
            contributions.append(contribution)
            if !contribution.contexts.isEmpty { return (contribution.contexts, contributions) }
        }
        return ([], contributions)
    }
}

extension PhaseType {
    /// Phases that the log tells the end of (behaviour reference, section 4.2).
    fileprivate var isLogged: Bool {
        switch self {
        case .downloadSource, .install, .preBuild, .build, .postBuild, .uploadArtifacts: true
        default: false
        }
    }
}
