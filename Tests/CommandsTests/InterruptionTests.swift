import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// SIGINT and SIGTERM in the middle of a build, SIGKILL of the runner: what is left afterwards.
@Suite struct InterruptionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var signal: Int32
        var status: Int32
        var phase: String
        var sandbox: String

        var testDescription: String { "signal \(signal) in \(phase) on \(sandbox)" }
    }

    private static let cases = [
        Case(signal: SIGINT, status: 130, phase: "build", sandbox: "bubblewrap"),
        Case(signal: SIGTERM, status: 143, phase: "install", sandbox: "bubblewrap"),
        Case(signal: SIGINT, status: 130, phase: "install", sandbox: "host"),
        Case(signal: SIGTERM, status: 143, phase: "build", sandbox: "host"),
        Case(signal: SIGHUP, status: 143, phase: "post_build", sandbox: "bubblewrap"),
    ]

    /// A buildspec which starts stubborn processes that carry a marker, and then says that they are up.
    private func stubborn(_ marker: String, phase: String) -> String {
        """
        version: 0.2
        env: {shell: bash}
        phases:
          \(phase):
            commands:
              - (exec -a \(marker)-a sleep 600) &
              - setsid bash -c 'exec -a \(marker)-b sleep 600' &
              - nohup setsid bash -c 'trap "" TERM INT HUP; (exec -a \(marker)-c sleep 600) & wait' >/dev/null 2>&1 &
              - bash -c 'trap "" TERM INT HUP; echo up; while :; do (exec -a \(marker)-d sleep 600); done'
        artifacts:
          files: ['**/*']

        """
    }

    @Test(arguments: cases)
    func `a signal stops the build, and nothing of it is left`(example: Case) async throws {
        let marker = "buildspec-stop-\(UUID().uuidString)"
        try await withProject(stubborn(marker, phase: example.phase)) { project in
            let mounts = ProcessList.mounts()
            let outcome = try await project.start(["--sandbox", example.sandbox]) { running in
                try await running.output.wait(for: "\nup\n")
                running.send(example.signal)
            }
            #expect(outcome.status == example.status)
            // The contract: after the build's processes were ended.
            #expect(ProcessList.commandLines(containing: marker) == [])
            #expect(ProcessList.mounts() == mounts)
            let record = try project.record()
            #expect(record.buildStatus == "STOPPED")
            #expect(record.buildComplete)
            #expect(record.phase(example.phase.uppercased())?.phaseStatus == "STOPPED")
            #expect(record.phase("UPLOAD_ARTIFACTS") == nil)
            try expectNothingTemporary(project)
        }
    }

    private func expectNothingTemporary(_ project: TestProject) throws {
        let left = try FileManager.default.subpathsOfDirectory(atPath: project.scratch.path.string)
        #expect(
            left.filter { $0.contains("/work") || $0.contains(".partial") || $0.contains("buildspec-") } == []
        )
    }

    @Test func `a signal during the source copy stops it`() async throws {
        try await withProject(commands("true")) { project in
            try await project.tool(
                "/usr/bin/python3", "-c",
                "import os\nfor i in range(100):\n    os.mkdir('d%d' % i)\n"
                    + "    for j in range(300): open('d%d/%d' % (i, j), 'w').write('x')")
            let outcome = try await project.start([]) { running in
                try await running.output.wait(for: "Phase is DOWNLOAD_SOURCE\n")
                running.send(SIGINT)
            }
            #expect(outcome.status == 130)
            let record = try project.record()
            #expect(record.buildStatus == "STOPPED")
            #expect(record.phase("DOWNLOAD_SOURCE")?.phaseStatus == "STOPPED")
            try expectNothingTemporary(project)
        }
    }

    @Test func `a signal while a large artifact is packed stops that`() async throws {
        let buildspec =
            // Takes no room on disk, and long enough to pack on any machine.
            commands("truncate -s 40G big.bin") + "artifacts:\n  files: [big.bin]\n"
        try await withProject(buildspec) { project in
            let outcome = try await project.start([]) { running in
                try await running.output.wait(for: "Found 1 file(s)\n")
                running.send(SIGTERM)
            }
            #expect(outcome.status == 143)
            #expect(try project.record().phase("UPLOAD_ARTIFACTS")?.phaseStatus == "STOPPED")
            #expect(try project.files(below: "app").allSatisfy { !$0.contains("artifacts/") })
            try expectNothingTemporary(project)
        }
    }

    @Test func `a second signal ends the runner at once`() async throws {
        let marker = "buildspec-twice-\(UUID().uuidString)"
        try await withProject(stubborn(marker, phase: "build")) { project in
            let outcome = try await project.start([]) { running in
                try await running.output.wait(for: "\nup\n")
                for _ in 0..<20 { running.send(SIGINT) }
            }
            #expect(outcome.status == 130)
            #expect(try await ProcessList.remaining(containing: marker) == [])
        }
    }

    @Test func `processes die with a runner that is killed, and the next run sweeps what it left`()
        async throws
    {
        let marker = "buildspec-kill-\(UUID().uuidString)"
        try await withProject(stubborn(marker, phase: "build")) { project in
            let outcome = try await project.start([]) { running in
                try await running.output.wait(for: "\nup\n")
                running.send(SIGKILL)
            }
            #expect(outcome.status == -SIGKILL)
            #expect(try await ProcessList.remaining(containing: marker) == [])
            #expect(try project.files(below: "app").contains { $0.contains("/work/") })
            try project.scratch.write(commands("true"), to: "app/buildspec.yml")
            let next = try await project.run()
            #expect(next.status == 0)
            try expectNothingTemporary(project)
        }
    }

    @Test func `a running build is not swept away by another`() async throws {
        let buildspec = commands("echo waiting; while [ ! -e /tmp/never ] && ! read -t 1 x; do :; done") + ""
        try await withProject("env: {shell: bash}\n" + buildspec) { project in
            let outcome = try await project.start([]) { running in
                try await running.output.wait(for: "\nwaiting\n")
                try project.scratch.write(commands("true"), to: "app/other.yml")
                let other = try await project.run("--buildspec", "other.yml")
                #expect(other.status == 0)
                #expect(try project.files(below: "app").contains { $0.contains("/work/lock") })
                running.send(SIGTERM)
            }
            #expect(outcome.status == 143)
            try expectNothingTemporary(project)
        }
    }
}
