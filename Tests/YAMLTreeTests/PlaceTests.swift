import Diagnostics
import Testing
import YAMLTree

@Suite struct PlaceTests {
    /// The text of every scalar, cut out of the source by its range.
    private func cutOut(_ text: String) throws -> [String] {
        let bytes = Array(text.utf8)
        var found: [String] = []
        func visit(_ node: YAMLNode) {
            switch node.content {
            case .scalar:
                let range = node.range
                found.append(String(decoding: bytes[range.start.offset..<range.end.offset], as: UTF8.self))
            case .sequence(let items): items.forEach(visit)
            case .mapping(let mapping):
                for pair in mapping.pairs {
                    visit(pair.key)
                    visit(pair.value)
                }
            }
        }
        if let root = try YAMLDocument(parsing: bytes).root { visit(root) }
        return found
    }

    @Test(
        arguments: [
            ("a: b\nc:\n  - 'd'\n", ["a", "b", "c", "'d'"]),
            ("\u{FEFF}a: b\r\nc: \"d\"\r\n", ["a", "b", "c", "\"d\""]),
            ("é: 🚀\n日本: [語, ü]\n", ["é", "🚀", "日本", "語", "ü"]),
            ("a: b\rc: d\r", ["a", "b", "c", "d"]),
            ("a: x\u{2028}b: y\n", ["a", "x", "b", "y"]),
            ("a:\nb:\n", ["a", "", "b", ""]),
        ])
    func `a range cuts the value out of the text`(_ text: String, _ scalars: [String]) throws {
        #expect(try cutOut(text) == scalars)
    }

    @Test func `columns count characters, lines count as editors do`() throws {
        let text = "a: b\r\n\"é🚀\": c\rd: e\n"
        let mapping = try #require(try YAMLDocument(parsing: Array(text.utf8)).root?.mapping)
        let values = mapping.pairs.map(\.value.range.start)
        #expect(values[0] == SourcePosition(line: 1, column: 4, offset: 3))
        #expect(values[1] == SourcePosition(line: 2, column: 7, offset: 16))
        #expect(values[2] == SourcePosition(line: 3, column: 4, offset: 21))
    }

    @Test func `a block collection ends with its last value`() throws {
        let mapping = try #require(
            try YAMLDocument(parsing: Array("a:\n  - b\n  - c: d\n\n\ne: f\n".utf8)).root?.mapping)
        let list = mapping.pairs[0].value
        #expect(list.range.start == SourcePosition(line: 2, column: 3, offset: 5))
        #expect(list.range.end == SourcePosition(line: 3, column: 9, offset: 17))
    }

    @Test func `a flow collection ends with its bracket`() throws {
        let root = try #require(try YAMLDocument(parsing: Array("[a, {b: c} ] # end\n".utf8)).root)
        #expect(root.range.end.column == 13)
        #expect(root.sequence?.last?.range.end.column == 11)
    }
}
