import Testing

@testable import AWSClient

@Suite struct XMLElementTests {
    @Test func `reads elements, entities, sections and comments`() throws {
        let text = """
            \u{FEFF}<?xml version="1.0"?>
            <!-- before --><s3:Error xmlns:s3="a>b" x='/'><Code>A&amp;B&#x41;&#66;</Code><Empty/><Gap a="1" />
            <Message><![CDATA[<raw> & ]]>end</Message><!-- <x> --></s3:Error>
            """
        let root = try #require(XMLElement(document: Array(text.utf8)))
        #expect(root.name == "Error")
        #expect(root.text("Code") == "A&BAB")
        #expect(root.text("Empty") == "")
        #expect(root.text("Gap") == "")
        #expect(root.text("Message") == "<raw> & end")
    }

    @Test(arguments: [
        "", "text", "<a>", "<a></b>", "<a", "<a b=\"", "</a>", "<a>&unknown;</a>", "<a>&amp</a>",
        "<a>&#xD800;</a>",
        "<!DOCTYPE a><a/>", "<a><![CDATA[x</a>", "<a><!-- x</a>", "<", "<>", "<a></a x>",
        String(repeating: "<a>", count: 65) + String(repeating: "</a>", count: 65),
        "<a>" + String(repeating: "<a/>", count: 100_000) + "</a>",
    ])
    func `refuses what is not well-formed`(_ text: String) {
        #expect(XMLElement(document: Array(text.utf8)) == nil)
    }

    @Test func `survives any bytes`() {
        var generator = SeededGenerator(seed: 7)
        let pieces = [
            "<", ">", "/", "a", "&", ";", "!", "[", "CDATA[", "--", "?", "\"", "=", " ", "#", "x", "\u{FF}",
        ]
        for _ in 0..<3000 {
            let count = Int.random(in: 0...20, using: &generator)
            let text = (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            _ = XMLElement(document: Array(text.utf8))
            _ = XMLElement(document: (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
    }
}
