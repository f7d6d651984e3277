import Glibc
import Subprocess
import SystemPackage

/// How a terminal's shell came to its end.
package enum ShellEnding: Sendable, Hashable {
    /// Somebody left it; its exit code.
    case left(UInt8)
    /// The build went on, or ended, or the caller was cancelled.
    case cut
    /// There was none, and why.
    case refused(String)
}

/// Where shells of a paused build are to be had.
package enum ShellPlace: Sendable, Hashable, Codable {
    /// At a socket below the build's root.
    case served(root: String, name: String)
    /// From the engine of its container; the engine's command line up to the name of what it is to do.
    case container(engine: [String], container: String, user: String, directory: String, name: String)

    /// Joins a terminal to a new shell, and returns when that is over.
    ///
    /// The shell has the paused command's directory and variables, and the sandbox's processes and files. When the
    /// caller is cancelled the shell is ended, and the terminal is as before.
    /// - Throws: ``SandboxError`` when there is no shell.
    package func open(on terminal: Terminal) async throws(SandboxError) -> ShellEnding {
        switch self {
        case .served(let root, let name):
            let socket = BreakpointPipes.directory.appending(name)
            return try await ShellClient.run(socket, in: FilePath(root), on: terminal)
        case .container(let engine, let container, let user, let directory, let name):
            let shell = [
                "sh", "-c", Self.entry, "sh", directory, name, terminal.isInteractive ? terminal.name : "",
            ]
            return try await Self.enter(
                engine, container, ["--user", user, "--workdir", "/"], shell, terminal)
        }
    }

    /// Becomes what the breakpoint `$2` in the directory `$1` has noted; `$3` is the terminal's name, if there is one.
    private static let entry = """
        exec env -i PATH="$PATH" sh -c '
          cd "$(cat "$1/$2.dir")" || exit
          . "$1/$2.env"
          if [ -n "$3" ]; then TERM=$3; export TERM; fi
          command -v bash >/dev/null && exec bash --noprofile --norc
          exec sh' sh "$@"
        """

    private static func enter(
        _ engine: [String], _ container: String, _ options: [String], _ shell: [String], _ terminal: Terminal
    ) async throws(SandboxError) -> ShellEnding {
        guard let executable = engine.first else { return .refused("no engine is known") }
        var words = Array(engine.dropFirst()) + ["exec", "--interactive"]
        if terminal.isInteractive { words.append("--tty") }
        words += options + [container] + shell
        var platform = PlatformOptions()
        platform.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
        TerminalMode.remember(terminal)
        defer { TerminalMode.restore() }
        do {
            let result = try await Subprocess.run(
                .path(FilePath(executable)), arguments: Arguments(words), environment: .inherit,
                platformOptions: platform,
                input: .fileDescriptor(
                    FileDescriptor(rawValue: terminal.input), closeAfterSpawningProcess: false),
                output: .fileDescriptor(
                    FileDescriptor(rawValue: terminal.output), closeAfterSpawningProcess: false),
                error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false))
            guard case .exited(let code) = result.terminationStatus else { return .cut }
            // 125 is the engine's own failure, 137 what is left of a container that has been ended, and 255 podman's word
            // for one that is gone; a shell may end with each of them, too.
            switch code {
            case 137: return .cut
            case 125, 255:
                guard await isThere(container, engine) else { return .cut }
                return code == 125 ? .refused("the engine makes none") : .left(255)
            default: return .left(UInt8(truncatingIfNeeded: code))
            }
        } catch {
            throw SandboxError(code: .startFailed, detail: "\(error)", path: nil, hint: nil)
        }
    }

    /// Whether the engine still has the container; no when it does not even answer.
    private static func isThere(_ container: String, _ engine: [String]) async -> Bool {
        guard let executable = engine.first else { return false }
        let words = Array(engine.dropFirst()) + ["container", "inspect", container]
        let result = try? await Subprocess.run(
            .path(FilePath(executable)), arguments: Arguments(words), environment: .inherit,
            input: .none, output: .discarded, error: .discarded)
        return result?.terminationStatus.isSuccess == true
    }
}
