import Glibc
import Sandbox
import SystemPackage
import TestSupport
import Testing

/// A kind of sandbox and the shell that commands run with in it: behaviour must be the same in all of them.
struct SandboxPlace: Sendable, CustomTestStringConvertible {
    var kind: SandboxConfiguration.Kind
    var shell: String
    /// Whether the build may change the system, where this machine permits that.
    var isWritable = false

    static let all = SandboxConfiguration.Kind.withoutImage.flatMap { kind in
        ["sh", "bash"].map { SandboxPlace(kind: kind, shell: $0) }
    }

    /// One of each kind, where the shell plays no part.
    static let kinds = SandboxConfiguration.Kind.withoutImage.map { SandboxPlace(kind: $0, shell: "sh") }

    static let readOnly = SandboxPlace(kind: .bubblewrap, shell: "sh")
    static let writable = SandboxPlace(kind: .bubblewrap, shell: "sh", isWritable: true)

    var testDescription: String { "\(kind.rawValue) \(shell)\(isWritable ? " writable" : "")" }
}

/// A sandbox with a source directory, and what comes out of it.
struct RunningSandbox: Sendable {
    let runner: CommandRunner
    let output: CollectedOutput
    let root: BuildRoot

    /// Runs commands one after the other; their exit codes.
    @discardableResult
    func run(_ commands: String...) async throws -> [Int] {
        var codes: [Int] = []
        for command in commands { codes.append(try await runner.run(command).code) }
        return codes
    }

    /// Runs one command; what was written meanwhile.
    func outputOf(_ command: String) async throws -> String {
        await output.clear()
        _ = try await runner.run(command)
        return await output.text
    }
}

/// What a sandbox wrote.
actor CollectedOutput {
    private(set) var bytes: [UInt8] = []
    private var awaited: [(text: String, continuation: CheckedContinuation<Void, Never>)] = []

    var text: String { String(decoding: bytes, as: UTF8.self) }

    func append(_ more: [UInt8]) {
        bytes += more
        let text = text
        for waiter in awaited where text.contains(waiter.text) { waiter.continuation.resume() }
        awaited.removeAll { text.contains($0.text) }
    }

    func clear() { bytes = [] }

    /// Returns as soon as the text has been written.
    func wait(for text: String) async {
        if self.text.contains(text) { return }
        await withCheckedContinuation { awaited.append((text, $0)) }
    }
}

/// Starts a sandbox in a scratch directory for `body`, whose errors come out.
func withRunningSandbox<Result: Sendable>(
    _ place: SandboxPlace, network: SandboxConfiguration.Network = .none,
    keeping: (_ source: FilePath) -> CommandScript.StateKeeping = { _ in .carried },
    environment: [(name: String, value: String)] = [("PATH", "/usr/local/bin:/usr/bin:/bin")],
    tools: [String: FilePath] = [:], limits: SandboxLimits = SandboxLimits(),
    ways: [OverlayWay]? = nil, bubblewrap: FilePath? = nil, container: PreparedContainer? = nil,
    systemCache: FilePath? = nil,
    _ body: @escaping @Sendable (RunningSandbox) async throws -> Result
) async throws -> Result {
    try await withScratchDirectory { scratch in
        let directory = scratch.path.appending("root")
        mkdir(directory.string, 0o755)
        let root = BuildRoot(hostPath: directory, insidePath: place.kind == .host ? directory : "/")
        try root.create()
        let source: FilePath = "codebuild/output/src1/src"
        for directory in ["codebuild/output/src1", source] { mkdir(root.host(directory).string, 0o755) }
        let overlay = scratch.path.appending("overlay")
        var configuration = SandboxConfiguration(
            kind: place.kind, network: network, root: root, bubblewrap: bubblewrap, tools: tools,
            system: place.isWritable ? .overlay(in: overlay, orReadOnly: ways == nil) : .readOnly,
            limits: limits)
        configuration.overlayWays = ways
        configuration.systemCache = systemCache
        configuration.container = container
        let state = StateFiles(root: root, sourceDirectory: root.inside(source))
        let keeping = keeping(root.inside(source))
        let settled = configuration
        let result = try await withSandbox(settled) { session in
            let output = CollectedOutput()
            let runner = CommandRunner(session: session, state: state, shell: place.shell, keeping: keeping) {
                await output.append($0)
            }
            do {
                try runner.start(environment: environment)
                return Swift.Result<Result, any Error>.success(
                    try await body(RunningSandbox(runner: runner, output: output, root: root)))
            } catch {
                return .failure(error)
            }
        }
        await LentFiles.remove(overlay)
        return try result.get()
    }
}
