import Buildspec
import Diagnostics
import Glibc
import RetryPattern
import Sandbox
import SystemPackage

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
            if let lost = lostState { throw lost }
            try runner.export([("CODEBUILD_BUILD_SUCCEEDING", machine.isSucceeding ? "1" : "0")])
            contexts = try await runAttempts(of: phase, runner)
        } catch {
            guard interruption == nil else { return }
            contexts = [sandboxLost(error)]
        }
        if phaseType == .postBuild, interruption == nil {
            let hasSucceeded = machine.isSucceeding && contexts.isEmpty
            contexts += await act(at: .afterCommands, buildspec, hasSucceeded: hasSucceeded).contexts
        }
        guard interruption == nil else { return }
        await finishPhase(
            contexts.isEmpty ? .succeeded : .failed, contexts, onFailure: phase?.onFailure?.value)
    }

    /// The phase, and with `on-failure: RETRY` the phase again, for as long as what a failed attempt said is a reason to.
    ///
    /// The last attempt is what counts. Each begins in the state that the one before has left.
    private func runAttempts(
        of phase: Phase?, _ runner: CommandRunner
    ) async throws(SandboxError) -> [PhaseContext] {
        guard let phase else { return [] }
        var runner = runner
        if let context = try await chooseUser(for: phase, &runner) { return [context] }
        guard case .retry(let count, let text) = phase.onFailure?.value, count > 0,
            let pattern = try? RetryPattern(text)
        else { return try await runCommands(of: phase, runner) }
        for attempt in 1...count {
            outputWatch.begin(pattern)
            let contexts = try await runCommands(of: phase, runner)
            guard interruption == nil, outputWatch.end(contexts), !contexts.isEmpty else { return contexts }
            await log.agent(AssumedBehaviour.retryLine(machine.current, attempt: attempt, of: count))
        }
        return try await runCommands(of: phase, runner)
    }

    /// `run-as` of the phase, else of the buildspec (behaviour reference, section 1.3).
    /// - Returns: Why commands cannot run as that user, if they cannot.
    private func chooseUser(
        for phase: Phase, _ runner: inout CommandRunner
    ) async throws(SandboxError) -> PhaseContext? {
        guard let name = (phase.runAs ?? buildspec?.runAs)?.value, !(phase.commands + phase.finally).isEmpty
        else { return nil }
        switch try await runner.user(named: name) {
        case .found(let user): runner.user = user
        case .unknown: return AssumedBehaviour.unknownUser(name)
        case .unusable(let reason):
            outcome.warnings.append(
                "run-as \(name): the sandbox cannot become that user; run buildspec as root for it")
            return AssumedBehaviour.unusableUser(name, reason)
        }
        return nil
    }

    /// `commands` up to the first that fails, then `finally`, whatever happened, up to the first of those that fails.
    private func runCommands(
        of phase: Phase, _ runner: CommandRunner
    ) async throws(SandboxError) -> [PhaseContext] {
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
        let status: ExitStatus
        do throws(SandboxError) {
            status = try await runner.run(command)
        } catch {
            if error.code == .stateLost { await log.endOfCommand() }
            throw error
        }
        await log.endOfCommand()
        if !status.isSuccess {
            await log.agent("Command did not exit successfully \(command) \(status)")
            noteFullDisk()
            if let limit = await runner.session.limitReached { noteLimit(limit) }
        }
        return status
    }

    /// A build that was kept from something has probably failed because of it.
    private func noteLimit(_ limit: SandboxError) {
        let text = limit.description + (limit.hint.map { " (\($0))" } ?? "")
        if !outcome.warnings.contains(text) { outcome.warnings.append(text) }
    }

    /// A command that fails where nothing can be written has probably not failed on its own account.
    private func noteFullDisk() {
        var status = statvfs()
        let place = plan.directories.root
        guard statvfs(place.string, &status) == 0, status.f_blocks > 0 else { return }
        // What the runner itself has given up meanwhile does not count.
        let hasBlocks = UInt(status.f_bavail) > (128 << 10) / max(1, UInt(status.f_frsize))
        let hasFiles = status.f_files == 0 || status.f_favail > 0
        guard !hasBlocks || !hasFiles else { return }
        outcome.runnerFailure = RunnerFailure("run the build's commands", .noSpace, at: place)
    }

    /// The sandbox is gone although nobody ended the build, or no further command can be given what it needs.
    private func sandboxLost(_ error: SandboxError) -> PhaseContext {
        if error.code == .stateLost {
            lostState = error
            let failure = RunnerFailure("run the build's commands", error.description, hint: error.hint)
            outcome.runnerFailure = failure
            return .clientError(failure.description)
        }
        if error.code == .limitReached {
            // The build's own doing, not the runner's.
            noteLimit(error)
            return .clientError(error.description)
        }
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
