import ArgumentParser
import BuildEngine
import Glibc
import Sandbox
import SystemPackage

/// `buildspec debug`.
struct DebugCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "debug",
        abstract: "Open a shell in a build that codebuild-breakpoint has paused.",
        discussion: """
            Builds run with `buildspec run --debug` are paused by `codebuild-breakpoint`. The shell has the paused \
            command's directory and variables; `codebuild-resume` in it lets the build go on. Without a terminal the \
            shell reads its commands from standard input, and its exit code is this command's.

            Example:
              buildspec debug                      the only paused build of this directory
              buildspec debug 5f0c --source app    the one whose uuid begins with 5f0c
              buildspec debug --resume             let it go on
            """)

    @Argument(
        help: "The build: its id, its uuid, or the beginning of its uuid (default: the only paused one).")
    var build: String?

    @Option(help: "The SOURCE that was given to `buildspec run`.")
    var source = "."

    @Flag(help: "Open no shell: let the build go on.")
    var resume = false

    func run() async throws {
        let environment = RunnerEnvironment.current
        let paused = try PausedBuilds(source: environment.absolute(source)).one(named: build)
        if resume {
            do throws(RunnerFailure) {
                return try paused.resume()
            } catch {
                throw CommandFailure(.runner, error.description, hint: error.hint)
            }
        }
        guard let place = paused.place else {
            throw CommandFailure(
                .runner, "no shell can be opened in the build \(paused.id): see its log",
                hint: "--resume lets it go on")
        }
        let name = environment.variables["TERM"] ?? "dumb"
        let terminal =
            Terminal.own(named: name)
            ?? Terminal(input: STDIN_FILENO, output: STDOUT_FILENO, isInteractive: false, name: name)
        let (result, signal) = await Interruption.watch { () async -> Result<ShellEnding, SandboxError> in
            do throws(SandboxError) {
                return .success(try await place.open(on: terminal))
            } catch {
                return .failure(error)
            }
        }
        if let signal { throw CommandFailure(signal: signal) }
        try Self.tell(result, paused)
        // Whoever pipes commands in wants to know how they ended; who leaves a prompt does not.
        if !terminal.isInteractive, case .success(.left(let code)) = result, code != 0 {
            throw ExitCode(Int32(code))
        }
    }

    private static func tell(
        _ result: Result<ShellEnding, SandboxError>, _ paused: PausedBuild
    ) throws(CommandFailure) {
        switch result {
        case .success(.left): return
        case .success(.cut): Console.note("the build \(paused.id) has ended, and this shell with it")
        case .success(.refused(let reason)):
            throw CommandFailure(.runner, "no shell can be opened in the build \(paused.id): \(reason)")
        case .failure(let error):
            throw CommandFailure(
                .runner, "no shell can be opened in the build \(paused.id): \(error.description)",
                hint: error.hint ?? "it may have gone on meanwhile")
        }
    }
}

/// The builds of one source that wait at a breakpoint.
struct PausedBuilds {
    private let base: FilePath
    private let builds: [String: PausedBuild]

    /// Looks for them.
    init(source: FilePath) {
        var status = stat()
        let isFile = stat(source.string, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        base = (isFile ? source.removingLastComponent() : source).appending(BuildDirectories.name)
        builds = PausedBuild.all(base)
    }

    /// The one of that id, uuid, or beginning of a uuid; the only one without a name.
    /// - Throws: ``CommandFailure`` with status `usage` when there is none, or several.
    func one(named name: String?) throws(CommandFailure) -> PausedBuild {
        guard !builds.isEmpty else {
            throw .usage(
                "no build is paused in \(base)",
                hint: "buildspec run --debug pauses at codebuild-breakpoint; --source names another source")
        }
        let known = "paused are \(builds.keys.sorted().joined(separator: ", "))"
        guard let name else {
            guard let only = builds.first, builds.count == 1 else {
                throw .usage("several builds are paused in \(base)", hint: known)
            }
            return only.value
        }
        let wanted = name.lowercased()
        if let exact = builds.first(where: { $0.key == wanted || $0.value.id == name }) { return exact.value }
        let found = builds.filter { !wanted.isEmpty && $0.key.hasPrefix(wanted) }
        guard let only = found.first, found.count == 1 else {
            throw .usage(
                "\(name): \(found.isEmpty ? "no such build is" : "several such builds are") paused",
                hint: known)
        }
        return only.value
    }
}
