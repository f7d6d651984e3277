import FoundationEssentials
package import Sandbox
package import SystemPackage

/// A build that waits at a breakpoint, as its runner tells others: `paused.json` among its temporary files.
package struct PausedBuild: Sendable, Hashable, Codable {
    /// The build's id, `<project>:<uuid>`.
    package var id: String
    /// Where shells are to be had; nil when there are none.
    package var place: ShellPlace?
    /// The build's root on this machine.
    package var root: String

    /// The builds below a `.buildspec` directory that are paused by living runners, by uuid.
    package static func all(_ base: FilePath) -> [String: PausedBuild] {
        let names =
            (try? FileManager.default.contentsOfDirectory(atPath: base.appending("builds").string)) ?? []
        var paused: [String: PausedBuild] = [:]
        for uuid in names {
            let directories = BuildDirectories(base: base, uuid: uuid)
            guard !WorkLock.isDead(directories),
                let content = try? Data(contentsOf: URL(filePath: directories.paused.string)),
                let build = try? JSONDecoder().decode(PausedBuild.self, from: content)
            else { continue }
            paused[uuid] = build
        }
        return paused
    }

    /// Lets the build go on, from outside of it.
    /// - Throws: ``RunnerFailure`` when it cannot be told.
    package func resume() throws(RunnerFailure) {
        do throws(SandboxError) {
            try BreakpointPipes.resume(FilePath(root))
        } catch {
            throw RunnerFailure("resume the build \(id)", error.description, hint: error.hint)
        }
    }
}
