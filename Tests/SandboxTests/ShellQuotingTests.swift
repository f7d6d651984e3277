import Sandbox
import Testing

@Suite struct ShellQuotingTests {
    @Test(arguments: HostileValues.all, ["sh", "bash"])
    func `a quoted text is that text to a shell`(value: String, shell: String) async throws {
        let result = try await runShell(shell, "printf '%s|' \(ShellQuoting.quote(value))")
        #expect(result.output == Array((value + "|").utf8))
        #expect(result.isSuccess)
    }

    @Test(arguments: [
        ("A", true), ("_", true), ("a1_B", true), ("", false), ("1a", false), ("A-B", false), ("A B", false),
        ("Ä", false), ("A.B", false), ("A=B", false), ("A\n", false), ("ｆ", false),
    ])
    func `knows the names of shell variables`(text: String, isName: Bool) {
        #expect(ShellQuoting.isVariableName(text) == isName)
    }
}
