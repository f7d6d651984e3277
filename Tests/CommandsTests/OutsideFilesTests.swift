import SystemPackage
import TestSupport
import Testing

/// Files that a build leaves outside of its source, home and temporary directories: in the throw-away system.
@Suite struct OutsideFilesTests {
    /// Whether this machine permits a writable system; else it is told that nothing was tested.
    private static func isWritable(_ project: TestProject) async throws -> Bool {
        let plain = try await project.run("--buildspec", "probe.yml")
        if plain.standardOutput.contains("writable\n") { return true }
        Issue.record("not tested: no writable system is permitted here", severity: .warning)
        return false
    }

    private func withWritableSystem(
        _ buildspec: String, _ body: (TestProject) async throws -> Void
    ) async throws {
        try await withProject(buildspec) { project in
            try project.scratch.write(commands("mkdir /opt/probe && echo writable"), to: "app/probe.yml")
            guard try await Self.isWritable(project) else { return }
            try await body(project)
        }
    }

    @Test func `artifacts are found wherever the build laid them`() async throws {
        let text =
            commands(
                "mkdir -p /opt/q/v1 /opt/q/d /srv/w", "echo 1 > /opt/q/v1/a; chmod 750 /opt/q/v1/a",
                "echo 2 > /srv/w/b; echo 3 > /tmp/c; ln -s v1 /opt/q/now; echo 4 > /opt/q/v1/.h",
                "mkdir '/srv/a b'; echo 5 > \"/srv/a b/it's\"; mkfifo /srv/w/pipe; ln -s gone /srv/w/l") + """
                artifacts:
                  files: [/opt/q/v1/*, '/srv/[v-x]/*', /tmp/c, /opt/none/*, /etc/passwd, /srv/a b/i?'s]
                  secondary-artifacts:
                    whole: {base-directory: /opt/q/now, files: ['**/*']}
                    each: {base-directory: '/opt/q/v*', files: [a]}
                    deep: {base-directory: '/opt/*/', files: ['v?/.*'], discard-paths: yes}

                """
        try await withWritableSystem(text) { project in
            let outcome = try await project.run("--output", "out")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.standardOutput.contains("Skipping invalid file path /opt/none/*"))
            for (name, files) in [
                (
                    "app",
                    ["etc/passwd", "opt/q/v1/.h", "opt/q/v1/a", "srv/a b/it's", "srv/w/b", "tmp/c"]
                ), ("whole", [".h", "a"]), ("each", ["a"]), ("deep", [".h"]),
            ] {
                let opened = try await project.buildspec([
                    "artifact", "open", "out/\(name).zip.enc", "-o", name,
                ])
                #expect(opened.status == 0, "\(opened)")
                #expect(try project.files(below: "app/\(name)").sorted() == files)
            }
        }
    }

    @Test func `what a cache names in the system comes back`() async throws {
        let text =
            commands("cat /opt/q/y /go/pkg/z; mkdir -p /opt/q /go/pkg; echo 1 > /opt/q/y; echo 2 > /go/pkg/z")
            + "cache: {paths: ['/opt/q/**/*', /go/pkg, '/usr/nothing/**/*']}\n"
        try await withWritableSystem(text) { project in
            #expect(try await project.run().status == 0)
            let second = try await project.run()
            #expect(second.status == 0 && second.standardOutput.contains("\n1\n2\n"), "\(second)")
            // The archive of a writable system is nothing for one that is not.
            let third = try await project.run("--root", "read-only")
            #expect(third.status == 0 && third.standardOutput.contains("Read-only file system"), "\(third)")
        }
    }

    @Test func `a restored cache leaves directories as they are`() async throws {
        let look = "stat -c '%a %n' /tmp /root /var/tmp; id -un"
        let text =
            commands(look, "touch /tmp/a /var/tmp/b /root/c")
            + "cache: {paths: [/tmp/a, /var/tmp/b, /root/c]}\n"
        try await withProject(text) { project in
            let first = try await project.run("--sandbox", "bubblewrap")
            #expect(first.standardOutput.contains("\n1777 /tmp\n755 /root\n1777 /var/tmp\n"), "\(first)")
            let second = try await project.run("--sandbox", "bubblewrap")
            #expect(second.standardOutput.contains("\n1777 /tmp\n755 /root\n1777 /var/tmp\n"), "\(second)")
        }
    }
}
