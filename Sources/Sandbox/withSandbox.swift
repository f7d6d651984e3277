import Glibc
import SystemPackage

/// Starts a sandbox, hands it to `body`, and ends it with every process in it when `body` returns, throws or is
/// cancelled.
///
/// - Parameters:
///   - configuration: Where commands run. The directories of its root must exist.
///   - leave: What can be done beside the end of the sandbox: its processes are being killed, and some may still be there.
///   - body: What to do in the sandbox. Its errors are values of `Result`, so that none gets lost on the way out.
/// - Returns: What `body` returned.
/// - Throws: ``SandboxError`` when the sandbox cannot be made or does not come up.
package func withSandbox<Result: Sendable>(
    _ configuration: SandboxConfiguration, leaving leave: (@Sendable () -> Void)? = nil,
    _ body: @escaping @Sendable (SandboxSession) async -> Result
) async throws(SandboxError) -> Result {
    let files = try AnchoredDirectory(configuration.root.hostPath)
    defer { files.close() }
    if configuration.kind == .host {
        Descendants.adoptOrphans()
        try configuration.linkTools()
    }
    guard configuration.kind == .bubblewrap, case .overlay(let place, let orReadOnly) = configuration.system
    else {
        return try await start(configuration, files, store: nil, refusal: nil, leave, body)
    }
    var refusal = OverlayRefusal(reason: "no way is known here", mend: "run as root")
    for way in configuration.overlayWays ?? OverlayWays.shared.untried {
        var tries = 0
        while true {
            // The kernel mounts no `volatile` overlay a second time on the same directories.
            let store = try OverlayStore(
                tries == 0 ? place : FilePath("\(place)-\(way.rawValue)-\(tries)"), way: way,
                network: configuration.network, cache: configuration.systemCache)
            do throws(SandboxError) {
                return try await start(configuration, files, store: store, refusal: nil, leave, body)
            } catch {
                // Nothing has run yet when the way is refused, so the next one can be tried.
                guard error.code == .overlayRefused else { throw error }
                refusal = OverlayRefusal(reason: error.detail, mend: error.hint ?? "run as root")
            }
            // Others mount below `/var` while this goes on, container engines for example: that is no refusal.
            tries += 1
            let hasChanged = store.crowded != OverlayStore.crowded(store.directories)
            guard geteuid() == 0, tries < (hasChanged ? 5 : 2) else { break }
        }
        if configuration.overlayWays == nil { OverlayWays.shared.refuse(way, refusal) }
    }
    if configuration.overlayWays == nil { refusal = OverlayWays.shared.firstRefusal ?? refusal }
    guard orReadOnly else {
        throw SandboxError(code: .overlayRefused, detail: refusal.reason, path: nil, hint: refusal.mend)
    }
    return try await start(configuration, files, store: nil, refusal: refusal, leave, body)
}

/// Starts a sandbox in one certain way.
private func start<Result: Sendable>(
    _ configuration: SandboxConfiguration, _ files: AnchoredDirectory, store: OverlayStore?,
    refusal: OverlayRefusal?, _ leave: (@Sendable () -> Void)?,
    _ body: @escaping @Sendable (SandboxSession) async -> Result
) async throws(SandboxError) -> Result {
    let launch = try SandboxLaunch(configuration, store: store)
    let process = try await SandboxProcess.start(launch)
    let session = SandboxSession(
        root: configuration.root, files: files, refusal: refusal,
        asksFirst: launch.wantsUsers && !process.hasUsers,
        containerName: launch.container?.name
    ) { try process.send($0) }
    let (result, group, leaving) = await serve(
        process, launch, configuration.limits, session, leave, body)
    await process.waitForEnd()
    group?.remove()
    await leaving?.value
    return try result.get()
}

/// Runs the body beside the reader of the log stream, then ends the sandbox.
/// - Returns: What the body returned, the group to remove when the process has ended, and what goes on beside that end.
private func serve<Result: Sendable>(
    _ process: SandboxProcess, _ launch: SandboxLaunch, _ limits: SandboxLimits, _ session: SandboxSession,
    _ leave: (@Sendable () -> Void)?, _ body: @escaping @Sendable (SandboxSession) async -> Result
) async -> (Swift.Result<Result, SandboxError>, ControlGroup?, Task<Void, Never>?) {
    let pid = process.pid
    // Not a child task: the caller's cancellation must not reach the reader, which has to see the end of what is
    // being killed. It is awaited below, so it never outlives this function.
    let reader = Task { await readLog(process, into: session) }
    // The kernel takes ten milliseconds to move a process into a group, in which the sandbox can come up, and its build
    // begin; only commands wait for it.
    let thread = try? BlockingThread()
    let bounding = Task {
        launch.kind == .bubblewrap ? await wait(on: thread) { limits.apply(to: pid) } : nil
    }
    var bounded: Task<ControlGroup?, Never>?
    let result = await withTaskCancellationHandler { () async -> Swift.Result<Result, SandboxError> in
        do throws(SandboxError) {
            if launch.wantsUsers, !process.hasUsers {
                try await session.waitForQuestion { () async throws(OverlayRefusal) in
                    try await UserMapping.write(for: pid)
                }
            }
            try await session.waitUntilReady()
        } catch {
            return .failure(Task.isCancelled ? error : error.asRefusal(of: launch.way))
        }
        let bounds = Task {
            let group = await bounding.value
            return await wait(on: thread) { limits.apply(to: pid, in: group) }
        }
        bounded = bounds
        await session.bound { await bounds.value?.limitReached(limits) }
        return .success(await body(session))
    } onCancel: {
        launch.beginToKillEverything(startedAs: pid)
    }
    await launch.killEverything(startedAs: pid)
    // Where the sandbox did not come up, another may be tried in the same place.
    let hasRun = if case .success = result { true } else { false }
    let leaving = if hasRun, let leave { Task.detached { leave() } } else { nil as Task<Void, Never>? }
    await reader.value
    // Bounds that no command has waited for need not be set before the end, but by then.
    let group = if let bounded { await bounded.value } else { await bounding.value }
    return (result, group, leaving)
}

/// Makes a call that waits for the kernel, on a thread for that if there is one.
private func wait<Result: Sendable>(
    on thread: BlockingThread?, for call: @escaping @Sendable () -> Result
) async -> Result {
    guard let thread else { return call() }
    return await thread.run(call)
}

/// Feeds the session until nobody holds the log stream any more.
private func readLog(_ process: SandboxProcess, into session: SandboxSession) async {
    while true {
        let output = await process.nextOutput()
        if output.isEmpty { break }
        await session.receive(output)
    }
    await session.streamEnded()
}
