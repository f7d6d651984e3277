import FoundationEssentials
import Glibc
import Sandbox
import SystemPackage

/// Pauses one build, and lets it go on.
actor BreakpointDesk {
    private let plan: BuildPlan
    private let workspace: Workspace
    private let log: BuildLog
    private let terminal: Terminal?
    private let pipes: BreakpointPipes
    /// The engine's command line up to the name of what it is to do; empty without one.
    private let engine: [String]
    private let container: String?
    /// The breakpoints that wait.
    private var waiting: [String] = []
    private var shell: Task<Void, Never>?

    init(
        plan: BuildPlan, workspace: Workspace, log: BuildLog, terminal: Terminal?, pipes: BreakpointPipes,
        engine: [String], container: String?
    ) {
        self.plan = plan
        self.workspace = workspace
        self.log = log
        self.terminal = terminal
        self.pipes = pipes
        self.engine = engine
        self.container = container
    }

    /// Something has happened in the build.
    func take(_ event: BreakpointPipes.Event) async {
        switch event {
        case .paused(let name, let user, let refusal):
            guard !waiting.contains(name) else { return }
            waiting.append(name)
            guard waiting.count == 1 else { return }
            await pause(place(name, user, refusal), refusal)
        case .resume: await resume()
        case .gone(let name):
            guard waiting.contains(name) else { return }
            waiting.removeAll { $0 == name }
            if waiting.isEmpty { await goOn() }
        }
    }

    /// The build is over: nothing of this is left.
    func end() async {
        shell?.cancel()
        await shell?.value
        unlink(plan.directories.paused.string)
        pipes.close()
    }

    private func place(_ name: String, _ user: String, _ refusal: String?) -> ShellPlace? {
        if let container {
            let directory = workspace.root.inside(BreakpointPipes.directory).string
            return .container(
                engine: engine, container: container, user: user, directory: directory, name: name)
        }
        return refusal == nil ? .served(root: workspace.root.hostPath.string, name: name) : nil
    }

    private func pause(_ place: ShellPlace?, _ refusal: String?) async {
        await log.agent("Build paused by codebuild-breakpoint")
        let paused = PausedBuild(
            id: plan.identity.buildID, place: place, root: workspace.root.hostPath.string)
        do {
            try AtomicFile.write(Array(try JSONEncoder().encode(paused)), to: plan.directories.paused)
        } catch {
            await log.agent("Cannot be debugged from other terminals: \(error)")
        }
        let uuid = plan.identity.uuid
        guard let place else {
            await log.agent("There is no shell in this build: \(refusal ?? "nobody serves one")")
            return await log.agent("To go on: buildspec debug \(uuid) --resume")
        }
        guard let terminal else {
            return await log.agent(
                "To open a shell in it: buildspec debug \(uuid); to go on: codebuild-resume in that shell")
        }
        await log.agent(
            "Leave this shell, or run codebuild-resume, to go on; another one: buildspec debug \(uuid)")
        shell = Task {
            do throws(SandboxError) {
                switch try await place.open(on: terminal) {
                case .left: await self.resume(isShellOver: true)
                case .cut: break
                case .refused(let reason): await self.log.agent("There is no shell: \(reason)")
                }
            } catch {
                await self.log.agent("There is no shell: \(error)")
            }
        }
    }

    private func resume(isShellOver: Bool = false) async {
        guard !waiting.isEmpty else { return }
        let count = waiting.count
        waiting = []
        if isShellOver { shell = nil }
        await goOn()
        pipes.letGo(count)
    }

    private func goOn() async {
        unlink(plan.directories.paused.string)
        let open = shell
        shell = nil
        open?.cancel()
        await open?.value
        await log.agent("Build resumed")
    }
}
