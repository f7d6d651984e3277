import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// How a worker begins and ends: its options, signals, and what it does about an earlier run.
@Suite(.motoServer) struct WorkerProcessTests {
    /// Waits until a job's build has written a file's name into its log.
    private func waitForBuild(_ stage: WorkerStage, _ text: String) async throws {
        let builds = stage.state.appending("builds")
        for _ in 0..<2400 {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: builds.string)) ?? []
            for name in names {
                let log = try? stage.scratch.read("state/builds/\(name)/build.log")
                if String(decoding: log ?? [], as: UTF8.self).contains(text) { return }
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Program.Failure(description: "no build said \(text)")
    }

    @Test func `jobs are built side by side, as many as told, and then the worker ends`() async throws {
        try await WorkerStage.with("worker-many") { stage in
            // Each waits until the other has begun.
            try await stage.store(
                buildspec: commands(
                    "mkdir -p \(stage.scratch.path)/shared; touch \(stage.scratch.path)/shared/$CODEBUILD_BUILD_NUMBER",
                    "for i in $(seq 1 600); do [ $(ls \(stage.scratch.path)/shared | wc -l) -ge 2 ] && exit 0; sleep 0.1; done; exit 1"
                ))
            try await stage.offer(count: 3)
            let outcome = try await stage.work(
                "--max-jobs", "2", "--concurrency", "2", "--sandbox", "host")
            #expect(outcome.status == 0, "\(outcome)")
            let states = try await stage.standIn.state().jobs.map(\.state)
            #expect(states == ["Succeeded", "Succeeded", "Queued"], "\(outcome)")
            try stage.expectClean()
        }
    }

    @Test func `a worker without jobs ends when it was idle for long enough`() async throws {
        try await WorkerStage.with("worker-idle") { stage in
            let outcome = try await stage.work("--idle-timeout", "0.5")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(try await stage.standIn.state().requests["PollForJobs"] ?? 0 >= 2)
            try stage.expectClean()
        }
    }

