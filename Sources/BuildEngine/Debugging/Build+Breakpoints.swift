import Sandbox

extension Build {
    /// What breakpoints need in the build's root, before its sandbox starts; nil unless the build can be paused.
    func makeBreakpoints() throws(RunnerFailure) -> BreakpointPipes? {
        guard plan.isDebugged else { return nil }
        do throws(SandboxError) {
            return try BreakpointPipes(in: workspace.root, isServed: plan.sandbox.kind != .container)
        } catch {
            throw RunnerFailure("prepare breakpoints", error.description, hint: error.hint)
        }
    }

    /// Runs `body`; breakpoints pause the build meanwhile.
    func withBreakpoints(
        _ pipes: BreakpointPipes?, _ session: SandboxSession, _ body: @escaping @Sendable () async -> Void
    ) async {
        guard let pipes else { return await body() }
        let desk = BreakpointDesk(
            plan: plan, workspace: workspace, log: log, terminal: services.terminal, pipes: pipes,
            engine: engineCommand, container: session.containerName)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await event in pipes.watch() { await desk.take(event) } }
            await body()
            group.cancelAll()
        }
        await desk.end()
    }
}
