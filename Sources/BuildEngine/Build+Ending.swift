import Glibc
import Sandbox
import SystemPackage

extension Build {
    /// Gives a kept workspace its lasting place.
    func keepWorkspace() {
        guard plan.keepsWorkspace else { return }
        do throws(RunnerFailure) {
            outcome.keptWorkspace = try BuildFiles.keepWorkspace(plan.directories).pushing(workspace.source)
        } catch {
            outcome.warnings.append(error.description)
        }
    }

    /// Removes what is temporary; meanwhile the build ends, and its record is put into words.
    /// - Returns: The record's text; nil when it has none.
    func end() async -> [UInt8]? {
        let directories = plan.directories
        let removal = Task.detached { BuildFiles.removeWork(directories) }
        await finishPhase(.succeeded)  // FINALIZING
        recorder.complete(machine.buildStatus, at: services.clock())
        let text = try? await record.encoded()
        if let failure = await removal.value { outcome.warnings.append(failure.description) }
        try? workLock?.close()
        workLock = nil
        await announceEnd()
        return text
    }

    /// The outcome, with what is known only now.
    func finish() -> BuildOutcome {
        if dockerRemark.isNeeded, plan.sandbox.container?.isPrivileged != true {
            outcome.warnings.append(DockerRemark.text)
        }
        return BuildOutcome(
            record: recorder.record, hasTimedOut: hasTimedOut, runnerFailure: outcome.runnerFailure,
            diagnostics: outcome.diagnostics, buildspecName: outcome.buildspecName,
            buildspecText: outcome.buildspecText, warnings: outcome.warnings,
            reports: outcome.reports, keptWorkspace: outcome.keptWorkspace,
            isRunnersFault: outcome.isRunnersFault ?? false)
    }
}
