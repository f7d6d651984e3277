import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// `container/buildspec-worker.service`: systemd understands it, and so does the worker that it starts.
@Suite struct WorkerServiceTests {
    private static let unit = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent().appending("container/buildspec-worker.service")

    private static func text() throws -> String {
        try String(contentsOf: URL(filePath: unit.string), encoding: .utf8)
    }

    /// Whether `systemd-analyze` is there; said on standard error where it is not.
    static func hasSystemd() -> Bool {
        if access("/usr/bin/systemd-analyze", X_OK) == 0 { return true }
        let reason = "the service unit is not tested here: there is no systemd-analyze\n"
        _ = try? FileDescriptor.standardError.writeAll(Array(reason.utf8))
        return false
    }

    /// Runs systemd-analyze offline with a copy of the unit that names this build's executable.
    private func analyze(_ arguments: [String]) async throws -> Program.Outcome {
        let binary = try Program.buildspec().executable
        return try await withScratchDirectory { scratch in
            let copy = try Self.text().replacing("/usr/local/bin/buildspec ", with: "\(binary) ")
            let file = try scratch.write(copy, to: "buildspec-worker.service")
            var invocation = Program.Invocation(arguments + [file.string])
            invocation.environment = ["LC_ALL": "C.UTF-8", "SYSTEMD_LOG_TARGET": "console"]
            return try await Program("/usr/bin/systemd-analyze").run(invocation)
        }
    }

    @Test(.enabled("no systemd-analyze", { hasSystemd() }))
    func `systemd finds nothing wrong with the unit`() async throws {
        let outcome = try await analyze(["verify", "--man=no"])
        // A directive that systemd does not know is only said, and no failure.
        #expect(outcome.status == 0 && outcome.standardError == "", "\(outcome)")
    }

    @Test(.enabled("no systemd-analyze", { hasSystemd() }))
    func `the unit leaves little to attack`() async throws {
        let outcome = try await analyze(["security", "--offline=true", "--no-pager", "--threshold=42"])
        #expect(outcome.status == 0, "\(outcome.standardOutput.suffix(300)) \(outcome.standardError)")
    }

    @Test func `every option that the unit gives to the worker exists`() async throws {
        var invocation = Program.Invocation(["worker", "--help"])
        invocation.environment = ["HOME": "/nonexistent", "COLUMNS": "200"]
        let help = try await Program.buildspec().run(invocation).standardOutput
        let text = try Self.text().replacing("\\\n", with: "")
        let lines = text.split(separator: "\n").filter {
            $0.hasPrefix("ExecStart=") || $0.hasPrefix("Environment=\"BUILDSPEC_OPTIONS")
        }
        #expect(lines.count == 2)
        let options = lines.flatMap { $0.matches(of: #/--[a-z-]+/#).map { String($0.output) } }
        #expect(Set(options) == ["--provider", "--action-version", "--listen", "--projects"])
        for option in options {
            #expect(help.contains("  \(option) ") || help.contains(option + " <"), "\(option)")
        }
    }

    /// What the unit takes away is taken away here too, as far as a test can without systemd: a build in a sandbox must
    /// still be possible.
    @Test(.enabled("needs root, to become somebody else", { geteuid() == 0 }))
    func `a user without any privilege, who can gain none, builds in a sandbox`() async throws {
        let binary = try Program.buildspec().executable
        try await withScratchDirectory { scratch in
            try scratch.write(
                "version: 0.2\nphases: {build: {commands: ['grep -q \"NoNewPrivs:.1\" /proc/self/status', 'touch done']}}\n",
                to: "source/buildspec.yml")
            let script = """
                chown -R 65534:65534 . && chmod 755 .
                exec setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs --bounding-set -all --inh-caps -all \
                  env HOME="$PWD" TMPDIR="$PWD" "$0" run source --sandbox bubblewrap
                """
            var invocation = Program.Invocation(["-c", script, binary.string])
            invocation.directory = scratch.path
            let outcome = try await Program("/bin/sh").run(invocation)
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.standardOutput.contains("Phase complete: BUILD State: SUCCEEDED"))
        }
    }
}
