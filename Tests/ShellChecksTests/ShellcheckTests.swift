import ShellChecks
import ShellScript
import SystemPackage
import Testing

@Suite(RealShell.hasShellcheck) struct ShellcheckTests {
    private func report(
        _ commands: [String], excluding excluded: Set<Int> = [], dialect: ShellcheckDialect = .dash
    ) throws -> ShellcheckReport {
        let executable = try #require(shellcheckExecutable())
        return try shellcheckFindings(
            in: commands, scans: commands.map { ShellScan(of: $0) }, excluding: excluded, dialect: dialect,
            executable: executable, duration: .seconds(60))
    }

    /// The rules that found something, each as `command:line:column-endLine:endColumn code`.
    private func found(_ commands: [String], dialect: ShellcheckDialect = .dash) throws -> [String] {
        try report(commands, dialect: dialect).findings.map {
            let start = "\($0.place.line):\($0.place.column)"
            let end = "\($0.place.endLine):\($0.place.endColumn)"
            return "\($0.commandIndex):\(start)-\(end) \($0.code)"
        }
    }

    @Test func `findings come with command, line and column`() throws {
        let commands = ["make", "echo é $X", "if [ -f a ]; then\n\tcat $Y\nfi", "rm 'a'\necho `date`"]
        let expected = [
            "1:1:8-1:10 2086", "2:2:6-2:8 2086", "3:2:6-2:12 2005", "3:2:6-2:12 2006", "3:2:6-2:12 2046",
        ]
        #expect(try found(commands) == expected)
    }

    @Test func `a finding says how serious it is and how to mend it`() throws {
        let finding = try #require(try report(["", "cat $X"]).findings.first)
        #expect(finding.commandIndex == 1)
        #expect(finding.level == .info)
        #expect(finding.message.contains("Double quote"))
        let insertions = finding.fix.map { "\($0.place.line):\($0.place.column) \($0.text)" }
        #expect(insertions.sorted() == ["1:5 \"", "1:7 \""])
    }

    @Test func `variables carry over from command to command, and the environment is not known`() throws {
        #expect(try found(["X=a", "echo \"$X\" \"$CODEBUILD_BUILD_ID\"", "Y=1"]) == [])
    }

    @Test func `an exit does not make the commands behind it unreachable`() throws {
        #expect(try found(["exit 1", "echo a", "cat $X"]) == ["2:1:5-1:7 2086"])
    }

    @Test func `changing the directory matters only when something follows in the same command`() throws {
        #expect(try found(["cd a", "cd b\nmake", "mkdir c\ncd c", "cd d && make"]) == ["1:1:1-1:5 2164"])
    }

    @Test func `what depends on how commands are run is left out`() throws {
        let commands = ["#!/bin/bash\necho a", ". ./env.sh", "cd a && cd ..", "f", "f() { :; }"]
        #expect(try found(commands) == [])
    }

    @Test func `the dialect decides`() throws {
        #expect(try found(["f() { local x; x=1; echo \"$x\"; }; f"]) == [])
        #expect(try found(["[[ -f a ]]"]) == ["0:1:1-1:11 3010"])
        #expect(try found(["[[ -f a ]]"], dialect: .bash) == [])
        #expect(try report(["[[ -f a ]]"]).findings.map(\.isAboutPortability) == [true])
    }

    @Test func `commands that are not closed, excluded or unreadable do not hide the others`() throws {
        let commands = ["cat $A", "if a", "cat $B", "echo (x", "cat $C", "X=<a>.b/c", "cat $D"]
        let report = try report(commands, excluding: [3])
        #expect(report.findings.map(\.commandIndex) == [0, 2, 4, 6])
        #expect(Set(report.unreadCommands).isSuperset(of: [1, 3]))
        #expect(Set(report.unreadCommands).isDisjoint(with: [0, 2, 4, 6]))
        #expect(!report.isCutShort)
    }

    @Test func `without time there are no findings, and that is said`() throws {
        let executable = try #require(shellcheckExecutable())
        let report = try shellcheckFindings(
            in: ["cat $X"], scans: [ShellScan(of: "cat $X")], dialect: .dash, executable: executable,
            duration: .zero)
        #expect(report.findings == [])
        #expect(report.isCutShort)
    }

    @Test func `what is no shellcheck is told from one that finds nothing`() {
        #expect(throws: ShellCheckError.self) {
            try shellcheckFindings(
                in: ["a"], scans: [ShellScan(of: "a")], dialect: .dash, executable: "/bin/true")
        }
    }
}