    @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
    func `the first signal lets builds end, and takes no more jobs`(signal: Int32) async throws {
        try await WorkerStage.with("worker-drain-\(signal)") { stage in
            try await stage.store(buildspec: commands("echo begun now; sleep 2; echo done now"))
            try await stage.offer(count: 2)
            let outcome = try await stage.binary.start(stage.invocation(["--concurrency", "1"])) { running in
                try await waitForBuild(stage, "\nbegun now")
                running.send(signal)
            }
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.standardError.contains("no more jobs are taken"))
            let states = try await stage.standIn.state().jobs.map(\.state)
            #expect(states == ["Succeeded", "Queued"])
            try stage.expectClean()
        }
    }

    @Test func `the second signal ends builds at once, and answers for them`() async throws {
        try await WorkerStage.with("worker-stop") { stage in
            let marker = "buildspec-worker-\(UUID().uuidString)"
            try await stage.store(
                buildspec:
                    "version: 0.2\nenv: {shell: bash}\nphases: {build: {commands: ['echo begun now', '(exec -a \(marker) sleep 600)']}}\n"
            )
            try await stage.offer()
            let outcome = try await stage.binary.start(stage.invocation([])) { running in
                try await waitForBuild(stage, "Running command (exec -a")
                running.send(SIGTERM)
                try await Task.sleep(for: .milliseconds(300))
                running.send(SIGTERM)
            }
            #expect(outcome.status == 143, "\(outcome)")
            let failure = try #require(
                try await stage.standIn.state().jobs[0].answers.first?.failureDetails, "\(outcome)")
            #expect(failure.type == "SystemUnavailable")
            #expect(failure.message.contains("retry the action"))
            #expect(try await ProcessList.remaining(containing: marker) == [])
            try stage.expectClean()
        }
    }

    @Test func `what a killed worker had begun is answered for by the next, and swept away`() async throws {
        try await WorkerStage.with("worker-killed") { stage in
            let marker = "buildspec-worker-\(UUID().uuidString)"
            try await stage.store(
                buildspec:
                    "version: 0.2\nenv: {shell: bash}\nphases: {build: {commands: ['(exec -a \(marker) sleep 600)']}}\n"
            )
            try await stage.offer()
            let killed = try await stage.binary.start(stage.invocation([])) { running in
                try await waitForBuild(stage, "Running command (exec -a")
                running.send(SIGKILL)
            }
            #expect(killed.status == -SIGKILL)
            #expect(try await ProcessList.remaining(containing: marker) == [])
            #expect(try await stage.standIn.state().jobs[0].answers.isEmpty)
            let (answer, next) = try await stage.answer()
            let failure = try #require(answer.failureDetails)
            #expect(failure.type == "SystemUnavailable")
            #expect(failure.message.contains("retry the action"))
            #expect(next.standardError.contains("was left by an earlier run (its build)"))
        }
    }

    @Test func `records and logs of long ago are removed, newer ones are kept`() async throws {
        try await WorkerStage.with("worker-retention") { stage in
            for (name, days) in [("old", 31.0), ("new", 29.0)] {
                let file = try stage.scratch.write("log", to: "state/builds/\(name)/build.log")
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSinceNow: -days * 86_400)],
                    ofItemAtPath: file.removingLastComponent().string)
            }
            let outcome = try await stage.work("--idle-timeout", "0.1")
            #expect(outcome.status == 0, "\(outcome)")
            let builds = stage.state.appending("builds").string
            #expect(try FileManager.default.contentsOfDirectory(atPath: builds) == ["new"])
        }
    }

    @Test(arguments: [
        (["--once", "--max-jobs", "2"], "--once: contradicts --max-jobs"),
        (["--max-jobs", "0"], "--max-jobs 0: expected 1 or more"),
        (["--concurrency", "0"], "--concurrency 0"),
        (["--idle-timeout", "-1"], "--idle-timeout"),
        (["--projects", "/nonexistent"], "--projects /nonexistent: No such file"),
        (["--projects", "/etc/passwd"], "--projects /etc/passwd: it is not a directory"),
        (["--listen", "localhost"], "--listen: \"localhost\" is not HOST:PORT"),
        (["--sandbox", "host", "--image", "alpine"], "--image: contradicts --sandbox host"),
        (["--sandbox", "host", "--network", "none"], "--network none"),
        (["--timeout", "0"], "--timeout"),
        (["--image", "no image"], "--image no image: it is not an image's name"),
    ])
    func `wrong options are told at once`(options: [String], why: String) async throws {
        try await withScratchDirectory { scratch in
            var invocation = Program.Invocation(
                ["worker", "--provider", "buildspec", "--action-version", "1"] + options)
            invocation.environment = ["HOME": scratch.path.string]
            let outcome = try await Program.buildspec().run(invocation)
            #expect(outcome.status == 2, "\(outcome)")
            #expect(outcome.standardError.contains("buildspec: error: "))
            #expect(outcome.standardError.contains(why), "\(outcome)")
            #expect(try scratch.names() == [])
        }
    }

    @Test func `a name that no action has, and options that are missing`() async throws {
        let binary = try Program.buildspec()
        let odd = try await binary.run(.init(["worker", "--provider", "a b", "--action-version", "1"]))
        #expect(odd.status == 2)
        #expect(odd.standardError.contains("no custom action has such a name"))
        let missing = try await binary.run(.init(["worker", "--provider", "a"]))
        #expect(missing.status == 2)
        #expect(missing.standardError.contains("--action-version"))
        let homeless = try await binary.run(.init(["worker", "--provider", "a", "--action-version", "1"]))
        #expect(homeless.status == 2)
        #expect(homeless.standardError.contains("give --state-dir DIR"))
    }

    @Test func `a worker that CodePipeline does not know ends at once, and says why`() async throws {
        try await WorkerStage.with("worker-unknown") { stage in
            let outcome = try await stage.work(environment: ["AWS_SECRET_ACCESS_KEY": "wrong"])
            #expect(outcome.status == 3)
            #expect(outcome.standardError.contains("InvalidSignatureException"), "\(outcome)")
            try stage.expectClean()
        }
    }

    @Test func `the state is where systemd or the home directory has it`() async throws {
        try await WorkerStage.with("worker-state") { stage in
            var invocation = stage.invocation([])
            invocation.arguments = [
                "worker", "--provider", "buildspec", "--action-version", "1", "--idle-timeout", "0.2",
            ]
            let home = try await stage.binary.run(invocation)
            #expect(home.standardError.contains("state in \(stage.scratch.path)/.local/state/buildspec\n"))
            invocation.environment["STATE_DIRECTORY"] = "\(stage.scratch.path)/var:/other"
            let service = try await stage.binary.run(invocation)
            #expect(service.standardError.contains("state in \(stage.scratch.path)/var\n"), "\(service)")
        }
    }
}
