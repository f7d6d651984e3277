import FoundationEssentials
import Glibc
import Sandbox
import SystemPackage
import TestSupport
import Testing

/// `codebuild-breakpoint`, `codebuild-resume` and `buildspec debug`, in every kind of sandbox.
@Suite struct DebugTests {
    private static let places: [[String]] = [
        ["--sandbox", "bubblewrap"], ["--sandbox", "bubblewrap", "--root", "read-only"],
        ["--sandbox", "host"],
        ["--image", TestContainer.image],
    ]

    /// A build that pauses in a directory and with variables of its own.
    private static let pausing = """
        version: 0.2
        env:
          variables: {FROM_FILE: "two  words"}
        phases:
          build:
            commands:
              - mkdir -p "a dir" && cd "a dir" && PLAIN=1 && multi="$(printf 'x\\ny')"
              - name=mine user=me; echo start; codebuild-breakpoint; echo "went on with $name"
              - test "$CHANGED" = "" && pwd
        """

    /// Several programs are started while a build is paused, on machines that may be busy.
    private static let limit = Duration.seconds(240)

    private static let paused = "Build paused by codebuild-breakpoint"

    private static func arePossible(_ place: [String]) async -> Bool {
        if place[0] != "--image" { return true }
        return await TestContainer.isAvailable()
    }

    @Test(arguments: places)
    func `leaving the terminal's shell lets the build go on`(place: [String]) async throws {
        guard await Self.arePossible(place) else { return }
        try await withProject(Self.pausing) { project in
            let outcome = try await project.onTerminal(
                ["run", "--debug", "--env", "TOLD=by me"] + place,
                [
                    .see(Self.paused), .see("to go on"),
                    .type("pwd; echo \"<$FROM_FILE><$PLAIN><$name><$user><$TOLD><$TERM>\"\n"),
                    .see("/a dir"), .see("<two  words><1><mine><me><by me><vt100>"),
                    .type("CHANGED=1; export CHANGED; exit\n"), .see("Build resumed"),
                    .see("went on with mine"),
                ],
                environment: ["AWS_SECRET_ACCESS_KEY": "not-for-builds"])
            #expect(outcome.status == 0, "\(outcome.shown)")
            #expect(outcome.isRestored)
            #expect(try project.record().buildStatus == "SUCCEEDED")
            #expect(try project.log().contains(Self.paused))
        }
    }

    @Test func `the shell is on a terminal of its own, whose size follows`() async throws {
        try await withProject(Self.pausing) { project in
            let outcome = try await project.onTerminal(
                ["run", "--debug"],
                [
                    .see("to go on"), .type("stty size\n"), .see("30 100"),
                    .type("[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo ter''minal\n"), .see("terminal"),
                    .resize(rows: 44, columns: 99),
                    .type("while [ \"$(stty size)\" != '44 99' ]; do sleep 0.1; done; echo res''ized\n"),
                    .see("resized"),
                    // Ctrl-C is the shell's, not the runner's. The command itself says that it has begun: bash loses a
                    // command, and with it the terminal, when Ctrl-C comes between its start and bash's wait.
                    .type("sh -c \"echo be''gin; exec sleep 1000\"\n"), .see("begin"), .type("\u{3}"),
                    // What is typed before the shell has heard of it may be forgotten.
                    .insist("echo still $((20 + 3))\n", until: "still 23"), .type("exit\n"),
                    .see("Build resumed"),
                ])
            #expect(outcome.status == 0, "\(outcome.shown)")
            #expect(outcome.isRestored)
        }
    }

