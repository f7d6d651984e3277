import Glibc
import Subprocess
package import SystemPackage

/// Clears up after sandboxes whose build gave files to other users.
package enum LentFiles {
    /// Removes what is in a store or in a build's root and belongs to users that only its sandbox knew.
    ///
    /// An ordinary user cannot remove what the build gave to the ids that `/etc/subuid` lends; a namespace with the same
    /// ids can. Does nothing for root, who needs no help; what is left is for the caller to find.
    package static func remove(_ path: FilePath) async {
        guard geteuid() != 0, UserMapping.hasManyUsers, FileKind(of: path.string) == .directory,
            let unshare = SandboxLaunch.find("unshare")
        else { return }
        let program = "printf . ; IFS= read -r go && chmod -R u+rwX \"$1\" 2>/dev/null; rm -rf \"$1\""
        _ = try? await Subprocess.run(
            .path(unshare),
            arguments: ["--user", "--", "/bin/sh", "-c", program, "sh", path.string],
            environment: .custom(["PATH": "/usr/bin:/bin"]), workingDirectory: "/",
            input: .inputWriter, output: .sequence, error: .discarded
        ) { execution in
            // The first byte says that the namespace is there.
            for try await _ in execution.standardOutput {
                try? await UserMapping.write(for: execution.processIdentifier.value)
                _ = try await execution.standardInputWriter.write(OverlayStage.goOn)
            }
        }
    }
}
