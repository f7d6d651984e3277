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

    /// Copies what patterns may match, and not much more.
    ///
    /// - Parameters:
    ///   - patterns: the patterns, absolute; what does not exist is left out.
    ///   - bases: patterns of directories that are wanted without their content.
    ///   - purpose: what is done, for messages.
    /// - Returns: where the copies are, relative to the mirrored `/`; the build may have its hands on them.
    /// - Throws: ``RunnerFailure`` when they cannot be copied.
    func copy(
        _ patterns: [String], bases: [String] = [], to purpose: String
    ) async throws(RunnerFailure) -> FilePath {
        let copies = FilePath("codebuild/output/tmp/outside-\(UInt64.random(in: 0 ... .max))")
        let target = quoted(copies)
        var commands = ["command -p mkdir \(target)"]
        for (pattern, isBase) in bases.map({ ($0, true) }) + patterns.map({ ($0, false) }) {
            let (words, isWhole) = Self.words(of: pattern)
            guard !words.isEmpty else {
                throw RunnerFailure(purpose, "a pattern for `/` is one for the whole image")
            }
            // Owners that a user namespace does not know cannot be kept; without them times are lost, too.
            let copy =
                "command -p mkdir -p \(target)\"${p%/*}\" && { command -p cp -aH \"$p\" \(target)\"${p%/*}\" 2>/dev/null "
                + "|| { command -p rm -rf \(target)\"$p\"; command -p cp -RH \"$p\" \(target)\"${p%/*}\"; }; }"
            let directory = isWhole ? copy : "command -p mkdir -p \(target)\"$p\""
            commands.append(
                "{ set +f; for p in \(words.joined(separator: " ")); do if [ -d \"$p\" ]; then \(directory) || exit; "
                    + "elif [ -e \"$p\" ]; then \(isBase ? ":" : copy) || exit; fi; done; }")
        }
        // An ordinary user's runner is root in there, and nobody else.
        commands.append("command -p chown -R 0:0 \(target)")
        try await run(commands.joined(separator: " && "), purpose)
        return copies
    }

    /// A pattern as words for a shell to expand, up to `**`; they may match more, hidden names too.
    ///
    /// - Returns: the words, and whether all that lies below is wanted.
    private static func words(of pattern: String) -> (words: [String], isWhole: Bool) {
        let parts = FilePath("/" + pattern).lexicallyNormalized().components.map(\.string)
        var words = [""]
        for part in parts {
            // `*` alone for what shells may read in their own way.
            guard part != "**", words.count <= 8 else { return (words.filter { !$0.isEmpty }, true) }
            let isOdd = part.contains { "[]{}\\".contains($0) }
            guard isOdd || part.contains(where: { "*?".contains($0) }) else {
                words = words.map { $0 + "/" + ShellQuoting.quote(part) }
                continue
            }
            let visible =
                isOdd
                ? "*"
                : part.split(separator: "*", omittingEmptySubsequences: false).map { piece in
                    piece.split(separator: "?", omittingEmptySubsequences: false)
                        .map { $0.isEmpty ? "" : ShellQuoting.quote(String($0)) }.joined(separator: "?")
                }.joined(separator: "*")
            let startsOpen = isOdd || part.hasPrefix("*") || part.hasPrefix("?")
            words = words.flatMap { [$0 + "/" + visible] + (startsOpen ? [$0 + "/.[!.]*"] : []) }
        }
        return (words.filter { !$0.isEmpty }, false)
    }

    /// Brings what patterns match to its own place in the mirrored `/`, where a selection finds it.
    ///
    /// - Parameters:
    ///   - patterns: of files, absolute or relative to the base directory.
    ///   - base: the base directory, if there is one.
    ///   - purpose: what is done, for messages.
    /// - Throws: ``RunnerFailure`` when it cannot be copied.
    func bring(
        _ patterns: [String], in base: String?, to purpose: String
    ) async throws(RunnerFailure) {
        let bases = [base].compactMap { $0 }.filter(holds)
        let files = patterns.compactMap { pattern in
            pattern.hasPrefix("/") ? pattern : bases.first.map { $0 + "/" + pattern }
        }.filter(holds)
        let wanted = bases + files
        guard !wanted.isEmpty else { return }
        let copies = try await copy(files, bases: bases, to: purpose)
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
