import Diagnostics
import Testing
import YAMLTree

@Suite struct RefusalTests {
    private func error(_ text: String, limits: YAMLLimits = .standard) -> YAMLError? {
        error(Array(text.utf8), limits: limits)
    }

    private func error(_ text: [UInt8], limits: YAMLLimits = .standard) -> YAMLError? {
        do throws(YAMLError) {
            _ = try YAMLDocument(parsing: text, limits: limits)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        arguments: [
            ("a:\n\tb: c\n", "found character that cannot start any token at line 2"),
            ("a: b: c\n", "mapping values are not allowed in this context at line 1"),
            ("a: [b\nc: d\n", "did not find expected ',' or ']' at line 2"),
            ("a:\n  b: c\n d: e\n", "did not find expected key at line 3"),
            ("a: @b\n", "found character that cannot start any token at line 1"),
            ("a: 'b\n", "found unexpected end of stream at line 2"),
            ("- a\nb: c\n", "did not find expected '-' indicator at line 2"),
            ("a: *b\n", "unknown anchor 'b' referenced at line 1"),
            ("&a [*a]\n", "anchor 'a' value contains itself at line 1"),
            ("a: 1\n<<: 2\n", "map merge requires map or sequence of maps as the value at line 2"),
            ("a: \u{1}\n", "control characters are not allowed at line 1"),
            ("a\n\0", "control characters are not allowed at line 2"),
        ])
    func `speaks as the Go library does`(_ text: String, _ message: String) {
        #expect(error(text)?.description == message)
        #expect(error(text)?.diagnostic.message == message)
    }

    @Test(
        arguments: [
            ([0x61, 0x0A, 0xFF], YAMLError.Code.encoding, 2), ([0x61, 0xC3], .encoding, 1),
            ([0xFE, 0xFF, 0, 0x61], .encoding, 1),
            ([0xFF, 0xFE, 0x61, 0], .encoding, 1), ([0x61, 0x0A, 0xED, 0xA0, 0x80], .encoding, 2),
        ])
    func `takes UTF-8 only`(_ text: [UInt8], _ code: YAMLError.Code, _ line: Int) {
        #expect(error(text)?.code == code)
        #expect(error(text)?.range.start.line == line)
    }

    @Test func `takes exactly as many bytes as the limit says`() {
        let limits = YAMLLimits(bytes: 10)
        #expect(error("a: b\nc: d\n", limits: limits) == nil)
        let refusal = error("a: b\nc: d\n#", limits: limits)
        #expect(refusal?.description == "the text is larger than the limit of 10 bytes at line 1")
    }

    @Test(arguments: [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", "")])
    func `takes exactly as many levels as the limit says`(_ open: String, _ close: String) {
        func nested(_ depth: Int) -> String {
            String(repeating: open, count: depth) + "x" + String(repeating: close, count: depth)
        }
        #expect(error(nested(64)) == nil)
        #expect(error(nested(65))?.description == "nesting is deeper than the limit of 64 levels at line 1")
        #expect(error(nested(40_000))?.code == .tooDeep)
    }

    @Test func `counts the levels that an alias adds`() {
        let deep = "a: &a " + String(repeating: "[", count: 63) + String(repeating: "]", count: 63) + "\n"
        #expect(error(deep + "b: *a\n") == nil)
        #expect(error(deep + "b: [*a]\n")?.code == .tooDeep)
    }

    @Test func `takes exactly as many aliases as the limit says`() {
        let head = "a: &a x\nb:\n"
        #expect(error(head + String(repeating: "- *a\n", count: 1_000)) == nil)
        let refusal = error(head + String(repeating: "- *a\n", count: 1_001))
        #expect(refusal?.description == "more than 1000 aliases at line 1003")
    }

    @Test func `refuses an alias bomb at once`() {
        var bomb = "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let aliases = Array(repeating: "*l\(level - 1)", count: 10).joined(separator: ", ")
            bomb += "l\(level): &l\(level) [\(aliases)]\n"
        }
        var refusal: YAMLError?
        let time = ContinuousClock().measure { refusal = error(bomb) }
        #expect(refusal?.code == .tooManyNodes)
        #expect(refusal?.range.start.line == 6)
        #expect(time < .seconds(5))
    }

    @Test func `refuses aliases that multiply a long text`() {
        let text =
            "- &a " + String(repeating: "x", count: 100_000) + "\n" + String(repeating: "- *a\n", count: 100)
        let limit = (8 << 20) + text.utf8.count
        #expect(error(text)?.description == "more than \(limit) bytes of text, aliases expanded at line 85")
    }

    @Test func `refuses a line that no person wrote, at the line`() {
        let text = "a: b\n" + String(repeating: "x", count: 1 << 20) + "y\nc: d\n"
        #expect(error(text)?.description == "a line is longer than the limit of 1048576 bytes at line 2")
        let allowed = (0..<3).map { "k\($0): " + String(repeating: "x", count: (1 << 20) - 5) + "\n" }
            .joined()
        #expect(error(allowed) == nil)
    }

    @Test func `reads what stands before a fault of syntax`() throws {
        let (document, fault) = try YAMLDocument.reading(Array("a: [1, 2]\nb:\n  c: d\n  e: \"f\n".utf8))
        #expect(fault?.code == .syntax)
        let root = try #require(document.root?.mapping)
        #expect(root["a"]?.sequence?.count == 2)
        #expect(root["b"]?.mapping?["c"]?.scalar?.text == "d")
        #expect(root["b"]?.mapping?["e"] == nil)
    }

    @Test func `never goes deeper than a stack can surely take`() {
        let limits = YAMLLimits(depth: .max)
        let nested = { String(repeating: "[", count: $0) + String(repeating: "]", count: $0) }
        #expect(error(nested(256), limits: limits) == nil)
        #expect(error(nested(257), limits: limits)?.code == .tooDeep)
    }

    @Test func `refuses a flood of directives, whose cost grows with their square`() {
        let flood = (0..<1_000).map { "%TAG !a\($0)! b\n" }.joined() + "---\na: b\n"
        #expect(error(flood)?.description == "more than 64 %TAG directives at line 65")
    }

    @Test(
        arguments: [
            (.controlCharacter, "\u{1}"), (.tooDeep, String(repeating: "[", count: 65)), (.syntax, "a: b: c"),
            (.unknownAnchor, "*a"), (.recursiveAnchor, "&a [*a]"), (.invalidMerge, "<<: a"),
        ] as [(YAMLError.Code, String)])
    func `every reason has a code of its own`(code: YAMLError.Code, sample: String) {
        #expect(error(sample)?.code == code)
    }
}
