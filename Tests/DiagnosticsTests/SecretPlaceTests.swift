import Diagnostics
import Testing

/// No output shows what a diagnostic calls a secret.
@Suite struct SecretPlaceTests {
    private func secret(_ marked: String) -> (MarkedText, Diagnostic) {
        let sample = MarkedText(marked)
        return (sample, Diagnostic(.reservedName, "a secret", at: sample.range, secrets: [sample.range]))
    }

    private func everyFormat(_ text: [UInt8], _ diagnostics: [Diagnostic]) -> [String] {
        let report = DiagnosticReport([.init(name: "f.yml", text: text, diagnostics: diagnostics)])
        let documents = [
            report.json(), report.sarif(.init(toolVersion: "1.0.0")), report.workflowCommands(),
        ]
        let renderer = DiagnosticRenderer(fileName: "f.yml", text: text)
        return documents.map { String(decoding: $0, as: UTF8.self) } + [renderer.render(diagnostics)]
    }

    @Test(
        arguments: [
            ("key: «s3cr3t» # x\n", "key: ****** # x", "     ^~~~~~"),
            ("key: «\"säcrät\"»\n", "key: ********", "     ^~~~~~~~"),
            ("key: «秘密s\tt»\n", "key: *****", "     ^~~~~"),
            ("key: «one\n  two»\n", "key: ***", "     ^~~"),
            ("«k»: v\n", "*: v", "^"),
        ])
    func `the place of a secret is blanked, and the caret still fits`(
        _ marked: String, _ line: String, _ caret: String
    ) {
        let (sample, diagnostic) = secret(marked)
        let lines = DiagnosticRenderer(fileName: "f", text: sample.text).render([diagnostic])
            .split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[1].drop { $0 != "|" } == "| " + line)
        #expect(lines[2].drop { $0 != "|" } == "| " + caret)
    }

    @Test func `another diagnostic of the line does not show it, and points at its own place`() {
        let (sample, diagnostic) = secret("a: {p: «hunter22», b: c}\n")
        let start = SourcePosition(line: 1, column: 18, offset: 17)
        let end = SourcePosition(line: 1, column: 19, offset: 18)
        let other = Diagnostic(.unknownKey, "other", at: SourceRange(start: start, end: end))
        let text = DiagnosticRenderer(fileName: "f", text: sample.text).render([other, diagnostic])
        #expect(!text.contains("hunter22"))
        #expect(text.contains("1 | a: {p: ********, b: c}\n      |                  ^\n"))
    }

    @Test func `no line of a secret of several lines is shown`() {
        let (sample, diagnostic) = secret("key: «|\n  first line\n  second line\n»next: 1\n")
        let position = SourcePosition(line: 3, column: 3, offset: 23)
        let other = Diagnostic(
            .wrongKind, "found second line", at: SourceRange(start: position, end: position),
            notes: [Diagnostic.Note("see first line", at: sample.range)])
        for text in everyFormat(sample.text, [other, diagnostic]) {
            #expect(!text.contains("first line") && !text.contains("second line"), "\(text)")
        }
    }

    @Test func `a message, note or mend that quotes a secret is blanked, in every format`() {
        let (sample, diagnostic) = secret("password: «'s3cr3t: value'»\n")
        let other = Diagnostic(
            .commandNotText, "found s3cr3t: value", at: nil, notes: [.init("was s3cr3t: value here")],
            mend: "quote it: \"s3cr3t: value\"")
        let cut = Diagnostic(.wrongKind, "too long: s3cr3t: va…", at: nil)
        for text in everyFormat(sample.text, [other, diagnostic, cut]) {
            #expect(!text.contains("s3cr3t"), "\(text)")
            #expect(text.contains("found ***") && text.contains("was *** here"), "\(text)")
            #expect(text.contains("too long: ***…"), "\(text)")
        }
    }

    @Test func `a fingerprint does not depend on the secret`() {
        let texts = ["p: «hunter22»\n", "p: «hunter33»\n"].map { marked in
            let (sample, diagnostic) = secret(marked)
            return everyFormat(sample.text, [diagnostic])[1]
        }
        #expect(texts[0] == texts[1])
    }

    @Test func `places outside of the text, empty ones and overlapping ones do no harm`() {
        func range(_ start: Int, _ end: Int) -> SourceRange {
            SourceRange(
                start: SourcePosition(line: 1, column: 1, offset: start),
                end: SourcePosition(line: 1, column: 1, offset: end))
        }
        let places = [range(-5, 2), range(1, 4), range(3, 1), range(6, 900), range(700, 800), range(5, 5)]
        let diagnostics = places.map { Diagnostic(.wrongKind, "m", at: $0, secrets: [$0]) }
        let text = everyFormat(Array("abcdefgh".utf8), diagnostics)[3]
        #expect(text.contains("****ef**"))
        #expect(!text.contains("abcd") && !text.contains("gh"))
    }

    @Test func `many secrets in a long line cost no more than their length`() {
        let text = Array(String(repeating: "secret0 ", count: 5_000).utf8)
        let diagnostics = stride(from: 0, to: text.count, by: 8).map { offset in
            let place = SourceRange(
                start: SourcePosition(line: 1, column: offset + 1, offset: offset),
                end: SourcePosition(line: 1, column: offset + 8, offset: offset + 7))
            return Diagnostic(.wrongKind, "m", at: place, secrets: [place])
        }
        let duration = ContinuousClock().measure {
            for output in everyFormat(text, diagnostics) { #expect(!output.contains("secret0")) }
        }
        #expect(duration < .seconds(30))
    }
}
