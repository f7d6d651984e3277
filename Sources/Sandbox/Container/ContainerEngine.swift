import Subprocess
import Synchronization
package import SystemPackage

/// podman or docker, spoken to by its command line.
package struct ContainerEngine: Sendable, Hashable {
    /// The engines.
    package enum Name: String, Sendable, Hashable, CaseIterable {
        case podman
        case docker
    }

    /// Which engine.
    package var name: Name
    /// Its executable.
    package var executable: FilePath

    /// What the engine said.
    struct Answer: Sendable {
        /// The exit status; -1 when the engine was killed or took too long.
        var status: Int32
        var output: [UInt8]
        var errors: String

        var isSuccess: Bool { status == 0 }

        /// The engine's own words, on one line and without its label.
        var reason: String {
            let lines = errors.split(whereSeparator: \.isNewline).map(String.init)
            let line = lines.last { $0.hasPrefix("Error") || $0.contains("rror: ") } ?? lines.last
            guard let line else { return "it ended with status \(status) and said nothing" }
            return line.hasPrefix("Error: ") ? String(line.dropFirst(7)) : line
        }
    }

    /// Names an engine.
    package init(name: Name, executable: FilePath) {
        self.name = name
        self.executable = executable
    }

    /// Finds an engine that works: the wanted one, else podman, else docker.
    /// - Throws: ``SandboxError`` with code `toolMissing` that says of each engine why not.
    package static func find(_ wanted: Name? = nil) async throws(SandboxError) -> ContainerEngine {
        if let engine = working.withLock({ $0[wanted] }) { return engine }
        var reasons: [String] = []
        for name in wanted.map({ [$0] }) ?? Name.allCases {
            guard let executable = SandboxLaunch.find(name.rawValue) else {
                reasons.append("\(name.rawValue) is not on the PATH")
                continue
            }
            let engine = ContainerEngine(name: name, executable: executable)
            // Both ask what does the work: podman its storage, docker its daemon.
            let question = name == .podman ? ["info"] : ["version", "--format", "{{.Server.Version}}"]
            let answer = await engine.ask(question, limit: .seconds(60))
            if answer.isSuccess {
                working.withLock { $0[wanted] = engine }
                return engine
            }
            reasons.append("\(name.rawValue): \(answer.reason)")
        }
        throw SandboxError(
            code: .toolMissing, detail: reasons.joined(separator: "; "), path: nil,
            hint:
                "install the package `podman`, or start the Docker daemon; without an image use --sandbox bubblewrap"
        )
    }

    /// What was found by earlier builds of this process.
    private static let working = Mutex<[Name?: ContainerEngine]>([:])

    /// Runs the engine to its end, with the runner's environment: it holds the engine's own settings.
    ///
    /// Not stopped by the cancellation of the caller, which may be why the engine is asked to end something.
    func ask(_ arguments: [String], limit: Duration) async -> Answer {
        let executable = executable
        return await Task { await Self.run(executable, arguments, limit) }.value
    }

    /// Runs the engine to its end; the caller's cancellation ends it, too.
    func askCancellably(_ arguments: [String], limit: Duration) async -> Answer {
        await Self.run(executable, arguments, limit)
    }

    private static func run(_ executable: FilePath, _ arguments: [String], _ limit: Duration) async -> Answer
    {
        await withTaskGroup(of: Answer?.self) { group in
            group.addTask { await run(executable, arguments) }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
                ?? Answer(status: -1, output: [], errors: "no answer within \(limit.components.seconds) s")
        }
    }

    private static func run(_ executable: FilePath, _ arguments: [String]) async -> Answer {
        do {
            let result = try await Subprocess.run(
                .path(executable), arguments: Arguments(arguments), environment: .inherit,
                workingDirectory: "/",
                input: .none, output: .bytes(limit: 4 << 20), error: .string(limit: 1 << 20))
            return Answer(
                status: status(result.terminationStatus), output: result.standardOutput,
                errors: result.standardError)
        } catch {
            return Answer(status: -1, output: [], errors: "\(error)")
        }
    }

    private static func status(_ status: TerminationStatus) -> Int32 {
        if case .exited(let code) = status { return code }
        return -1
    }
}
