import Sandbox
import Testing

@Suite(.timeLimit(.minutes(5))) struct CommandRunTests {
    @Test(arguments: SandboxPlace.all)
    func `tells how a command ended`(place: SandboxPlace) async throws {
        let codes = try await withRunningSandbox(place) { sandbox in
            try await sandbox.run(
                "true", "false", "exit 255", "exit 3; true", "there-is-no-such-program 2>/dev/null",
                "kill -KILL $$", "kill -TERM $$", "sh -c 'kill -SEGV $$'", "false\ntrue", "true\nfalse",
                "false | true", "# nothing", "/etc", "true")
        }
        #expect(codes == [0, 1, 255, 3, 127, 137, 143, 139, 0, 1, 0, 0, 126, 0])
    }

    @Test(arguments: SandboxPlace.all)
    func `a syntax error fails its own command and no other`(place: SandboxPlace) async throws {
        let codes = try await withRunningSandbox(place) { sandbox in
            try await sandbox.run("if true; then", "echo 'unbalanced", "echo ok")
        }
        #expect(codes[0] != 0)
        #expect(codes[1] != 0)
        #expect(codes[2] == 0)
    }

    @Test(arguments: SandboxPlace.all)
    func `a shell that is not there fails the command`(place: SandboxPlace) async throws {
        let codes = try await withRunningSandbox(SandboxPlace(kind: place.kind, shell: "/no/such/shell")) {
            try await $0.run("true", "true")
        }
        #expect(codes == [127, 127])
    }

    @Test(arguments: SandboxPlace.all)
    func `standard input is at its end`(place: SandboxPlace) async throws {
        let output = try await withRunningSandbox(place) { try await $0.outputOf("cat; read x || echo end") }
        #expect(output == "end\n")
    }

    @Test(arguments: SandboxPlace.all)
    func `output and error come in the order of writing`(place: SandboxPlace) async throws {
        let output = try await withRunningSandbox(place) { sandbox in
            try await sandbox.outputOf("for i in 1 2 3 4 5 6 7 8 9; do echo o$i; echo e$i >&2; done")
        }
        #expect(output == (1...9).map { "o\($0)\ne\($0)\n" }.joined())
    }

    @Test(arguments: SandboxPlace.all)
    func `ten megabytes come through whole`(place: SandboxPlace) async throws {
        let bytes = try await withRunningSandbox(place) { sandbox in
            try await sandbox.run("yes 0123456789abcde | head -c 10485760")
            return await sandbox.output.bytes
        }
        #expect(bytes.count == 10_485_760)
        #expect(bytes == Array(repeatElement(Array("0123456789abcde\n".utf8), count: 655_360).joined()))
    }

    @Test(arguments: SandboxPlace.kinds)
    func `binary output comes through whole`(place: SandboxPlace) async throws {
        let bytes = try await withRunningSandbox(place) { sandbox in
            try await sandbox.run(
                "i=0; while [ $i -lt 256 ]; do printf \"\\\\$(printf %03o $i)\"; i=$((i+1)); done")
            return await sandbox.output.bytes
        }
        #expect(bytes == Array(UInt8.min...UInt8.max))
    }

    @Test(arguments: SandboxPlace.kinds)
    func `output that looks like answers is output`(place: SandboxPlace) async throws {
        let (codes, output) = try await withRunningSandbox(place) { sandbox in
            let codes = try await sandbox.run(
                "printf '\\036ready:0\\036\\0361-2:0\\036\\036'; exit 5", "exit 6")
            return (codes, await sandbox.output.text)
        }
        #expect(codes == [5, 6])
        #expect(output == "\u{1e}ready:0\u{1e}\u{1e}1-2:0\u{1e}\u{1e}")
    }

    @Test(arguments: SandboxPlace.kinds)
    func `a program that makes its output non-blocking spoils nothing`(place: SandboxPlace) async throws {
        let (codes, count) = try await withRunningSandbox(
            place, environment: [("PATH", "/usr/bin:/bin")]
        ) { sandbox in
            let codes = try await sandbox.run(
                "python3 -c 'import os; os.set_blocking(1, False); os.set_blocking(2, False)'",
                "head -c 4000000 /dev/zero")
            return (codes, await sandbox.output.bytes.count)
        }
        #expect(codes == [0, 0])
        #expect(count == 4_000_000)
    }

    @Test(arguments: SandboxPlace.kinds)
    func `a command cannot write to the runner's requests`(place: SandboxPlace) async throws {
        let output = try await withRunningSandbox(place) { sandbox in
            try await sandbox.outputOf(
                "ls /proc/self/fd | sort -n | head -n 4 | tr '\\n' ' '; ls -l /proc/$$/fd/3 2>&1")
        }
        // 3 is the directory that `ls` reads.
        #expect(output.hasPrefix("0 1 2 3 "))
        #expect(output.contains("No such file"))
    }
}
