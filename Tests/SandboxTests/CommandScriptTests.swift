import Sandbox
import SystemPackage
import Testing

@Suite struct CommandScriptTests {
    private static let state = StateFiles(
        root: BuildRoot(hostPath: "/host"), sourceDirectory: "/codebuild/output/src1/src")

    @Test(arguments: ["make", "a\nb", "# only a comment"])
    func `the command's first line is line 4 and ends with a line break`(command: String) {
        let text = CommandScript(command: command, state: Self.state).text
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let words = command.split(separator: "\n")
        #expect(Array(lines[3..<(3 + words.count)]) == words)
        #expect(lines[4 + words.count].contains("CODEBUILD_LAST_EXIT=$?"))
        #expect(lines.last == "")
    }

    @Test(arguments: [
        ("cat <<END\ntext", "\nEND\n"), ("cat <<END\ntext\n", "text\nEND\n"),
        ("cat <<-'E F'\n\tx", "\nE F\n"),
        ("cat <<A; cat <<B\nA", "\nB\n"), ("cat <<END\ntext\\", "text\\\n\nEND\n"),
    ])
    func `a here-document ends before the lines that save the state`(command: String, ending: String) {
        let text = CommandScript(command: command, state: Self.state).text
        #expect(text.contains(ending + "\nCODEBUILD_LAST_EXIT=$?"))
    }

    @Test(arguments: [
        "cat <<END\ntext\nEND", "echo '<<END'", "cat <<<word", "echo $((1 << 2))", "cat <<END $(\n",
    ])
    func `a command without an open here-document is left alone`(command: String) {
        let text = CommandScript(command: command, state: Self.state).text
        #expect(text.contains("\n\(command)\n\nCODEBUILD_LAST_EXIT=$?"))
    }

    @Test func `version 0_1 saves nothing`() {
        let keeping = CommandScript.StateKeeping.fresh(in: Self.state.sourceDirectory)
        let text = CommandScript(command: "make", state: Self.state, keeping: keeping).text
        #expect(text.split(separator: "\n").count == 4)
        #expect(!text.contains("export -p"))
    }

    @Test(.timeLimit(.minutes(5)), arguments: SandboxPlace.all)
    func `a shell names line 4 for an error in the first line`(place: SandboxPlace) async throws {
        let output = try await withRunningSandbox(place) { try await $0.outputOf("there-is-no-such-program") }
        #expect(output.contains("/codebuild/output/tmp/script.sh: "))
        #expect(output.contains(place.shell == "sh" ? "script.sh: 4: " : "script.sh: line 4: "))
    }
}
