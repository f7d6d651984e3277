import ArgumentParser
import BuildEngine
import Glibc
import Sandbox

/// `buildspec doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what this machine can and cannot do, one line a check, with the mend.",
        discussion: """
            Example:
              buildspec doctor
              buildspec doctor --output s3://artifacts/app --encryption-key alias/pipeline --role-arn ROLE
            """)

    @OptionGroup var output: OutputOptions
    @OptionGroup var aws: AWSOptions

    func run() async throws {
        let storage = try await storage()
        let checks =
            [await bubblewrap(), await root(), await containers()] + limits() + [
                tool("git", "the commit of a git work tree is known to builds"), await credentials(),
            ] + storage
        for check in checks { Console.out(check.line) }
        if checks.contains(where: { !$0.isFine && $0.isNeeded }) { throw CommandFailure(.runner) }
    }

    /// Asks for an engine; whether containers start is known only with an image.
    private func containers() async -> Check {
        do throws(SandboxError) {
            let engine = try await ContainerEngine.find()
            return Check("containers", fine: "builds run in images through \(engine.name.rawValue)")
        } catch {
            return Check("containers", error.detail + ", so that not: --image", error.hint, isNeeded: false)
        }
    }

    /// Makes a sandbox for real, and runs a command in it.
    private func bubblewrap() async -> Check {
        let name = "bubblewrap"
        do throws(CommandFailure) {
            let status = try await TrialSandbox.run(system: { _ in .readOnly })
            guard status.isSuccess else {
                return Check(name, "a command in the sandbox ended with \(status)", nil)
            }
            return Check(name, fine: "builds run isolated from this machine")
        } catch {
            return Check(name, error.message ?? "not usable", error.hint)
        }
    }

    /// The same with a writable system.
    private func root() async -> Check {
        let name = "overlay root"
        do throws(CommandFailure) {
            _ = try await TrialSandbox.run(system: { .overlay(in: $0, orReadOnly: false) })
            guard SandboxUsers.areMany else {
                return Check(
                    name, "builds can change the system, but know no user but root",
                    "install the package `uidmap`, and give this user ranges in /etc/subuid and /etc/subgid",
                    isNeeded: false)
            }
            return Check(name, fine: "builds can install packages; nothing of it reaches this machine")
        } catch {
            return Check(name, error.message ?? "not usable", error.hint, isNeeded: false)
        }
    }

    private func limits() -> [Check] {
        let bounded = SandboxLimits.bounded
        let mend =
            "run as root, or in a control group that is delegated to this user (systemd-run -p Delegate=yes)"
        return [
            bounded.processes
                ? Check("processes", fine: "a build cannot fill the process table")
                : Check("processes", "root's builds are not bounded", mend, isNeeded: false),
            bounded.memory
                ? Check("memory", fine: "the memory of builds can be bounded")
                : Check("memory", "the memory of builds cannot be bounded", mend, isNeeded: false),
        ]
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
struct Check: Sendable {
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