    @Test(arguments: places)
    func `debug opens a shell with the build's exact directory and variables`(place: [String]) async throws {
        guard await Self.arePossible(place) else { return }
        let noting = Self.pausing.replacing(
            "codebuild-breakpoint;", with: "env | sort >../env.txt; pwd >../pwd.txt; codebuild-breakpoint;")
        try await withProject(noting) { project in
            let outcome = try await project.start(["--debug"] + place, limit: Self.limit) { running in
                try await running.output.wait(for: "To open a shell in it")
                let shell = try await project.buildspec(
                    ["debug"], environment: ["LEAKED": "yes", "AWS_SESSION_TOKEN": "yes"],
                    input: """
                        same() { [ "$(grep -v -e ^_= -e ^SHLVL=)" = "$(grep -v -e ^_= -e ^SHLVL= "$1")" ]; }
                        env | sort | same ../env.txt && pwd | same ../pwd.txt && echo alike
                        exit 9

                        """)
                #expect(shell.standardOutput == "alike\n", "\(shell)")
                #expect(shell.status == 9, "\(shell)")
                let uuid = try #require(try project.builds().first)
                let resuming = try await project.buildspec(
                    ["debug", "app:\(uuid)"], input: "codebuild-resume\n")
                // The build that goes on may be over, and its container with it, before this shell is.
                #expect(resuming.status == 0, "\(resuming)")
            }
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.standardOutput.contains("went on with mine"))
        }
    }

    @Test(arguments: places)
    func `a shell that is still open ends with its build, and says so`(place: [String]) async throws {
        guard await Self.arePossible(place) else { return }
        try await withProject(Self.pausing) { project in
            let outcome = try await project.start(["--debug"] + place, limit: Self.limit) { running in
                try await running.output.wait(for: "To open a shell in it")
                let shell = try await project.buildspec(
                    ["debug"], input: "codebuild-resume; exec sleep 1000\n")
                #expect(shell.status == 0, "\(shell)")
                #expect(shell.standardError.contains("has ended, and this shell with it"), "\(shell)")
            }
            #expect(outcome.status == 0, "\(outcome)")
        }
    }

    @Test func `debug on another terminal shares the sandbox, and resumes`() async throws {
        try await withProject(Self.pausing) { project in
            let outcome = try await project.start(["--debug"], limit: Self.limit) { running in
                try await running.output.wait(for: "To open a shell in it")
                let uuid = try #require(try project.builds().first)
                let shell = try await project.onTerminal(
                    ["debug", String(uuid.prefix(4)), "--source", project.directory.string],
                    [
                        .type("echo only here >/tmp/mark; cat /proc/1/comm; echo $HOME\n"), .see("/root"),
                        .type("cat /tmp/mark; exit\n"), .see("only here"),
                    ])
                #expect(shell.status == 0, "\(shell.shown)")
                #expect(shell.isRestored)
                #expect(access("/tmp/mark", F_OK) != 0)
                let resumed = try await project.buildspec(["debug", "--resume"])
                #expect(resumed.status == 0, "\(resumed)")
            }
            #expect(outcome.status == 0, "\(outcome)")
        }
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `a stopped build ends its shell and gives the terminal back`(signal: Int32) async throws {
        try await withProject(Self.pausing) { project in
            let outcome = try await project.onTerminal(
                ["run", "--debug"],
                [.see("to go on"), .type("echo in''side\n"), .see("inside"), .signal(signal)])
            #expect(outcome.status == (signal == SIGINT ? 130 : 143), "\(outcome.shown)")
            #expect(outcome.isRestored)
            #expect(try project.record().buildStatus == "STOPPED")
        }
    }

    @Test(arguments: places)
    func `the time limit counts while a build is paused`(place: [String]) async throws {
        guard await Self.arePossible(place) else { return }
        try await withProject(Self.pausing) { project in
            // A busy machine may not get to the breakpoint in a short time.
            for minutes in ["0.15", "1"] {
                let outcome = try await project.onTerminal(
                    ["run", "--debug", "--timeout", minutes] + place, [])
                #expect(outcome.status == 124, "\(outcome.shown)")
                #expect(outcome.isRestored)
                guard outcome.shown.contains("to go on") else { continue }
                #expect(outcome.shown.contains("Phase complete: BUILD State: TIMED_OUT"))
                return
            }
            Issue.record("no breakpoint was reached within a minute")
        }
    }

    @Test func `without debugging a breakpoint does nothing, and there is nothing to debug`() async throws {
        try await withProject(Self.pausing) { project in
            let outcome = try await project.run()
            #expect(outcome.status == 0, "\(outcome)")
            #expect(!outcome.standardOutput.contains("paused"))
            let shell = try await project.buildspec(["debug"])
            #expect(shell.status == 2)
            #expect(shell.standardError.hasPrefix("buildspec: error: no build is paused in "))
        }
    }

    @Test func `a breakpoint that is killed pauses nothing any more`() async throws {
        let killed = commands(
            "timeout 2 codebuild-breakpoint; echo $?", "codebuild-breakpoint; echo second", "echo last")
        try await withProject(killed) { project in
            let outcome = try await project.start(["--debug"], limit: Self.limit) { running in
                try await running.output.wait(for: "Running command codebuild-breakpoint")
                for _ in 0..<600 {
                    if try await project.buildspec(["debug", "--resume"]).status == 0 { break }
                    try await Task.sleep(for: .milliseconds(100))
                }
            }
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.standardOutput.contains("124\n"))
            #expect(outcome.standardOutput.contains("second\n"))
        }
    }

    @Test func `a build that plays with its own pipes and sockets harms nobody`() async throws {
        let hostile = commands(
            "cd /codebuild/readonly/debug && printf 'paused\\npaused 1\\npaused ../x 0:0 ok\\ngone 5\\nresume\\n' >events",
            "ln -s /var/run/docker.sock /codebuild/readonly/debug/77 && printf 'paused 77 0:0 ok\\n' >events && sleep 1",
            "head -c 300000 /dev/zero | tr '\\0' x >events; printf '\\ngone 77\\n' >events", "echo survived")
        try await withProject(hostile) { project in
            let outcome = try await project.onTerminal(["run", "--debug"], [.see("survived")])
            #expect(outcome.status == 0, "\(outcome.shown)")
            #expect(outcome.shown.contains("There is no shell: cannot use"), "\(outcome.shown)")
            #expect(outcome.isRestored)
        }
    }

    @Test(.enabled(if: SandboxUsers.areMany, "one user only"))
    func `a shell belongs to the user that runs the paused command`() async throws {
        let asNobody = commands("codebuild-breakpoint").replacing("phases:", with: "run-as: nobody\nphases:")
        try await withProject(asNobody) { project in
            let outcome = try await project.start(["--debug"], limit: Self.limit) { running in
                try await running.output.wait(for: "To open a shell in it")
                let shell = try await project.buildspec(
                    ["debug"], input: "id -un; id -Gn; codebuild-resume\n")
                #expect(shell.standardOutput.hasPrefix("nobody\nnogroup\n"), "\(shell)")
            }
            #expect(outcome.status == 0, "\(outcome)")
        }
    }
}

extension TestProject {
    /// `buildspec` on a terminal, in the source directory.
    func onTerminal(
        _ arguments: [String], _ steps: [TerminalScript.Step], environment more: [String: String] = [:]
    ) async throws -> TerminalScript.Outcome {
        var invocation = Program.Invocation(arguments)
        invocation.environment = environment.merging(more) { $1 }
        invocation.directory = directory
        return try await TerminalScript(binary.executable, invocation, steps).run()
    }
}
