import ArgumentParser
import Glibc
import Sandbox
import SystemPackage

/// `buildspec serve-shells`: the part of `codebuild-breakpoint` that needs more than a shell script.
struct ServeShellsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve-shells",
        abstract: "Serve shells of a paused build (for codebuild-breakpoint).",
        discussion: """
            Example:
              buildspec serve-shells /codebuild/readonly/debug/123
            """,
        shouldDisplay: false)

    @Argument(help: "The socket's path.")
    var socket: String

    func run() throws {
        do throws(SandboxError) {
            try ShellServer.serve(at: FilePath(socket), openFiles: UInt64(ProcessSetup.openFiles.rlim_cur))
        } catch {
            throw CommandFailure(.runner, error.description, hint: error.hint)
        }
    }
}
