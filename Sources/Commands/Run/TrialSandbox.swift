import Glibc
import Sandbox
import SystemPackage

/// A sandbox in a temporary directory, made to see what this machine allows.
enum TrialSandbox {
    /// Makes a sandbox for real, and runs `true` in it.
    ///
    /// - Parameter system: What the build may do with the system, given a directory for what it changes.
    /// - Returns: How `true` ended.
    /// - Throws: ``CommandFailure`` with the reason and the mend when the sandbox does not come up.
    static func run(
        system: @escaping @Sendable (FilePath) -> SystemAccess
    ) async throws(CommandFailure) -> ExitStatus {
        let temporary = FilePath(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")
        return try await PrivateDirectory.with(beside: temporary.appending("doctor")) {
            scratch async throws(CommandFailure) in
            let overlay = scratch.appending("overlay")
            do throws(SandboxError) {
                let status = try await run(in: scratch.appending("root"), system(overlay))
                await LentFiles.remove(overlay)
                return status
            } catch {
                await LentFiles.remove(overlay)
                throw CommandFailure(.runner, error.description, hint: error.hint)
            }
        }
    }

    /// Why builds cannot change the system here; nil when they can.
    static func refusal() async -> String? {
        do throws(CommandFailure) {
            _ = try await run { .overlay(in: $0, orReadOnly: false) }
            return nil
        } catch {
            return error.message ?? "not permitted"
        }
    }

    private static func run(
        in directory: FilePath, _ system: SystemAccess
    ) async throws(SandboxError) -> ExitStatus {
        mkdir(directory.string, 0o755)
        let root = BuildRoot(hostPath: directory)
        try root.create()
        let state = StateFiles(root: root, sourceDirectory: "/tmp")
        let configuration = SandboxConfiguration(
            kind: .bubblewrap, network: .host, root: root, system: system)
        return try await withSandbox(configuration) { session -> ExitStatus in
            let runner = CommandRunner(
                session: session, state: state, shell: "sh", keeping: .carried, output: { _ in })
            guard (try? runner.start(environment: [])) != nil else { return ExitStatus(code: 1) }
            return (try? await runner.run("true")) ?? ExitStatus(code: 1)
        }
    }
}
