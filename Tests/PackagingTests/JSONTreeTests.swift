import Diagnostics
import Foundation
import Testing
import YAMLTree

@testable import Packaging

/// JSON is read as Foundation reads it, and nothing else is.
struct JSONTreeTests {
    private static let limits = YAMLLimits(depth: 8, nodes: 50)

    @Test(arguments: [
        "{}", " {\"a\" : [ ] }\n", "{\"a\":{\"b\":[1,-2.5e+3,0,-0.0,1E5,true,false,null]}}",
        "{\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\uDE00é😀\":\"\"}",
    ])
    func `reads what Foundation reads`(text: String) throws {
        let tree = try #require(JSONTree.read(Array(text.utf8), limits: Self.limits))
        let again = TemplateValue(tree, isJSON: true).json()
        let wanted = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary
        #expect(try JSONSerialization.jsonObject(with: Data(again.utf8)) as? NSDictionary == wanted)
    }

    @Test(arguments: [
        "", "{", "[]", "\"a\"", "{}x", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":[1,]}", "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":.5}", "{\"a\":+1}", "{\"a\":1e}", "{\"a\":-}", "{\"a\":nul}", "{\"a\":NaN}", "{\"a\":'b'}",
        "{a:1}",
        "{\"a\":\"\n\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u00g0\"}", "{\"a\":\"\\ud83d\"}",
        "{\"a\":\"\\ude00\"}",
        "{\"a\":\"\\ud83d\\ud83d\"}", "{\"a\":\"b", "{\"a\":\"\\", "{\"a\":\"\\u12", "\u{feff}{}",
        "{\"a\":1 2}",
        "{\"a\":[[[[[[[[1]]]]]]]]}", "{\"a\":[\(String(repeating: "1,", count: 60))1]}",
    ])
    func `takes nothing else, and nothing beyond the limits`(text: String) {
        #expect(JSONTree.read(Array(text.utf8), limits: Self.limits) == nil)
        #expect(JSONTree.read(Array(text.utf8) + [0xFF], limits: Self.limits) == nil)
    }

    @Test func `knows where everything stands`() throws {
        let text = "{\r\n \"é\":\r[\"a\" ,\n  12]}"
        let tree = try #require(JSONTree.read(Array(text.utf8), limits: Self.limits))
        let list = try #require(tree.mapping?["é"])
        let item = try #require(list.sequence?.last)
        #expect(list.range.start.line == 3 && list.range.start.column == 1 && list.range.start.offset == 10)
        #expect(item.range.start.line == 4 && item.range.start.column == 3)
        #expect(item.range.end.offset == text.utf8.count - 2 && item.range.end.column == 5)
        #expect(tree.range.end.offset == text.utf8.count)
    }
}
