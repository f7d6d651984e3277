import ShellScript
import Testing

@Suite struct CommandWordTests {
    private func words(_ text: String) -> [[String?]] {
        ShellScan(of: text).simpleCommands.map { $0.words.map(\.literal) }
    }

    @Test(arguments: [
        ("echo a  b", [["echo", "a", "b"]]),
        ("echo 'a b' \"c\"d\\ e", [["echo", "a b", "cd e"]]),
        ("a;b&c&&d||e|f\ng", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"], ["g"]]),
        ("echo a # b\n# c\nd #", [["echo", "a"], ["d"]]),
        ("echo a#b", [["echo", "a#b"]]),
        ("echo a \\\n  b", [["echo", "a", "b"]]),
        ("ec\\\nho a", [["echo", "a"]]),
        ("a >b 2>&1 <c d >>e f", [["a", "d", "f"]]),
        ("2>err a 3", [["a", "3"]]),
        ("X=1 Y='2 3' make all", [["make", "all"]]),
        ("if a; then b; elif c; then d; else e; fi", [["a"], ["b"], ["c"], ["d"], ["e"]]),
        ("for x in a b; do c; done", [["c"]]),
        ("for x\ndo c; done", [["c"]]),
        ("while a; do b; done", [["a"], ["b"]]),
        ("case x in (a|b) c;; *) d ;; esac; e", [["c"], ["d"], ["e"]]),
        ("f() { a; }; (b); { c; }; ! d", [["a"], ["b"], ["c"], ["d"]]),
        ("((x=1)); for ((;;)); do a; done", [["a"]]),
        ("[[ a == b && (c < d) ]] && e", [["[[", "a", "==", "b", "c", "d", "]]"], ["e"]]),
        ("cat <<E\nnot a command\nE\na", [["cat"], ["a"]]),
        ("cat <<A <<-'B'\nx\nA\n\ty\n\tB\na", [["cat"], ["a"]]),
        ("x=(a $(b) c); d", [["b"], ["d"]]),
        ("echo {} ';' }", [["echo", "{}", ";", "}"]]),
        ("", []), (" \n;\n", []),
    ])
    func `splits text into simple commands and literal words`(text: String, expected: [[String]]) {
        #expect(words(text) == expected)
    }

    @Test(arguments: [
        "echo $(a b)", "echo `a b`", "echo \"$(a b)\"", "echo \"x `a b` y\"", "echo ${X:-$(a b)}",
        "echo $((1 + $(a b)))", "echo <(a b)", "cat <<E\n$(a b)\nE", "Y=$(a b) echo",
        "echo $((a b); (a b))", "echo \"$(echo \"$(a b)\")\"", "echo $(case x in y) a b;; esac)",
    ])
    func `finds commands inside of words`(text: String) {
        let inner = ShellScan(of: text).simpleCommands.filter { $0.words.map(\.literal) == ["a", "b"] }
        #expect(!inner.isEmpty)
        #expect(inner.allSatisfy { $0.isInSubshell })
    }

    @Test func `a word with an expansion is not literal, and its place is that of its text`() throws {
        let text = "echo  'é' \"$X\"y"
        let words = try #require(ShellScan(of: text).simpleCommands.first).words
        #expect(words.map(\.literal) == ["echo", "é", nil])
        #expect(words.map(\.range) == [0..<4, 6..<10, 11..<16])
        #expect(words.map(\.isQuoted) == [false, true, true])
    }

    @Test func `commands in a function's body are marked`() {
        let scan = ShellScan(of: "f() { a; (b); }\nc\nfunction g { d; }; e\nh() (i)\nj")
        #expect(scan.simpleCommands.filter(\.isInFunctionBody).map(\.name) == ["a", "b", "d", "i"])
    }

    @Test(arguments: [
        (". ./env.sh", true), ("source env", true), ("eval \"$X\"", true), ("$(aws ecr get-login)", true),
        ("`cmd`", true), ("if a; then . x; fi", true), ("echo . source", false), ("X=$(a)", false),
        ("$X", false), ("echo '. x'", false), ("X=1 $(a)", true),
    ])
    func `tells when it runs code that cannot be seen`(text: String, expected: Bool) {
        #expect(ShellScan(of: text).readsUnknownScript == expected)
    }

    @Test(arguments: [
        ("set -e", true), ("set -ex", true), ("set -o errexit", true), ("set +x", true),
        ("set -e; set -u", true),
        ("shopt -s nullglob", true), ("set -e\nmake", false), ("set -- a b", false), ("set", false),
        ("if a; then set -e; fi", false), ("X=1; set -e", false), ("set -e 'x", false), ("", false),
    ])
    func `tells a command that only sets options`(text: String, expected: Bool) {
        #expect(ShellScan(of: text).isOnlySetOptions == expected)
    }
}
