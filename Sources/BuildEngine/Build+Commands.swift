import Buildspec
import Diagnostics
import Sandbox

extension Build {
    /// INSTALL, PRE_BUILD, BUILD or POST_BUILD (behaviour reference, sections 1.6, 2.4 and 3).
    func runCommandPhase() async {
        let phaseType = machine.current
        guard let buildspec, let runner, let name = phaseType.commandPhase else {
            return await finishPhase(.failed)
        }
        await log.agent("Entering phase \(phaseType.rawValue)")
        let phase = buildspec.phase(name)
        var contexts: [PhaseContext]
        do throws(SandboxError) {
            try runner.export([("CODEBUILD_BUILD_SUCCEEDING", machine.isSucceeding ? "1" : "0")])
            contexts = try await runCommands(of: phase, runner)
        } catch {
            guard interruption == nil else { return }
            contexts = [sandboxLost(error)]
        }
        if phaseType == .postBuild, interruption == nil {
            contexts += await act(at: .afterCommands, buildspec).contexts
        }
        guard interruption == nil else { return }
        await finishPhase(
            contexts.isEmpty ? .succeeded : .failed, contexts, onFailure: phase?.onFailure?.value)
    }

    /// `commands` up to the first that fails, then `finally`, whatever happened, up to the first of those that fails.
    private func runCommands(
        of phase: Phase?, _ runner: CommandRunner
    ) async throws(SandboxError) -> [PhaseContext] {
        guard let phase else { return [] }
        var contexts: [PhaseContext] = []
        for (block, stopsAtFailure) in [
            (phase.commands, true), (phase.finally, AssumedBehaviour.failingFinallyStops),
        ] {
            for command in block.map(\.value) {
                let status = try await run(command, runner)
                if status.isSuccess { continue }
                contexts.append(.commandFailed(command, status.description))
                if stopsAtFailure { break }
            }
        }
        return contexts
    }

    private func run(_ command: String, _ runner: CommandRunner) async throws(SandboxError) -> ExitStatus {
        await log.agent("Running command \(command)")
        let status = try await runner.run(command)
        await log.endOfCommand()
        if !status.isSuccess {
            await log.agent("Command did not exit successfully \(command) \(status)")
        }
        return status
    }

    /// The sandbox is gone although nobody ended the build.
    private func sandboxLost(_ error: SandboxError) -> PhaseContext {
        outcome.runnerFailure = RunnerFailure("run the build's commands", error.description, hint: error.hint)
        return PhaseContext(
            statusCode: "CLIENT_ERROR",
            message: "Build container found dead before completing the build. \(error.description)")
    }
}

extension PhaseType {
    /// The buildspec's phase of this name.
    var commandPhase: Phase.Name? {
        switch self {
        case .install: .install
        case .preBuild: .preBuild
        case .build: .build
        case .postBuild: .postBuild
        default: nil
        }
    }
}
