import ArgumentParser
import BuildEngine
import Glibc
import Sandbox
import SystemPackage

/// `buildspec doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what this machine can and cannot do, one line a check, with the mend.",
        discussion: """
            Example:
              buildspec doctor
            """)

    func run() async throws {
        let checks = [await bubblewrap(), tool("git", "the commit of a git work tree is known to builds")]
        for check in checks { Console.out(check.line) }
        if checks.contains(where: { !$0.isFine && $0.isNeeded }) { throw CommandFailure(.runner) }
    }

    /// Makes a sandbox for real, and runs a command in it.
    private func bubblewrap() async -> Check {
        let name = "bubblewrap"
        do throws(CommandFailure) {
            let status = try await PrivateDirectory.with(beside: temporary) {
                scratch async throws(CommandFailure) in
                try await trySandbox(in: scratch)
            }
            guard status.isSuccess else {
                return Check(name, "a command in the sandbox ended with \(status)", nil)
            }
            return Check(name, fine: "builds run isolated from this machine")
        } catch {
            return Check(name, error.message ?? "not usable", error.hint)
        }
    }

    private var temporary: FilePath {
        FilePath(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp").appending("doctor")
    }

    private func trySandbox(in scratch: FilePath) async throws(CommandFailure) -> ExitStatus {
        do throws(SandboxError) {
            let root = BuildRoot(hostPath: scratch)
            try root.create()
            let state = StateFiles(root: root, sourceDirectory: "/tmp")
            let configuration = SandboxConfiguration(kind: .bubblewrap, network: .host, root: root)
            let status = try await withSandbox(configuration) { session -> ExitStatus in
                let runner = CommandRunner(
                    session: session, state: state, shell: "sh", keeping: .carried, output: { _ in })
                guard (try? runner.start(environment: [])) != nil else { return ExitStatus(code: 1) }
                return (try? await runner.run("true")) ?? ExitStatus(code: 1)
            }
            return status
        } catch {
            throw CommandFailure(.runner, error.description, hint: error.hint)
        }
    }

    private func tool(_ name: String, _ use: String) -> Check {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        let isThere = path.split(separator: ":").contains { access("\($0)/\(name)", X_OK) == 0 }
        return isThere
            ? Check(name, fine: use)
            : Check(
                name, "not installed, so that not: \(use)", "install the package `\(name)`", isNeeded: false)
    }
}

/// One line of `doctor`.
private struct Check: Sendable {
    var isFine: Bool
    /// Whether builds fail without it.
    var isNeeded: Bool
    var line: String

    init(_ name: String, fine: String) {
        isFine = true
        isNeeded = false
        line = "ok    \(name): \(fine)\n"
    }

    init(_ name: String, _ problem: String, _ mend: String?, isNeeded: Bool = true) {
        isFine = false
        self.isNeeded = isNeeded
        line = "\(isNeeded ? "fail" : "warn")  \(name): \(problem)" + (mend.map { " (\($0))" } ?? "") + "\n"
    }
}
