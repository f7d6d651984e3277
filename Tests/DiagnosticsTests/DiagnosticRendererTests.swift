import Diagnostics
import Testing

@Suite struct DiagnosticRendererTests {
    private func render(_ marked: String, style: DiagnosticRenderer.Style = .plain) -> String {
        let sample = MarkedText(marked)
        return DiagnosticRenderer(fileName: "buildspec.yml", text: sample.text, style: style)
            .render(Diagnostic(.commandNotText, "message", at: sample.range))
    }

    @Test func `shows place, severity, message, code, line and caret`() {
        #expect(
            render("a\nb: «c d» e\n")
                == """
                buildspec.yml:2:4: error: message [BS204]
                    2 | b: c d e
                      |    ^~~

                """)
    }

    @Test(
        arguments: [
            ("a: «»\n", "a: ", "   ^"),
            ("«»", "", "^"),
            ("\t«x»\n", "    x", "    ^"),
            ("ab\t«c\td»\n", "ab  c   d", "    ^~~~~"),
            ("構築 «🚀: x»\n", "構築 🚀: x", "     ^~~~~"),
            ("e\u{301} «x»", "e\u{301} x", "  ^"),
            ("a «b\nc» d\n", "a b", "  ^"),
            ("a \u{1B}[31m «b»\n", "a \\u{1B}[31m b", "             ^"),
            ("\u{202E}«b»\n", "\\u{202E}b", "        ^"),
            ("\u{FEFF}a «b»\n", "a b", "  ^"),
            ("a «b»\r\nc\r\n", "a b", "  ^"),
        ])
    func `points at the place whatever the characters`(_ marked: String, _ line: String, _ caret: String) {
        let lines = render(marked).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[1].drop { $0 != "|" } == "| " + line)
        #expect(lines[2].drop { $0 != "|" } == "| " + caret)
    }

    @Test func `shows the surroundings of a place in a long line`() {
        let filler = String(repeating: "x", count: 100_000)
        let lines = render("\(filler) «here» \(filler)\n").split(separator: "\n")
        #expect(lines[1].count < 200)
        #expect(lines[1].contains("…xxx") && lines[1].hasSuffix("xxx…"))
        let caret = lines[2].distance(
            from: lines[2].startIndex, to: lines[2].firstIndex(of: "^") ?? lines[2].startIndex)
        #expect(lines[1].dropFirst(caret).hasPrefix("here"))
        #expect(lines[2].hasSuffix("^~~~"))
    }

    @Test func `prints no control character of text, message or file name`() {
        let diagnostic = Diagnostic(
            .error, code: "BS000", "a\u{1B}[2J\nb\u{9B}c", at: nil, notes: [Diagnostic.Note("\u{7}")],
            mend: "\u{202E}x\ty")
        let renderer = DiagnosticRenderer(fileName: "a\u{1B}b\n.yml", text: [])
        #expect(
            renderer.render(diagnostic)
                == """
                a\\u{1B}b\\n.yml: error: a\\u{1B}[2J\\nb\\u{9B}c [BS000]
                  a\\u{1B}b\\n.yml: note: \\u{7}
                  mend: \\u{202E}x y

                """)
    }

    @Test func `shows notes with their own lines, and the mend`() {
        let text = Array("a: 1\na: 2\n".utf8)
        func range(_ line: Int, _ offset: Int) -> SourceRange {
            SourceRange(
                start: SourcePosition(line: line, column: 1, offset: offset),
                end: SourcePosition(line: line, column: 2, offset: offset + 1))
        }
        let diagnostic = Diagnostic(
            .duplicateKey, "twice", at: range(2, 5), notes: [Diagnostic.Note("first", at: range(1, 0))],
            mend: "remove one")
        #expect(
            DiagnosticRenderer(fileName: "f", text: text).render([diagnostic])
                == """
                f:2:1: warning: twice [BS121]
                    2 | a: 2
                      | ^
                  f:1:1: note: first
                    1 | a: 1
                      | ^
                  mend: remove one

                """)
    }

    @Test func `colours change nothing but colours`() {
        let coloured = render("a: «b»\n", style: .coloured)
        #expect(coloured.contains("\u{1B}[1;31merror:\u{1B}[0m"))
        #expect(coloured.replacing(/\u{1B}\[[0-9;]*m/, with: "") == render("a: «b»\n"))
    }

    @Test func `leaves the excerpt out when the place is not in the text`() {
        let far = SourcePosition(line: 9, column: 1, offset: 900)
        let diagnostic = Diagnostic(.wrongKind, "m", at: SourceRange(start: far, end: far))
        #expect(
            DiagnosticRenderer(fileName: "f", text: [0x61]).render(diagnostic) == "f:9:1: error: m [BS205]\n")
    }

    @Test func `survives text that is not UTF-8`() {
        let start = SourcePosition(line: 1, column: 3, offset: 2)
        let diagnostic = Diagnostic(.notUTF8, "m", at: SourceRange(start: start, end: start))
        let text = DiagnosticRenderer(fileName: "f", text: [0x61, 0xFF, 0xFE, 0xC3]).render(diagnostic)
        #expect(text.contains("a\u{FFFD}\u{FFFD}"))
    }
}
