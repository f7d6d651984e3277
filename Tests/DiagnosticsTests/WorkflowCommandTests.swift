import Diagnostics
import Testing

@Suite struct WorkflowCommandTests {
    private func commands(
        _ diagnostics: Diagnostic..., name: String = "ci/buildspec.yml", text: [UInt8] = []
    ) -> String {
        let report = DiagnosticReport([.init(name: name, text: text, diagnostics: diagnostics)])
        return String(decoding: report.workflowCommands(), as: UTF8.self)
    }

    @Test func `severity, place, code, message, note and mend are in one command`() {
        let sample = MarkedText("a\nb: «c d» e\n")
        let diagnostic = Diagnostic(
            .commandNotText, "wrong", at: sample.range,
            notes: [.init("see", at: sample.range), .init("also")],
            mend: "quote it")
        #expect(
            commands(diagnostic)
                == "::error file=ci/buildspec.yml,line=2,endLine=2,col=4,endColumn=7,title=BS204::"
                + "wrong%0Anote: see (line 2)%0Anote: also%0Amend: quote it\n")
    }

    @Test(arguments: [("error", "error"), ("warning", "warning"), ("note", "notice")])
    func `each severity has its command`(_ severity: String, _ command: String) throws {
        let severity = try #require(Diagnostic.Severity(rawValue: severity))
        #expect(
            commands(Diagnostic(severity, code: "BS000", "m", at: nil))
                == "::\(command) file=ci/buildspec.yml,title=BS000::m\n")
    }

    @Test func `a place on several lines has no columns, which GitHub would not take`() {
        let sample = MarkedText("a: «b\nc» d\n")
        #expect(
            commands(Diagnostic(.wrongKind, "m", at: sample.range))
                == "::error file=ci/buildspec.yml,line=1,endLine=2,title=BS205::m\n")
    }

    @Test(arguments: [("-", "stdin"), ("./a/b.yml", "a/b.yml"), ("/a/b.yml", "/a/b.yml"), (".//./a", "a")])
    func `files have the names by which GitHub knows them`(_ name: String, _ shown: String) {
        #expect(
            commands(Diagnostic(.wrongKind, "m", at: nil), name: name)
                == "::error file=\(shown),title=BS205::m\n")
    }

    @Test(
        arguments: [
            "x\n::add-mask::y", "x\r::set-output name=a::b", "x\r\n##[error]y", "%0A::stop-commands::t",
            "::warning::x", "\u{1B}[2J\u{85}\u{2028}x", "a,line=9,title=y::z",
        ])
    func `a hostile text starts no second command and changes no property`(_ text: String) {
        let diagnostic = Diagnostic(.error, code: text, text, at: nil, notes: [.init(text)], mend: text)
        let output = commands(diagnostic, name: text)
        #expect(output.unicodeScalars.filter { $0 == "\n" || $0 == "\r" }.count == 1)
        #expect(output.hasSuffix("\n") && output.hasPrefix("::error file="))
        let properties = output.dropFirst("::error ".count).prefix { $0 != ":" }
        #expect(properties.split(separator: ",").map { $0.prefix { $0 != "=" } } == ["file", "title"])
        #expect(!output.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0 == "\u{2028}" })
    }

    @Test func `escaping is that of GitHub's toolkit`() {
        let diagnostic = Diagnostic(.error, code: "a:b,c%d\r\n", "a:b,c%d\r\n%0A", at: nil)
        #expect(
            commands(diagnostic, name: "f")
                == "::error file=f,title=a%3Ab%2Cc%25d%0D%0A::a:b,c%25d%0D%0A%250A\n")
    }
}
