import Glibc
import Subprocess
import SystemPackage

/// Starts a sandbox, hands it to `body`, and ends it with every process in it when `body` returns, throws or is
/// cancelled.
///
/// - Parameters:
///   - configuration: Where commands run. The directories of its root must exist.
///   - body: What to do in the sandbox. Its errors are values of `Result`, so that none gets lost on the way out.
/// - Returns: What `body` returned.
/// - Throws: ``SandboxError`` when the sandbox cannot be made or does not come up.
package func withSandbox<Result: Sendable>(
    _ configuration: SandboxConfiguration,
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
        return try await start(configuration, files, store: nil, refusal: nil, body)
    }
    var refusal = OverlayRefusal(reason: "no way is known here", mend: "run as root")
    for way in configuration.overlayWays ?? OverlayWays.shared.untried {
        var tries = 0
        while true {
            let store = try OverlayStore(
                place, way: way, network: configuration.network, cache: configuration.systemCache)
            do throws(SandboxError) {
                return try await start(configuration, files, store: store, refusal: nil, body)
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
    return try await start(configuration, files, store: nil, refusal: refusal, body)
}

/// Starts a sandbox in one certain way.
private func start<Result: Sendable>(
    _ configuration: SandboxConfiguration, _ files: AnchoredDirectory, store: OverlayStore?,
    refusal: OverlayRefusal?, _ body: @escaping @Sendable (SandboxSession) async -> Result
) async throws(SandboxError) -> Result {
    let launch = try SandboxLaunch(configuration, store: store)
    do {
        let outcome = try await Subprocess.run(
            .path(launch.executable),
            arguments: Arguments(launch.arguments),
            environment: launch.platformEnvironment,
            workingDirectory: "/",
            platformOptions: launch.platformOptions,
            input: .inputWriter, output: .discarded, error: .sequence
        ) { execution in
            let writer = execution.standardInputWriter
            let session = SandboxSession(
                root: configuration.root, files: files, refusal: refusal, asksFirst: launch.wantsUsers,
                containerName: launch.container?.name
            ) { _ = try await writer.write($0) }
            return await serve(execution, launch, configuration.limits, session, body)
        }
        return try outcome.closureResult.get()
    } catch let error as SandboxError {
        throw error
    } catch {
        throw SandboxError(
            code: .startFailed, detail: "\(launch.executable): \(error)", path: nil,
            hint: "see what `buildspec doctor` says")
    }
}

/// Runs the body beside the reader of the log stream, then ends the sandbox.
private func serve<Result: Sendable>(
    _ execution: Execution<CustomWriteInput, DiscardedOutput, SequenceOutput>,
    _ launch: SandboxLaunch, _ limits: SandboxLimits, _ session: SandboxSession,
    _ body: @escaping @Sendable (SandboxSession) async -> Result
) async -> Swift.Result<Result, SandboxError> {
    let pid = execution.processIdentifier.value
    // Not a child task: the caller's cancellation must not reach the reader, which has to see the end of what is
    // being killed. It is awaited below, so it never outlives this function.
    let reader = Task { await readLog(execution.standardError, into: session) }
    let result = await withTaskCancellationHandler { () async -> Swift.Result<Result, SandboxError> in
        do throws(SandboxError) {
            if launch.wantsUsers {
                try await session.waitForQuestion { () async throws(OverlayRefusal) in
                    try await UserMapping.write(for: pid)
                }
            }
            try await session.waitUntilReady()
        } catch {
            return .failure(Task.isCancelled ? error : error.asRefusal(of: launch.way))
        }
        let group = limits.apply(to: pid)
        if let group { await session.askForLimit { group.limitReached(limits) } }
        let result = await body(session)
        await launch.killEverything(startedAs: pid)
        group?.remove()
        return .success(result)
    } onCancel: {
        launch.beginToKillEverything(startedAs: pid)
    }
    await launch.killEverything(startedAs: pid)
    await reader.value
    return result
}

/// Feeds the session until nobody holds the log stream any more.
private func readLog(_ stream: SubprocessOutputSequence, into session: SandboxSession) async {
    do {
        for try await buffer in stream {
            await session.receive(buffer.withUnsafeBytes { Array($0) })
        }
    } catch {
        // A stream that cannot be read is a stream that has ended; whoever waits for an answer is told so.
    }
    await session.streamEnded()
}
