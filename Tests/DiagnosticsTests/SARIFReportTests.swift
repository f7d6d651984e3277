import Diagnostics
import FoundationEssentials
import Testing

/// A SARIF document, as far as these tests look at it; the whole is checked with the OASIS schema in `CommandsTests`.
private struct Document: Decodable {
    struct Run: Decodable {
        var tool: Tool
        var results: [Result]
    }

    struct Tool: Decodable {
        struct Driver: Decodable {
            struct Rule: Decodable {
                var id: String
                var shortDescription: Text
            }

            var informationUri: String?
            var rules: [Rule]
        }

        var driver: Driver
    }

    struct Text: Decodable {
        var text: String
    }

    struct Result: Decodable {
        var ruleId: String
        var ruleIndex: Int
        var message: Text
        var locations: [Location]
        var relatedLocations: [Location]?
        var partialFingerprints: [String: String]
    }

    struct Location: Decodable {
        struct Physical: Decodable {
            struct Artifact: Decodable {
                var uri: String
            }

            var artifactLocation: Artifact
            var region: [String: Int]
        }

        var physicalLocation: Physical
        var message: Text?
    }

    var runs: [Run]
}

@Suite struct SARIFReportTests {
    private func results(
        _ diagnostics: [Diagnostic], name: String = "f.yml", text: [UInt8] = []
    ) throws -> [Document.Result] {
        try run(DiagnosticReport([.init(name: name, text: text, diagnostics: diagnostics)])).results
    }

    private func run(_ report: DiagnosticReport) throws -> Document.Run {
        let bytes = report.sarif(.init(toolVersion: "1.2.3", informationURI: "https://example.com/"))
        return try #require(try JSONDecoder().decode(Document.self, from: Data(bytes)).runs.first)
    }

    @Test func `every code of all files is a rule once, and results point at it`() throws {
        let files = ["a", "b"].map { name in
            let codes: [DiagnosticCode] = [.unknownKey, .wrongKind, .unknownKey]
            var diagnostics = codes.map { Diagnostic($0, "m", at: nil) }
            diagnostics.append(Diagnostic(.warning, code: "SC2086", "m", at: nil))
            return DiagnosticReport.File(name: name, text: [], diagnostics: diagnostics)
        }
        let run = try run(DiagnosticReport(files))
        let rules = run.tool.driver.rules
        #expect(rules.map(\.id) == ["BS205", "BS207", "SC2086"])
        #expect(rules.map(\.shortDescription.text)[0] == DiagnosticCode.wrongKind.summary)
        #expect(run.results.count == 8)
        for result in run.results { #expect(rules[result.ruleIndex].id == result.ruleId) }
        #expect(run.tool.driver.informationUri == "https://example.com/")
    }

    @Test func `a place has an end behind it, and a problem of the whole file is on line 1`() throws {
        let sample = MarkedText("a\n🚀: «c d\ne» f\n")
        let notes = [Diagnostic.Note("there", at: sample.range), Diagnostic.Note("in general")]
        let results = try results(
            [
                Diagnostic(.wrongKind, "m", at: sample.range, notes: notes, mend: "cut"),
                Diagnostic(.wrongKind, "m", at: nil),
            ], text: sample.text)
        let region = ["startLine": 2, "startColumn": 4, "endLine": 3, "endColumn": 2]
        #expect(results[0].locations.map(\.physicalLocation.region) == [region])
        #expect(results[1].locations.map(\.physicalLocation.region) == [["startLine": 1]])
        #expect(results[0].message.text == "m\nnote: in general\nmend: cut")
        #expect(results[0].relatedLocations?.map(\.physicalLocation.region) == [region])
        #expect(results[0].relatedLocations?.map(\.message?.text) == ["there"])
        #expect(results[1].relatedLocations == nil)
    }

    @Test(
        arguments: [
            ("-", "stdin"), ("./-", "-"), ("ci/a b.yml", "ci/a%20b.yml"), ("./ci/a.yml", "ci/a.yml"),
            ("/srv/a#b?.yml", "file:///srv/a%23b%3F.yml"), ("//host/a.yml", "file:///host/a.yml"),
            ("javascript:x.yml", "javascript%3Ax.yml"), ("é%\n.yml", "%C3%A9%25%0A.yml"),
            ("../a.yml", "../a.yml"),
        ])
    func `a file's name becomes a URI`(_ name: String, _ uri: String) throws {
        let results = try results([Diagnostic(.wrongKind, "m", at: nil)], name: name)
        #expect(results[0].locations.map(\.physicalLocation.artifactLocation.uri) == [uri])
    }

    @Test func `fingerprints stay when lines above come and go, and tell equal problems apart`() throws {
        func fingerprints(_ marked: [String]) throws -> [String] {
            let samples = marked.map { MarkedText($0) }
            let diagnostics = samples.map { Diagnostic(.unknownKey, "m", at: $0.range) }
            return try results(diagnostics, text: samples[0].text).compactMap {
                $0.partialFingerprints.values.first
            }
        }
        let before = try fingerprints(["a:\n  «b»: 1\n", "«a»:\n  b: 1\n"])
        let after = try fingerprints(["\n# new\na:\n    «b»: 1\n", "\n# new\n«a»:\n    b: 1\n"])
        #expect(before == after && Set(before).count == 2)
        let equal = try fingerprints(["- «x»\n- x\n", "- x\n- «x»\n"])
        #expect(equal[0].hasSuffix(":1") && equal[1].hasSuffix(":2"))
        #expect(equal[0].dropLast(2) == equal[1].dropLast(2))
    }

    @Test func `a message cannot smuggle in a link`() throws {
        let diagnostic = Diagnostic(.unknownKey, "[x](https://example.com) [0]", at: nil, mend: "[y](1)")
        let text = try results([diagnostic])[0].message.text
        #expect(text == "[x] (https://example.com) [0]\nmend: [y] (1)")
    }

    @Test func `a hostile text leaves the document whole`() throws {
        let hostile = "\"}]\u{0}\u{1B}\u{202E}\\\n"
        let diagnostic = Diagnostic(.error, code: hostile, hostile, at: nil, mend: hostile)
        let result = try #require(try results([diagnostic], name: hostile, text: [0xFF, 0xC3]).first)
        #expect(result.message.text == hostile + "\nmend: " + hostile && result.ruleId == hostile)
    }
}
