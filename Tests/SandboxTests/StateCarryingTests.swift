import Sandbox
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(5))) struct StateCarryingTests {
    /// What is left behind, how it is asked for, and the answer (behaviour reference, section 2.2).
    static let carried: [(left: [String], question: String, answer: String)] = [
        (["mkdir sub; cd sub"], "basename \"$(pwd)\"", "sub\n"),
        (["mkdir 'two  words'; cd 'two  words'"], "basename \"$PWD\"", "two  words\n"),
        (["mkdir a; cd a", "cd .."], "basename \"$(pwd)\"", "src\n"),
        (["mkdir a; cd a"], "cd - >/dev/null; basename \"$(pwd)\"", "src\n"),
        (["X=assigned"], "echo \"$X\"", "assigned\n"),
        (["X=assigned"], "env | grep '^X='", "X=assigned\n"),
        (["export X=exported"], "env | grep '^X='", "X=exported\n"),
        (["X=1", "X=2"], "echo $X", "2\n"),
        (["X=1", "unset X"], "echo \"${X-unset}\"", "unset\n"),
        (["X="], "echo \"${X-unset}|\"", "|\n"),
        (["echo 'X=sourced' >vars; . ./vars"], "echo $X", "sourced\n"),
        (["false"], "echo $CODEBUILD_LAST_EXIT", "1\n"),
        (["X=kept; false"], "echo $X", "kept\n"),
        (["readonly X=1"], "echo $X", "1\n"),
        // What does not carry over.
        (["f() { echo function; }"], "f 2>/dev/null || echo none", "none\n"),
        (["alias f='echo alias'"], "f 2>/dev/null || echo none", "none\n"),
        (["set -e"], "false; echo goes on", "goes on\n"),
        (["set -x"], "echo quiet", "quiet\n"),
        (["umask 077"], "umask", "0022\n"),
        (["trap 'echo trapped' EXIT"], "echo quiet", "quiet\n"),
        (["X=lost; exit 0"], "echo \"${X-unset}\"", "unset\n"),
        (["mkdir sub; cd sub; exit 0"], "basename \"$(pwd)\"", "src\n"),
        // A directory that is gone.
        (["mkdir gone; cd gone; rmdir ../gone"], "basename \"$(pwd)\"", "src\n"),
        (["mkdir gone; cd gone; rmdir ../gone"], "basename \"$PWD\"", "src\n"),
    ]

    @Test(arguments: SandboxPlace.all)
    func `what a command leaves is there for the next one, or not`(place: SandboxPlace) async throws {
        for (left, question, answer) in Self.carried {
            let output = try await withRunningSandbox(place) { sandbox in
                for command in left { try await sandbox.run(command) }
                return try await sandbox.outputOf(question)
            }
            #expect(output == answer, "\(left) then \(question)")
        }
    }

    @Test(arguments: SandboxPlace.all)
    func `hostile values survive every command`(place: SandboxPlace) async throws {
        let values = HostileValues.all
        let variables = values.enumerated().map { (name: "V\($0.offset)", value: $0.element) }
        let found = try await withRunningSandbox(
            place, environment: variables + [("PATH", "/usr/bin:/bin")]
        ) { sandbox in
            #expect(try await sandbox.run("true", "X=1", "false") == [0, 0, 1])
            return try await sandbox.runner.environment()
        }
        for (name, value) in variables { #expect(found[name] == value) }
    }

    @Test(arguments: SandboxPlace.all)
    func `variables set from outside are there for the next command`(place: SandboxPlace) async throws {
        let output = try await withRunningSandbox(place) { sandbox in
            try await sandbox.run("X=old")
            try sandbox.runner.export([("X", "it's \"new\"\n$HOME")])
            return try await sandbox.outputOf("printf %s \"$X\"")
        }
        #expect(output == "it's \"new\"\n$HOME")
    }

    @Test(arguments: SandboxPlace.all)
    func `version 0_1 carries nothing and starts in the source directory`(place: SandboxPlace) async throws {
        let output = try await withRunningSandbox(
            place, keeping: CommandScript.StateKeeping.fresh,
            environment: [("PATH", "/usr/bin:/bin"), ("GIVEN", "given")]
        ) { sandbox in
            #expect(
                try await sandbox.run("mkdir sub; cd sub; X=1; export Y=2; GIVEN=other", "exit 9") == [0, 9])
            return try await sandbox.outputOf("basename \"$(pwd)\"; echo \"${X-none} ${Y-none} $GIVEN\"")
        }
        #expect(output == "src\nnone none given\n")
    }

    @Test(arguments: [
        ("plain", "plain"), ("a-$X", "a-value"), ("${X}b", "valueb"), ("$(echo sub $X)", "sub value"),
        ("`echo old`", "old"), ("'quoted' \"double\"", "'quoted' \"double\""), ("\\$X", "$X"), ("$UNSET", ""),
        ("line\nline", "line\nline"), ("$(false)", ""), ("a;b|c&d>e", "a;b|c&d>e"),
    ])
    func `a shell evaluates texts in the state that commands left`(text: String, value: String) async throws {
        for place in SandboxPlace.all {
            let found = try await withRunningSandbox(place) { sandbox in
                try await sandbox.run("X=value")
                return try await sandbox.runner.expand(text)
            }
            #expect(found == value, "\(place.testDescription)")
        }
    }

    @Test(arguments: SandboxPlace.all)
    func `variables can be read when the build has spoilt its PATH`(place: SandboxPlace) async throws {
        let found = try await withRunningSandbox(place) { sandbox in
            try await sandbox.run("PATH=/nowhere; X=1")
            return (try await sandbox.runner.environment()["X"], try await sandbox.runner.expand("name-$X"))
        }
        #expect(found.0 == "1")
        #expect(found.1 == "name-1")
    }
}
