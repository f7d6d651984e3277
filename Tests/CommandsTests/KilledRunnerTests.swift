import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// SIGKILL of the runner at random moments of a busy build.
@Suite(.serialized) struct KilledRunnerTests {
    private static let isLarge = ProcessInfo.processInfo.environment["BUILDSPEC_LARGE_TESTS"] == "1"

    /// How often: 200 times in all with BUILDSPEC_LARGE_TESTS=1.
    private static let moments = isLarge ? 100 : 12

    /// No new moment after this time, on machines that are slow.
    private static let longest: Duration = isLarge ? .seconds(3600) : .seconds(18)

    /// Background processes of three kinds, many short ones, and an artifact.
    private func busy(_ marker: String) -> String {
        """
        version: 0.2
        env: {shell: bash}
        phases:
          install:
            commands:
              - (exec -a \(marker)-a sleep 600) &
              - setsid bash -c 'trap "" TERM INT HUP; (exec -a \(marker)-b sleep 600) & wait' &
          build:
            commands:
              - for i in 1 2 3 4 5; do (exec -a \(marker)-c sleep 0.01); echo line $i; done
              - nohup setsid bash -c '(exec -a \(marker)-d sleep 600) & wait' >/dev/null 2>&1 &
              - for i in 1 2 3 4 5; do (exec -a \(marker)-e sleep 0.01); echo line $i; done
              - head -c 300000 /dev/urandom > big.bin
        artifacts:
          files: ['**/*']

        """
    }

    @Test(arguments: ["bubblewrap", "host"])
    func `nothing of a killed build is left, and its record says so`(sandbox: String) async throws {
        let marker = "buildspec-moment-\(UUID().uuidString)"
        try await withProject(busy(marker)) { project in
            let options = ["--sandbox", sandbox, "--encryption", "none"]
            let clock = ContinuousClock()
            let mounts = ProcessList.mounts()
            var outcome: Program.Outcome?
            let whole = try await clock.measure { outcome = try await project.buildspec(["run"] + options) }
            #expect(outcome?.status == 0)
            try FileManager.default.removeItem(
                atPath: project.directory.appending(".buildspec/builds").string)
            try project.scratch.write(commands("true"), to: "app/next.yml")
            let end = clock.now + Self.longest
            for round in 0..<Self.moments where round < 4 || clock.now < end {
                // Every other time while it ends, when it kills what is left itself.
                let moment = whole * Double.random(in: round.isMultiple(of: 2) ? 0...1.05 : 0.8...1.05)
                let killed = try await project.start(options) { running in
                    try await Task.sleep(for: moment)
                    running.send(SIGKILL)
                }
                let left = try await ProcessList.remaining(containing: marker, within: .seconds(2))
                #expect(left == [], "killed after \(moment)")
                #expect(ProcessList.mounts() == mounts, "killed after \(moment)")
                try await expectSwept(project, killed, moment)
            }
        }
    }

    /// A runner begins to make a sandbox before it knows which it will be.
    @Test(arguments: ["bubblewrap", "host"])
    func `a runner has one child, and none when it was killed`(sandbox: String) async throws {
        try await withProject(commands("echo up", "sleep 60")) { project in
            let children = CollectedChildren()
            _ = try await project.start(["--sandbox", sandbox]) { running in
                try await running.output.wait(for: "\nup\n")
                await children.look(for: running.processIdentifier)
                running.send(SIGKILL)
            }
            #expect(await children.found.count == 1)
            _ = try await project.start(["--sandbox", sandbox]) { running in
                while await children.found.count < 2, kill(running.processIdentifier, 0) == 0 {
                    await children.look(for: running.processIdentifier)
                }
                running.send(SIGKILL)
            }
            let end = ContinuousClock.now + .seconds(2)
            while await children.areAlive, ContinuousClock.now < end {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(await !children.areAlive)
        }
    }

    private func expectSwept(
        _ project: TestProject, _ killed: Program.Outcome, _ moment: Duration
    ) async throws {
        let builds = project.directory.appending(".buildspec/builds").string
        let dead = (try? FileManager.default.contentsOfDirectory(atPath: builds)) ?? []
        let next = try await project.run("--buildspec", "next.yml")
        #expect(next.status == 0, "\(next.standardError)")
        let left = try FileManager.default.subpathsOfDirectory(atPath: project.scratch.path.string)
        #expect(
            left.filter { $0.contains("/work") || $0.hasSuffix(".partial") || $0.hasSuffix("/running") }
                == [],
            "killed after \(moment)")
        // One that had not begun leaves no directory.
        for uuid in dead where left.contains("app/.buildspec/builds/\(uuid)/build.log") {
            let log = try project.scratch.read("app/.buildspec/builds/\(uuid)/build.log")
            let text = String(decoding: log, as: UTF8.self)
            #expect(
                text.hasPrefix(killed.standardOutput) || killed.standardOutput.hasPrefix(text),
                "killed after \(moment)")
            let record = try RecordFile.read(
                project.scratch.read("app/.buildspec/builds/\(uuid)/build.json"))
            #expect(record.buildComplete)
            #expect(["FAULT", "SUCCEEDED"].contains(record.buildStatus), "\(record.buildStatus) \(moment)")
            #expect(record.buildStatus == "FAULT" || text.contains("Phase complete: UPLOAD_ARTIFACTS"))
        }
        try FileManager.default.removeItem(atPath: builds)
    }
}

/// The processes that a process has started.
private actor CollectedChildren {
    private(set) var found: Set<String> = []

    func look(for process: pid_t) {
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
        for thread in threads {
            let list = try? String(
                contentsOfFile: "/proc/\(process)/task/\(thread)/children", encoding: .utf8)
            found.formUnion((list ?? "").split(separator: " ").map(String.init))
        }
    }

    var areAlive: Bool { found.contains { access("/proc/\($0)", F_OK) == 0 } }
}
