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
    let launch = try SandboxLaunch(configuration)
    let files = try AnchoredDirectory(configuration.root.hostPath)
    defer { files.close() }
    if configuration.kind == .host {
        Descendants.adoptOrphans()
        try configuration.linkTools()
    }
    do {
        let outcome = try await Subprocess.run(
            .path(launch.executable),
            arguments: Arguments(launch.arguments),
            environment: .custom(launch.environment),
            workingDirectory: "/",
            platformOptions: launch.platformOptions,
            input: .inputWriter, output: .discarded, error: .sequence
        ) { execution in
            await serve(execution, launch, session(configuration, files, execution), body)
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

private func session(
    _ configuration: SandboxConfiguration, _ files: AnchoredDirectory,
    _ execution: Execution<CustomWriteInput, DiscardedOutput, SequenceOutput>
) -> SandboxSession {
    let writer = execution.standardInputWriter
    return SandboxSession(root: configuration.root, files: files) { bytes in
        _ = try await writer.write(bytes)
    }
}

/// Runs the body beside the reader of the log stream, then ends the sandbox.
private func serve<Result: Sendable>(
    _ execution: Execution<CustomWriteInput, DiscardedOutput, SequenceOutput>,
    _ launch: SandboxLaunch, _ session: SandboxSession,
    _ body: @escaping @Sendable (SandboxSession) async -> Result
) async -> Swift.Result<Result, SandboxError> {
    let pid = execution.processIdentifier.value
    // Not a child task: the caller's cancellation must not reach the reader, which has to see the end of what is
    // being killed. It is awaited below, so it never outlives this function.
    let reader = Task { await readLog(execution.standardError, into: session) }
    let result = await withTaskCancellationHandler { () async -> Swift.Result<Result, SandboxError> in
        do throws(SandboxError) {
            try await session.waitUntilReady()
        } catch {
            return .failure(error)
        }
        return .success(await body(session))
    } onCancel: {
        launch.killEverything(startedAs: pid)
    }
    launch.killEverything(startedAs: pid)
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
