import Sandbox
import Testing

@Suite(.timeLimit(.minutes(5)), .serialized) struct KillingTests {
    /// Ways to leave a process behind, marked `$M`; each says `up` when the process is there.
    static let daemons = [
        "sh -c 'echo up; exec sleep $M' &",
        "nohup sh -c 'echo up; exec sleep $M' &",
        "setsid sh -c 'echo up; exec sleep $M' &",
        "(setsid sh -c 'setsid sh -c \"echo up; exec sleep $M\" &' &)",
        "setsid sh -c '(trap \"\" TERM INT HUP; echo up; sleep $M; sleep $M) &' &",
        "python3 -c 'import os\nif os.fork(): os._exit(0)\nos.setsid()\nif os.fork(): os._exit(0)\n"
            + "os.write(1, b\"up\")\nos.execvp(\"sleep\", [\"sleep\", os.environ[\"M\"]])'",
        "sh -c 'echo up; exec sleep $M' </dev/null >/dev/null 2>&1 & echo up",
        "env -i setsid sh -c \"echo up; exec sleep $M\" &",
        "(env -i setsid sh -c \"(echo up; exec sleep $M) &\" &)",
    ]

    @Test(arguments: SandboxPlace.kinds + [.writable], daemons)
    func `nothing lives on after the sandbox`(place: SandboxPlace, daemon: String) async throws {
        let marker = ProcessSearch.makeMarker()
        try await withRunningSandbox(place) { sandbox in
            try await sandbox.run("export M=\(marker)", daemon)
            await sandbox.output.wait(for: "up")
        }
        #expect(ProcessSearch.count(marker) == 0)
    }

    @Test(arguments: SandboxPlace.kinds + [.writable])
    func `cancelling ends the running command and everything else at once`(place: SandboxPlace) async throws {
        let marker = ProcessSearch.makeMarker()
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let build = Task {
            try await withRunningSandbox(place) { sandbox in
                try await sandbox.run("setsid sleep \(marker) &")
                async let running = sandbox.runner.run(
                    "trap '' TERM; echo running; sleep \(marker); sleep \(marker)")
                await sandbox.output.wait(for: "running")
                start.yield()
                _ = try await running
            }
        }
        for await _ in started { break }
        #expect(ProcessSearch.count(marker) > 0)
        build.cancel()
        let error = await #expect(throws: SandboxError.self) { try await build.value }
        #expect(error?.code == .ended)
        #expect(ProcessSearch.count(marker) == 0)
    }

    /// Killed with the build's process group, it could not finish what a killed runner has left.
    @Test func `a host build's watchdog has a session of its own`() async throws {
        let place = SandboxPlace(kind: .host, shell: "sh")
        try await withRunningSandbox(place) { sandbox in
            let watchdog = try await sandbox.outputOf(
                """
                for file in $(grep -lz "^watchdog$" /proc/[0-9]*/cmdline); do
                  process=${file#/proc/} process=${process%/cmdline}
                  grep -qzxF "BUILDSPEC_SANDBOX=$BUILDSPEC_SANDBOX" "/proc/$process/environ" || continue
                  sed 's/.*) //' "/proc/$process/stat"
                done
                sed 's/.*) //' "/proc/$PPID/stat"
                """)
            let stats = watchdog.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
            try #require(stats.count == 2)
            // State, parent, process group, session.
            #expect(stats[0][3] != stats[1][3])
            #expect(stats[0][2] != stats[1][2])
        }
    }

    @Test(arguments: SandboxPlace.kinds)
    func `a build that kills its own driver ends the sandbox and is told so`(place: SandboxPlace) async throws
    {
        let error = await #expect(throws: SandboxError.self) {
            try await withRunningSandbox(place) { sandbox in
                try await sandbox.run("kill -KILL $PPID; exit 0")
                try await sandbox.run("true")
            }
        }
        #expect(error?.code == .ended)
        #expect(error?.description == "the sandbox ended unexpectedly: nothing runs in it any more")
    }
}
