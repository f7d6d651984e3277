import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// `--root`: what the log, the plan and the exit status say of a writable system.
@Suite struct RootTests {
    /// Why there is no writable system with `poorPath`: root needs no tools, which then refuse.
    private static let refusal: (reason: String, mend: String) =
        geteuid() == 0
        ? ("no overlays today", "keep .buildspec on a disk that overlayfs can write to")
        : (" is not installed", "install the package `")

    /// A `PATH` with a bubblewrap that works in namespaces of its own only, and with nothing that could mount an overlay.
    private func poorPath(_ project: TestProject) throws -> String {
        let tool = try project.scratch.write(
            """
            #!/bin/sh
            case " $* " in *" --unshare-user "*) exec /usr/bin/bwrap "$@" ;; esac
            echo 'no overlays today' >&2
            exit 1

            """, to: "bin/bwrap")
        chmod(tool.string, 0o755)
        return tool.removingLastComponent().string
    }

    @Test func `where only read-only is possible the log says so once, with the mend`() async throws {
        try await withProject(commands("touch /usr/x || echo refused", "true")) { project in
            let outcome = try await project.run(environment: ["PATH": try poorPath(project)])
            #expect(outcome.status == 0)
            let lines = outcome.standardOutput.split(separator: "\n").filter { $0.contains("read-only:") }
            #expect(lines.count == 1)
            #expect(lines.first?.contains("\(Self.refusal.reason) (\(Self.refusal.mend)") == true)
            #expect(outcome.standardOutput.contains("refused\n"))
        }
    }

    @Test func `a writable system that was asked for and cannot be had is the runner's failure`() async throws
    {
        try await withProject(commands("true")) { project in
            let outcome = try await project.run(
                "--root", "overlay", environment: ["PATH": try poorPath(project)])
            #expect(outcome.status == 3)
            #expect(outcome.standardError.contains("the system cannot be made writable"))
            #expect(outcome.standardError.contains("hint: \(Self.refusal.mend)"))
        }
    }

    @Test func `read-only that was asked for is nothing to tell`() async throws {
        try await withProject(commands("touch /usr/x || echo refused")) { project in
            let outcome = try await project.run("--root", "read-only")
            #expect(outcome.status == 0)
            #expect(outcome.standardOutput.contains("refused\n"))
            #expect(!outcome.standardOutput.contains("read-only:"))
        }
    }

    /// Container engines mount below `/var`, and the kernel refuses such directories as layers to whoever is not root.
    @Test func `what is mounted below a system directory does not make root's builds slower`() async throws {
        let look = commands("grep -c ' /usr overlay ' /proc/mounts", "test ! -e /usr/share/doc/mounted")
        try await withProject(look) { project in
            guard try await project.run().standardOutput.contains("\n1\n"), geteuid() == 0 else {
                Issue.record("not tested: the kernel's overlays are not permitted here", severity: .warning)
                return
            }
            let script = "mount -t tmpfs none /usr/share/doc && touch /usr/share/doc/mounted && exec \"$@\""
            let outcome = try await run(project, mounting: script)
            #expect(outcome.standardOutput.contains("\n1\n"), "\(outcome)")
        }
    }

    /// Runs a build where a script mounts before; the script is given the command.
    private func run(_ project: TestProject, mounting script: String) async throws -> Program.Outcome {
        try await project.tool(
            "/usr/bin/unshare",
            arguments: [
                "--mount", "--propagation", "private", "sh", "-c", script, "sh",
                project.binary.executable.string, "run",
            ])
    }

    /// A host whose `/var` is a link, also to where builds see nothing, or is not there.
    @Test(
        arguments: ["ln -s /etc/var var", "ln -s ../data var", "ln -s /data/var var", "ln -s var var", ":"])
    func `a host without a directory at /var has writable systems too`(making: String) async throws {
        let look = commands("grep -c ' /usr overlay ' /proc/mounts", "touch /var/tmp/x && ls /var/tmp")
        try await withProject(look) { project in
            guard try await project.run().standardOutput.contains("\n1\n"), geteuid() == 0 else {
                Issue.record("not tested: the kernel's overlays are not permitted here", severity: .warning)
                return
            }
            let script = """
                set -e
                new=$HOME/host scratch=$HOME
                mkdir "$new"; mount -t tmpfs none "$new"; cd "$new"
                for place in /*; do
                  case $place in
                    /var) ;;
                    /etc) cp -a /etc . ;;
                    *) if [ -L "$place" ]; then cp -a "$place" .
                       elif [ -d "$place" ]; then mkdir ".$place"; mount --rbind "$place" ".$place"; fi ;;
                  esac
                done
                program=$1; shift
                mkdir -p etc/var/lib data/var project program old
                mount --bind "$(dirname "$program")" program
                mount --bind "$scratch" project
                \(making)
                pivot_root . old
                cd /project/app
                umount -l /old
                HOME=/project/home "/program/$(basename "$program")" "$@"
                cd /; find data etc/var
                """
            let outcome = try await run(project, mounting: script)
            #expect(outcome.standardOutput.contains("\n1\n"), "\(outcome)")
            #expect(outcome.standardOutput.contains("\nx\n"), "\(outcome)")
            #expect(
                outcome.standardOutput.hasSuffix("\ndata\ndata/var\netc/var\netc/var/lib\n"), "\(outcome)")
        }
    }

    @Test func `the host has no other root`() async throws {
        try await withProject(commands("true")) { project in
            let outcome = try await project.run("--sandbox", "host", "--root", "overlay")
            #expect(outcome.status == 2)
        }
    }

    @Test func `the plan says which root it will be, and why`() async throws {
        try await withProject(commands("true")) { project in
            let asked = try await project.buildspec(["plan", "--root", "read-only"])
            #expect(asked.standardOutput.contains("root: read-only  (--root)\n"))
            let poor = try await project.buildspec(["plan"], environment: ["PATH": try poorPath(project)])
            #expect(poor.standardOutput.contains("root: read-only  (the system cannot be made writable: "))
            let rich = try await project.buildspec(["plan"])
            #expect(rich.standardOutput.contains(/root: (overlay  \(default\)|read-only  \(the system)/))
        }
    }

    @Test func `what a killed runner left of a writable system is gone after the next build`() async throws {
        try await withProject(
            commands(
                "if [ -e first ]; then rm -rf /usr/share/doc /usr/bin/env; touch /tmp/up; echo up; sleep 60; fi"
            )
        ) { project in
            try project.scratch.write("", to: "app/first")
            let killed = try await project.start([]) { running in
                try await running.output.wait(for: "\nup\n")
                running.send(SIGKILL)
            }
            #expect(killed.status == -SIGKILL)
            let work = project.directory.appending(".buildspec/builds")
                .appending(try #require(try project.builds().first)).appending("work")
            #expect(access(work.string, F_OK) == 0)
            unlink(project.directory.appending("first").string)
            #expect(try await project.run().status == 0)
            #expect(access(work.string, F_OK) != 0)
            #expect(access("/usr/bin/env", X_OK) == 0)
            let mounts = try Data(contentsOf: URL(filePath: "/proc/self/mounts"))
            #expect(!String(decoding: mounts, as: UTF8.self).contains(project.scratch.path.string))
        }
    }
}
