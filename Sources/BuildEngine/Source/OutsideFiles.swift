import Glibc
import Sandbox
import SystemPackage

/// Files that only the build itself sees: in the throw-away layers of a writable system, or in a container's image.
///
/// Its commands copy them to a directory that the runner sees too.
struct OutsideFiles: Sendable {
    var scene: BuildScene
    var runner: CommandRunner

    /// Directories that the runner sees as the build does, relative to `/`; nil when that is everything.
    private var shared: [FilePath]? {
        switch scene.plan.sandbox.kind {
        case .container: ["codebuild"]
        case .bubblewrap: ["codebuild", "root", "tmp", "var/tmp"]
        case .host: nil
        }
    }

    /// Whether what commands leave there can lie anywhere at all.
    var isWritable: Bool {
        switch scene.plan.sandbox.kind {
        case .container: true
        case .bubblewrap: scene.plan.sandbox.system != .readOnly && runner.session.refusal == nil
        case .host: false
        }
    }

    /// Whether what a pattern matches lies in a directory that only the build sees.
    func holds(_ pattern: String) -> Bool {
        guard let shared, pattern.hasPrefix("/") else { return false }
        let start = Self.start(of: pattern)
        guard let top = start.components.first, !["proc", "sys", "dev"].contains(top.string) else {
            return false
        }
        return !shared.contains { start.starts(with: $0) || $0.starts(with: start) }
    }

    /// The part of a pattern before the first component with a wildcard, relative to `/`.
    static func start(of pattern: String) -> FilePath {
        let parts = pattern.split(separator: "/").prefix { !$0.contains { "*?[{\\".contains($0) } }
        return FilePath(
            root: nil, FilePath("/" + parts.joined(separator: "/")).lexicallyNormalized().components)
    }

    /// Copies the directories in which patterns begin.
    ///
    /// - Parameters:
    ///   - patterns: the patterns; what does not exist is left out.
    ///   - purpose: what is done, for messages.
    ///   - follows: whether a link in which a pattern begins stands for what it leads to.
    /// - Returns: where the copies are, relative to the mirrored `/`; the build may have its hands on them.
    /// - Throws: ``RunnerFailure`` when they cannot be copied.
    func copy(_ patterns: [String], to purpose: String, follows: Bool) async throws(RunnerFailure) -> FilePath
    {
        let copies = FilePath("codebuild/output/tmp/outside-\(UInt64.random(in: 0 ... .max))")
        var commands = ["command -p mkdir \(quoted(copies))"]
        for start in Self.starts(of: patterns) {
            guard let parent = start.isEmpty ? nil : copies.pushing(start).removingLastComponent() else {
                throw RunnerFailure(purpose, "a pattern for `/` is one for the whole image")
            }
            let source = ShellQuoting.quote(FilePath("/").pushing(start).string)
            // Owners that a user namespace does not know cannot be kept; without them times are lost, too.
            let link = follows ? "H" : ""
            commands.append(
                "{ ! [ -e \(source) ] || { command -p mkdir -p \(quoted(parent)) "
                    + "&& { command -p cp -a\(link) \(source) \(quoted(parent)) 2>/dev/null "
                    + "|| { command -p rm -rf \(quoted(copies.pushing(start))) "
                    + "&& command -p cp -R\(link) \(source) \(quoted(parent)); }; }; }; }")
        }
        // An ordinary user's runner is root in there, and nobody else.
        commands.append("command -p chown -R 0:0 \(quoted(copies))")
        try await run(commands.joined(separator: " && "), purpose)
        return copies
    }

    /// Brings what patterns match to its own place in the mirrored `/`, where a selection finds it.
    ///
    /// - Throws: ``RunnerFailure`` when it cannot be copied.
    func bring(_ patterns: [String], to purpose: String) async throws(RunnerFailure) {
        let wanted = patterns.filter(holds)
        guard !wanted.isEmpty else { return }
        let copies = try await copy(wanted, to: purpose, follows: true)
        for start in Self.starts(of: wanted) {
            let place = scene.workspace.root.host(start)
            do {
                var parent = scene.workspace.root.hostPath
                for component in start.removingLastComponent().components {
                    parent.append(component)
                    guard mkdir(parent.string, 0o755) == 0 || errno == EEXIST else {
                        throw Errno(rawValue: errno)
                    }
                }
                // An earlier artifact's.
                BuildFiles.removeQuietly(place)
                try runner.session.files.release(copies.pushing(start), to: place)
            } catch let error as SandboxError {
                throw RunnerFailure(purpose, error.description, hint: error.hint)
            } catch {
                throw RunnerFailure(purpose, "\(error)")
            }
        }
        try await run("command -p rm -rf \(quoted(copies))", purpose)
    }

    /// Where patterns begin, but for places below others.
    private static func starts(of patterns: [String]) -> [FilePath] {
        let all = Set(patterns.map(start))
        return all.filter { start in !all.contains { $0 != start && start.starts(with: $0) } }
            .sorted { $0.string < $1.string }
    }

    /// Runs a command of the runner's own.
    ///
    /// - Throws: ``RunnerFailure`` when it fails.
    func run(_ command: String, _ purpose: String) async throws(RunnerFailure) {
        let status: ExitStatus
        do throws(SandboxError) {
            status = try await runner.runInternally(command)
        } catch {
            throw RunnerFailure(purpose, error.description, hint: error.hint)
        }
        guard status.isSuccess else { throw RunnerFailure(purpose, "a command of the copy: \(status)") }
    }

    private func quoted(_ path: FilePath) -> String {
        ShellQuoting.quote(scene.workspace.root.inside(path).string)
    }
}
