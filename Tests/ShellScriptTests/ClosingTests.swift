import ShellScript
import Testing

@Suite struct ClosingTests {
    private func expected(_ text: String) -> [String] {
        ShellScan(of: text).unfinished.map { "\($0.offset) \($0.expected)" }
    }

    @Test(arguments: [
        ("if a", ["0 then"]), ("if a; then b", ["0 fi"]), ("if a; then b; elif c", ["0 then"]),
        ("if a; then b; else c", ["0 fi"]), ("for x in a b", ["0 do"]), ("for x in a; do b", ["0 done"]),
        ("while a", ["0 do"]), ("until a; do b", ["0 done"]), ("case x in", ["0 esac"]),
        ("case x in a) b;;", ["0 esac"]), ("{ a", ["0 }"]), ("(a", ["0 )"]), ("echo $(a", ["5 )"]),
        ("echo `a", ["5 `"]), ("echo 'a", ["5 '"]), ("echo \"a", ["5 \""]), ("echo ${a", ["5 }"]),
        ("echo $((1", ["5 ))"]), ("((x", ["0 ))"]), ("[[ a", ["0 ]]"]), ("x=(a", ["2 )"]), ("f()", ["0 {"]),
        ("cat <<E\nx", ["4 E"]), ("cat <<E", ["4 E"]), ("cat <<'A B'\nA", ["4 A B"]),
        ("if a; then for x in b; do { c", ["0 fi", "11 done", "26 }"]),
        ("echo \"$(if a", ["5 \"", "6 )", "8 then"]), ("( if a; then b )", ["2 fi"]), ("a # '\nb '", ["8 '"]),
        ("function f", ["0 {"]), ("a &&", ["2 a command"]), ("a | # b\n", ["2 a command"]),
        ("(a) ||", ["4 a command"]),
    ])
    func `names what is open at the end, innermost last`(text: String, open: [String]) {
        #expect(expected(text) == open)
        #expect(!ShellScan(of: text).isSimplyClosed)
    }

    @Test(arguments: [
        ("fi", ["fi"]), ("done", ["done"]), ("esac", ["esac"]), ("}", ["}"]), (")", [")"]),
        ("then a", ["then"]),
        ("else a", ["else"]), ("do a", ["do"]), ("a;; b", [";;"]), ("elif a; then", ["elif", "then"]),
        ("a; done; b", ["done"]), ("if a; then b; done; fi", ["done"]), ("{ a; }; }", ["}"]),
        ("(a)); b", [")"]),
        ("if a; fi", ["fi"]),
    ])
    func `names what closes nothing`(text: String, stray: [String]) {
        #expect(ShellScan(of: text).strayClosers.map(\.word) == stray)
        #expect(!ShellScan(of: text).isSimplyClosed)
    }

    @Test func `gives the place of a stray closer`() {
        #expect(ShellScan(of: "é a\n  fi").strayClosers.map(\.offset) == [7])
    }

    @Test(arguments: [
        "", "a", "a;", "a &", "echo fi done esac then", "echo 'a\nb' \"c\nd\"", "echo \\' \\\"",
        "echo \"it's\"",
        "case a in b) c;; d|e) ;; esac", "case a in\n(b) if c; then d; fi ;;\n*) ;;\nesac",
        "for x in a; do case $x in esac; done", "f() { a; }", "f() ( a )", "if a; then b; fi >c 2>&1",
        "{ a; } && { b; }", "echo $(case a in b) c;; esac)", "echo \"$(echo \")\")\"",
        "echo ${x:-)} ${y:-\\}}",
        "echo $(( (1 + 2) * 3 ))", "echo `echo \\`a\\``", "echo $(a # )\n)", "a && # b\nc",
        "[[ a =~ (b|c) ]]",
        "[[ a < b ]]", "x=(a 'b)' # c)\n)", "if a; then if b; then c; fi fi", "for i in 1; do a; done | b",
        "while read -r x; do a; done < <(b)", "ls !(a|b)", "echo }", "echo {", "find . -exec a {} +",
        "a |\nb",
        "time a", "! a", "select x in a; do b; done", "for ((i=0;i<1;i++)); do a; done",
        "if ((a)); then b; fi",
        "echo a\\\nb", "case a in *)\nb\n;;\nesac", "echo $'it\\'s'", "for x do a; done",
    ])
    func `takes closed commands for closed`(text: String) {
        let scan = ShellScan(of: text)
        #expect(scan.unfinished == [])
        #expect(scan.strayClosers == [])
        #expect(scan.isSimplyClosed)
    }

    @Test func `commands that could reach into their neighbours are not simply closed`() {
        #expect(!ShellScan(of: "echo a\\").isSimplyClosed)
        #expect(!ShellScan(of: "cat <<E\nE").isSimplyClosed)
        #expect(ShellScan(of: "cat <<E\nE").isBalanced)
        #expect(!ShellScan(of: "echo \0").isSimplyClosed)
        #expect(!ShellScan(of: "echo '\0'").isSimplyClosed)
    }

    @Test(arguments: [
        ("if [ x ] then a fi", ["then", "fi"]), ("for f in a b do c done", ["do", "done"]),
        ("while a do b; done", ["do"]), ("for f in a; do echo $f done", ["done"]),
        ("if a; then b else c; fi", []), ("if a; then b fi", ["fi"]),
        ("case a in b) c ;; d) e esac", ["esac"]),
    ])
    func `notes reserved words that were joined to the line before`(text: String, keywords: [String]) {
        #expect(ShellScan(of: text).joinedLineSigns.map(\.kind) == keywords.map { .keyword($0) })
    }

    @Test func `notes an escaped blank between words, but not inside of one`() {
        let signs = ShellScan(of: "aws s3 cp \\ a \\ b\\ c").joinedLineSigns
        #expect(signs.map(\.kind) == [.escapedBlank, .escapedBlank])
        #expect(signs.map(\.range) == [10..<13, 14..<20])
        #expect(ShellScan(of: "cat My\\ File").joinedLineSigns == [])
    }

    @Test(arguments: [
        "echo done", "echo if then else fi", "for x in do done; do echo fi; done", "git add do",
    ])
    func `reserved words as arguments are fine where nothing waits for them`(text: String) {
        #expect(ShellScan(of: text).joinedLineSigns == [])
    }
}
