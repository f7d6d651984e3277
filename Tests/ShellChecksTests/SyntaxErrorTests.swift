import ShellChecks
import ShellScript
import SystemPackage
import Testing

@Suite(RealShell.areInstalled) struct SyntaxErrorTests {
    @Test(arguments: RealShell.allCases)
    func `commands that the shell reads are not reported`(shell: RealShell) throws {
        let commands = [
            "echo a", "", "# nothing", "echo 'a\nb'", "if a; then b; fi", "cat <<E\n$(x)\n}\nE",
            "cat <<E\nE\n",
            "case a in b) c;; esac", "f() { a; }", "echo a \\\n  b", "echo \"$(echo ')')\"", "a &", "a;",
            "cat <<'E' <<-F\n'\nE\n\t\"\n\tF\necho b", "exit 0", "return 1", "set -n", "exec true", "echo é",
        ]
        let report = try shell.errors(in: commands)
        #expect(report.errors == [])
        #expect(report.isComplete)
    }

    @Test(arguments: RealShell.allCases)
    func `each refused command is named with its line`(shell: RealShell) throws {
        let commands = [
            "echo a", "echo PWD (1) is", "echo b", "a\nb\nc ) d", "if a; then", "echo c", "fi",
            "cat <<E\nx\nE\n| a",
            "echo 'x", "echo d\n;;\n", "case a in\nb c) d;;\nesac", "echo e",
        ]
        let report = try shell.errors(in: commands)
        #expect(report.errors.map(\.commandIndex) == [1, 3, 4, 6, 7, 8, 9, 10])
        let lines = Dictionary(uniqueKeysWithValues: report.errors.map { ($0.commandIndex, $0.line) })
        #expect(lines[1] == 1)
        #expect(lines[3] == 3)
        #expect(lines[6] == 1)
        #expect(lines[7] == 4)
        #expect(lines[9] == 2)
        #expect(lines[10] == 2)
        #expect(report.isComplete)
    }

    @Test func `messages are the shell's own words, without names and numbers`() throws {
        let dash = try RealShell.dash.errors(in: ["a\necho b (c"]).errors
        #expect(dash.map(\.line) == [2])
        #expect(dash.map(\.message) == ["Syntax error: \"(\" unexpected"])
        let bash = try RealShell.bash.errors(in: ["a\nfi"]).errors
        #expect(bash.map(\.line) == [2])
        #expect(bash.map(\.message) == ["syntax error near unexpected token `fi'"])
    }

    @Test func `the shells differ in what they refuse`() throws {
        let commands = ["x=(a b)", "diff <(a) <(b)", "f() echo a"]
        #expect(try RealShell.dash.errors(in: commands).errors.map(\.commandIndex) == [0, 1])
        #expect(try RealShell.bash.errors(in: commands).errors.map(\.commandIndex) == [2])
    }

    @Test func `options and aliases that change how the rest is read are no errors`() throws {
        let commands = ["shopt -s extglob\nls !(a|b) +(c)", "alias begin='{'\nbegin\na\n}"]
        #expect(try RealShell.bash.errors(in: [commands[0]]).errors == [])
        #expect(try RealShell.dash.errors(in: [commands[1]]).errors == [])
        #expect(try RealShell.bash.errors(in: ["shopt -s extglob\nls !(a"]).errors.map(\.commandIndex) == [0])
    }

    @Test func `a command too deep to be read is not checked, and that is said`() throws {
        let deep = String(repeating: "$(", count: 10_000)
        let report = try RealShell.dash.errors(in: ["echo " + deep, "fi"])
        #expect(report.errors.map(\.commandIndex) == [1])
        #expect(!report.isComplete)
    }

    @Test(arguments: RealShell.allCases)
    func `stops at the limit and says so`(shell: RealShell) throws {
        let report = try shell.errors(in: Array(repeating: "echo (a", count: 5) + ["fi"], limit: 3)
        #expect(report.errors.count == 3)
        #expect(!report.isComplete)
    }

    @Test(arguments: RealShell.allCases)
    func `stops when the time is over and says so`(shell: RealShell) throws {
        let report = try syntaxErrors(
            in: ["fi", "echo a"], shell: shell.shell, executable: shell.executable, duration: .zero)
        #expect(report.errors == [])
        #expect(!report.isComplete)
    }

    @Test(arguments: RealShell.allCases)
    func `a command that is misread reaches no other`(shell: RealShell) throws {
        // Shapes that are wrong on purpose, as a scanner with a mistake would give them.
        let commands = ["a", "echo 'b", "c", "cat <<E\nd", "e", "if f; then", "echo g (h)", "i"]
        let report = try syntaxErrors(
            in: commands, shapes: Array(repeating: .simple, count: commands.count), shell: shell.shell,
            executable: shell.executable)
        let found = Set(report.errors.map(\.commandIndex))
        #expect(found.isSubset(of: [1, 5, 6]))
        #expect(found.isSuperset(of: [5, 6]))
    }

    @Test(arguments: RealShell.allCases)
    func `many commands need few processes and little time`(shell: RealShell) throws {
        var commands = (0..<20_000).map { "echo \"command $X \(0 + $0)\" | tee log" }
        commands[15_000] = "echo (a"
        let shapes = Array(repeating: CommandShape.simple, count: commands.count)
        let clock = ContinuousClock()
        let start = clock.now
        let report = try syntaxErrors(
            in: commands, shapes: shapes, shell: shell.shell, executable: shell.executable)
        let cost = clock.now - start
        #expect(report.errors.map(\.commandIndex) == [15_000])
        // A process for each would take half a minute.
        #expect(cost < .seconds(5))
    }

    @Test func `a program that is no shell is told from one that refuses a command`() {
        #expect(throws: ShellCheckError.self) {
            try syntaxErrors(in: ["a"], shell: .sh, executable: "/nowhere/sh")
        }
        #expect(throws: ShellCheckError.self) {
            try syntaxErrors(in: ["a"], shell: .sh, executable: "/bin/false")
        }
    }
}
