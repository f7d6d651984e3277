import Glibc
import Sandbox
import SystemPackage
import TestSupport
import Testing

/// `run-as` on sources and users that make it hard (behaviour reference, section 1.3).
@Suite(.enabled(if: SandboxUsers.areMany, "one user only")) struct RunAsTests {
    @Test func `the user can read and run a source that is private to its owner, and not write it`()
        async throws
    {
        let buildspec = """
            version: 0.2
            phases:
              build:
                run-as: daemon
                commands:
                  - cat private/file && private/tool && cd private && id -un
                  - echo x >file || echo refused
                  - rm -f file || echo refused again
            """
        try await withProject(buildspec) { project in
            try project.scratch.write("content\n", to: "app/private/file")
            try project.scratch.write("#!/bin/sh\necho tool ran\n", to: "app/private/tool")
            for (name, mode) in [
                ("", 0o700), ("private", 0o700), ("private/file", 0o600), ("private/tool", 0o700),
            ] {
                #expect(chmod(project.directory.appending(name).string, mode_t(mode)) == 0)
            }
            let outcome = try await project.run()
            #expect(outcome.status == 0, "\(outcome)")
            for line in ["content\ntool ran\ndaemon\n", "\nrefused\n", "\nrefused again\n"] {
                #expect(outcome.standardOutput.contains(line), "\(outcome)")
            }
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root's sandboxes have a system to write to everywhere"))
    func `a user that the sandbox cannot become fails the phase, and says why`() async throws {
        let buildspec = """
            version: 0.2
            phases:
              pre_build:
                commands:
                  - echo 'ghost:x:4294967295:4294967295::/:/bin/sh' >>/etc/passwd
              build:
                run-as: ghost
                commands: [id -u]
            """
        try await withProject(buildspec) { project in
            let outcome = try await project.run("--root", "overlay")
            guard !outcome.standardError.contains("cannot be made writable") else { return }
            #expect(outcome.status == 1, "\(outcome)")
            #expect(
                outcome.standardOutput.contains(
                    "cannot run commands as user ghost: 4294967295:4294967295 is no user"),
                "\(outcome)")
            #expect(!outcome.standardOutput.contains("Running command id -u"))
        }
    }
}
