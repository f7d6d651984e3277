import Sandbox
import Testing

@Suite(.timeLimit(.minutes(5))) struct BackgroundTests {
    @Test(arguments: SandboxPlace.all)
    func `a background process does not hold its command and lives on`(place: SandboxPlace) async throws {
        try await withRunningSandbox(place) { sandbox in
            // Were it waited for, this would take an hour.
            let codes = try await sandbox.run(
                "sleep 3600 & echo $! >pid", "kill -0 $(cat pid)", "kill $(cat pid)")
            #expect(codes == [0, 0, 0])
        }
    }

    @Test(arguments: SandboxPlace.all)
    func `what a background process writes later arrives`(place: SandboxPlace) async throws {
        try await withRunningSandbox(place) { sandbox in
            try await sandbox.run("mkfifo go; { read word <go; echo \"got $word\"; } &", "echo between")
            try await sandbox.run("echo late >go")
            await sandbox.output.wait(for: "got late\n")
        }
    }

    @Test(arguments: SandboxPlace.kinds)
    func `a chatting background process does not spoil answers`(place: SandboxPlace) async throws {
        try await withRunningSandbox(place) { sandbox in
            try await sandbox.run("yes chat | head -c 3000000 & echo started")
            var codes: [Int] = []
            for code in 0..<20 { codes += try await sandbox.run("exit \(code)") }
            #expect(codes == Array(0..<20))
        }
    }
}
