import Glibc
import Sandbox
import SystemPackage
import TestSupport
import Testing

/// What a build may take of the machine.
@Suite(.timeLimit(.minutes(5)), .serialized) struct LimitTests {
    private static let places = SandboxPlace.kinds + [.writable]

    @Test(arguments: places)
    func `there are no core dumps, and no more open files than allowed`(place: SandboxPlace) async throws {
        let said = try await withRunningSandbox(place, limits: SandboxLimits(openFiles: 100)) { sandbox in
            try await sandbox.outputOf("ulimit -H -c; ulimit -S -c; ulimit -H -n")
        }
        #expect(said == "0\n0\n100\n")
    }

    @Test(arguments: [SandboxPlace.readOnly, .writable])
    func `a bound cannot be raised again`(place: SandboxPlace) async throws {
        let said = try await withRunningSandbox(place, limits: SandboxLimits(openFiles: 100)) { sandbox in
            try await sandbox.outputOf(
                "(ulimit -H -n 200) 2>/dev/null && echo raised; (ulimit -c 1) 2>/dev/null; ulimit -c")
        }
        #expect(said == "0\n")
    }

    /// Doubles ten times, and so makes at most 1024 processes also where nothing bounds it.
    private static let bomb = """
        import os, time
        for i in range(10):
            try:
                os.fork()
            except OSError:
                os.write(1, b"refused\\n")
                break
        os.write(1, b"up\\n")
        time.sleep(1000)
        """

    @Test(arguments: places)
    func `a fork bomb is bounded, and ends with the build`(place: SandboxPlace) async throws {
        guard SandboxLimits.bounded.processes, geteuid() == 0 else {
            // Other processes of the user count as well, so that a small number cannot be tried.
            Issue.record("not tested: no control group can be made here", severity: .warning)
            return
        }
        let marker = ProcessSearch.makeMarker()
        let living = try await withRunningSandbox(
            place, environment: [("PATH", "/usr/bin:/bin")],
            limits: SandboxLimits(processes: 100)
        ) { sandbox in
            try await sandbox.run("python3 -c \(ShellQuoting.quote(Self.bomb)) \(marker) &")
            await sandbox.output.wait(for: "refused")
            // Nothing more can be run in there: not even the driver can fork.
            try await Task.sleep(for: .milliseconds(300))
            let limit = await sandbox.runner.session.limitReached
            #expect(limit?.description == "the build reached a limit: 100 processes and threads at a time")
            #expect(limit?.hint?.contains("make -j 4") == true)
            return ProcessSearch.count(marker)
        }
        #expect((10...100).contains(living), "\(living) processes")
        #expect(ProcessSearch.count(marker) == 0)
    }

    /// Takes every process that becomes free, for as long as it lives.
    private static let hoard = """
        import os, time
        while True:
            try:
                os.fork()
            except OSError:
                os.write(1, b"refused\\n")
                time.sleep(0.02)
        """

    @Test(arguments: places)
    func `a build in which nothing can be started any more ends`(place: SandboxPlace) async throws {
        guard SandboxLimits.bounded.processes, geteuid() == 0 else {
            Issue.record("not tested: no control group can be made here", severity: .warning)
            return
        }
        let marker = ProcessSearch.makeMarker()
        try await withRunningSandbox(
            place, environment: [("PATH", "/usr/bin:/bin")], limits: SandboxLimits(processes: 60)
        ) { sandbox in
            let error = await #expect(throws: SandboxError.self) {
                try await sandbox.run("python3 -c \(ShellQuoting.quote(Self.hoard)) \(marker) &")
                await sandbox.output.wait(for: "refused")
                // The driver may find a free process for some of them.
                while true { try await sandbox.run("true") }
            }
            #expect(error?.code == .limitReached)
        }
        #expect(ProcessSearch.count(marker) == 0)
    }

    @Test func `a build that takes too much memory is ended, and nobody else`() async throws {
        guard SandboxLimits.bounded.memory else {
            Issue.record("not tested: no control group for memory can be made here", severity: .warning)
            return
        }
        let limits = SandboxLimits(memory: 64 << 20)
        let codes = try await withRunningSandbox(.readOnly, limits: limits) { sandbox in
            try await sandbox.run("python3 -c 'x = bytearray(512 << 20)'", "true")
        }
        #expect(codes == [137, 0])
    }
}
