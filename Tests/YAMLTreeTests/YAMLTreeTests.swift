import Diagnostics
import Testing
import YAMLTree

@Suite struct YAMLTreeTests {
    private func root(_ text: String) throws -> YAMLNode {
        try #require(try YAMLDocument(parsing: Array(text.utf8)).root)
    }

    @Test(
        arguments: [
            ("3.10", "3.10", YAMLScalar.Style.plain), ("NO", "NO", .plain), ("0x1F", "0x1F", .plain),
            ("'a''b'", "a'b", .singleQuoted), ("\"a\\tb\"", "a\tb", .doubleQuoted),
            ("|\n a\n b\n", "a\nb\n", .literal),
            ("|-\n a\n", "a", .literal), (">\n a\n b\n", "a b\n", .folded),
        ])
    func `keeps the literal text and the style of a scalar`(
        _ text: String, _ value: String, _ style: YAMLScalar.Style
    )
        throws
    {
        #expect(try root(text).scalar == YAMLScalar(text: value, style: style))
    }

    @Test func `keeps explicit tags`() throws {
        #expect(try root("!Ref Bucket").tag == "!Ref")
        #expect(try root("!!str 1").tag == "tag:yaml.org,2002:str")
        #expect(try root("!Sub [a, {b: c}]").sequence?.count == 2)
        #expect(try root("a").tag == nil)
    }

    @Test(arguments: ["~", "null", "NULL", "# nothing\n---\n", "!!null x"])
    func `recognises null`(_ text: String) throws {
        #expect(try root(text).isNull)
    }

    @Test(arguments: ["'~'", "\"null\"", "nULL", "!!str", "''", "[]"])
    func `does not take text for null`(_ text: String) throws {
        #expect(try !root(text).isNull)
    }

    @Test func `keeps pairs in order, duplicates too`() throws {
        let mapping = try #require(try root("b: 1\na: 2\nb: 3\n").mapping)
        #expect(mapping.pairs.map { $0.key.scalar?.text } == ["b", "a", "b"])
        #expect(mapping["b"]?.scalar?.text == "3")
        #expect(mapping["c"] == nil)
    }

    @Test func `replaces aliases by what they stand for and remembers both places`() throws {
        let items = try #require(try root("- &a {k: [v]}\n- *a\n").sequence)
        #expect(items[1].mapping?["k"]?.sequence?.first?.scalar?.text == "v")
        #expect(items[1].isAlias && !items[0].isAlias)
        #expect(items[1].range.start.line == 1)
        #expect(items[1].useRange.start == SourcePosition(line: 2, column: 3, offset: 16))
    }

    @Test func `applies merge keys on access: own keys first, earlier maps before later ones`() throws {
        let text = """
            one: &one {a: 1, b: 1}
            two: &two {b: 2, c: 2}
            all: {<<: [*one, *two], c: 3, d: 3}
            nested: {<<: {<<: *one, b: 4}}
            quoted: {"<<": *one}
            """
        let mapping = try #require(try root(text).mapping)
        func entries(_ name: String) -> [String] {
            (mapping[name]?.mapping?.entries ?? []).map {
                "\($0.key.scalar?.text ?? "?")\($0.value.scalar?.text ?? "?")"
            }
        }
        #expect(entries("all") == ["c3", "d3", "a1", "b1"])
        #expect(entries("nested") == ["b4", "a1"])
        #expect(entries("quoted") == ["<<?"])
        #expect(mapping["all"]?.mapping?.pairs.count == 3)
    }

    @Test func `reads the first document only and tells where the rest begins`() throws {
        let two = try YAMLDocument(parsing: Array("a: b\n---\nc: [\n".utf8))
        #expect(two.root?.mapping?["a"]?.scalar?.text == "b")
        #expect(two.unreadText?.start.line == 2)
        #expect(try YAMLDocument(parsing: Array("--- a\n...\n".utf8)).unreadText == nil)
        #expect(try YAMLDocument(parsing: Array("{a: b}}".utf8)).unreadText?.start.column == 7)
    }

    @Test(arguments: ["", "# only\n", "\n\n", "\u{FEFF}"])
    func `an empty text has no root`(_ text: String) throws {
        #expect(try YAMLDocument(parsing: Array(text.utf8)).root == nil)
    }
}
