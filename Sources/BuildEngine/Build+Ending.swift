import Glibc
import Sandbox
import SystemPackage

extension Build {
    /// Removes what is temporary, or gives a kept workspace its lasting place.
    func removeWork() {
        if plan.keepsWorkspace {
            do throws(RunnerFailure) {
                outcome.keptWorkspace = try BuildFiles.keepWorkspace(plan.directories).pushing(
                    workspace.source)
            } catch {
                outcome.warnings.append(error.description)
            }
        }
        if let failure = BuildFiles.removeWork(plan.directories) {
            outcome.warnings.append(failure.description)
        }
        try? workLock?.close()
        workLock = nil
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
