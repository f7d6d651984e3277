import Diagnostics
import FoundationEssentials
import Testing

/// One element of the JSON format, as a consumer reads it.
private struct Element: Decodable {
    struct Note: Decodable {
        var message: String
        var file: String
        var line: Int?
    }

    var file: String
    var line: Int?
    var column: Int?
    var endLine: Int?
    var endColumn: Int?
    var severity: String
    var code: String
    var summary: String?
    var message: String
    var mend: String?
    var notes: [Note]
}

@Suite struct JSONReportTests {
    private func decode(_ report: DiagnosticReport) throws -> [Element] {
        try JSONDecoder().decode([Element].self, from: Data(report.json()))
    }

    @Test func `a report without diagnostics is an empty array`() {
        #expect(DiagnosticReport().json() == Array("[]\n".utf8))
        let file = DiagnosticReport.File(name: "f", text: [0x61], diagnostics: [])
        #expect(DiagnosticReport([file]).json() == Array("[]\n".utf8))
    }

    @Test func `each diagnostic is one line with every key, in the order that is promised`() {
        let sample = MarkedText("a\nb: «c d» e\n")
        let diagnostics = [
            Diagnostic(
                .duplicateKey, "twice", at: sample.range, notes: [.init("first", at: sample.range)],
                mend: "cut"),
            Diagnostic(.error, code: "SC2086", "m", at: nil),
        ]
        let report = DiagnosticReport([
            .init(name: "x/f.yml", text: sample.text, diagnostics: diagnostics)
        ])
        let first =
            #"{"file":"x/f.yml","line":2,"column":4,"endLine":2,"endColumn":7,"severity":"warning","#
            + #""code":"BS121","summary":"a key is given twice; the last one counts","message":"twice","#
            + #""mend":"cut","notes":[{"message":"first","file":"x/f.yml","line":2,"column":4,"endLine":2,"#
            + #""endColumn":7}]}"#
        let second =
            #"{"file":"x/f.yml","line":null,"column":null,"endLine":null,"endColumn":null,"severity":"error","#
            + #""code":"SC2086","summary":null,"message":"m","mend":null,"notes":[]}"#
        #expect(String(decoding: report.json(), as: UTF8.self) == "[\n  \(first),\n  \(second)\n]\n")
    }

    @Test(
        arguments: [
            "\"\\/\u{0}\u{1}\u{8}\u{B}\u{1F}\u{7F}\u{9B}\t\r\n", "é 構築 🚀 e\u{301}",
            "\u{202E}\u{2028}\u{FEFF}",
            "\u{E0041}\u{10FFFF}\u{FFFF}", "</script>", "\u{FFFD}",
        ])
    func `any text survives, and nothing in the document moves a cursor`(_ text: String) throws {
        let diagnostic = Diagnostic(.error, code: text, text, at: nil, notes: [.init(text)], mend: text)
        let report = DiagnosticReport([.init(name: text, text: [0xFF], diagnostics: [diagnostic])])
        let element = try #require(try decode(report).first)
        #expect(element.file == text && element.code == text && element.message == text)
        #expect(element.mend == text && element.notes.first?.message == text)
        let scalars = String(decoding: report.json(), as: UTF8.self).unicodeScalars
        #expect(!scalars.contains { $0.value < 0x20 && $0 != "\n" || (0x7F..<0xA0).contains($0.value) })
        #expect(!scalars.contains { $0 == "\u{202E}" || $0 == "\u{2028}" || $0 == "\u{E0041}" })
    }

    @Test func `bytes that are no UTF-8 become replacement characters`() throws {
        let name = String(decoding: [0x61, 0xFF, 0xC3], as: UTF8.self)
        let report = DiagnosticReport([
            .init(name: name, text: [0xFF], diagnostics: [Diagnostic(.notUTF8, "m", at: nil)])
        ])
        #expect(String(validating: report.json(), as: UTF8.self)?.contains("\"a\u{FFFD}\u{FFFD}\"") == true)
    }
}
