import RetryPattern
import Testing

@Suite("Matching output that arrives in pieces") struct MatcherTests {
    @Test(
        "A text cut at any two places gives the same answer",
        arguments: [
            ("ab+c$", "xx abbbc", true),
            ("ab+c$", "xx abbbc ", false),
            (#"(?m)^\p{Lu}ber\b.日$"#, "x\nÜber\u{1F600}日\ny", true),
            (#"^.{4}\z"#, "a\u{20AC}é\u{1F600}", true),
            (#"\x{FFFD}{2}b"#, "a\u{FFFD}\u{FFFD}b", true),
            (#"caf[é-ü]\B"#, "un café au lait", true),
            (#"caf[é-ü]\b"#, "un café au lait", false),
        ])
    func cuts(expression: String, text: String, expected: Bool) throws {
        let pattern = try RetryPattern(expression)
        let bytes = Array(text.utf8)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                var matcher = RetryPatternMatcher(pattern)
                matcher.feed(Array(bytes[..<first]))
                matcher.feed(Array(bytes[first..<second]))
                matcher.feed(Array(bytes[second...]))
                #expect(matcher.finish() == expected, "cut at \(first) and \(second)")
            }
        }
    }

    @Test(
        "Each byte that belongs to no character counts as one U+FFFD",
        arguments: [
            ([0x80], 1), ([0xC0, 0xAF], 2), ([0xE2, 0x82], 2), ([0xE2, 0x82, 0x41], 3),
            ([0xED, 0xA0, 0x80], 3),
            ([0xF4, 0x90, 0x80, 0x80], 4), ([0xF0, 0x9F, 0x98], 3), ([0xE2, 0xE2, 0x82, 0xAC], 2),
            ([0xF0, 0x9F, 0xC3, 0xA9], 3), ([0xFF, 0xFE], 2), ([0xE0, 0x9F, 0xBF], 3), ([0xC3], 1),
        ] as [([UInt8], Int)])
    func invalidBytes(bytes: [UInt8], count: Int) throws {
        for length in 1...5 {
            let expected = length == count
            #expect(try RetryPattern(#"^.{\#(length)}$"#).matches(bytes) == expected)
            var matcher = RetryPatternMatcher(try RetryPattern(#"^.{\#(length)}$"#))
            for byte in bytes { matcher.feed([byte]) }
            #expect(matcher.finish() == expected)
        }
        #expect(try RetryPattern(#"\x{FFFD}"#).matches(bytes))
    }

    @Test("A match is seen at once where nothing that follows can undo it")
    func earlyAnswer() throws {
        var matcher = RetryPatternMatcher(try RetryPattern("err(or)?"))
        matcher.feed(Array("an er".utf8))
        #expect(!matcher.hasMatched)
        matcher.feed(Array("r".utf8))
        #expect(matcher.hasMatched)
        matcher.feed(Array("and so on".utf8))
        let answer = matcher.finish()
        #expect(answer)
        #expect(RetryPatternMatcher(try RetryPattern("x*")).hasMatched)
    }

    @Test("The end of the text decides about what waits for it, and nothing comes after it")
    func end() throws {
        var matcher = RetryPatternMatcher(try RetryPattern("a$"))
        matcher.feed(Array("ba".utf8))
        #expect(!matcher.hasMatched)
        let first = matcher.finish()
        #expect(first && matcher.hasMatched)
        var missed = RetryPatternMatcher(try RetryPattern("b"))
        let second = missed.finish()
        missed.feed(Array("b".utf8))
        let third = missed.finish()
        #expect(!second && !third && !missed.hasMatched)
    }

    @Test(
        "Patterns that ruin a backtracking matcher cost next to nothing in a megabyte",
        arguments: [
            ("(a*)*b", UInt8(ascii: "a"), false), ("(a|aa)+$", UInt8(ascii: "a"), true),
            ("(.*)(.*)(.*)(.*)x", UInt8(ascii: "a"), false), ("(x+x+)+y", UInt8(ascii: "x"), false),
            ("(a|a|a)*(b|$)c", UInt8(ascii: "a"), false),
            ("^(([a-z])+.)+[A-Z]([a-z])+$", UInt8(ascii: "a"), false),
        ])
    func catastrophes(expression: String, byte: UInt8, expected: Bool) throws {
        let text = [UInt8](repeating: byte, count: 1 << 20)
        var matcher = RetryPatternMatcher(try RetryPattern(expression))
        matcher.feed(text)
        let answer = matcher.finish()
        #expect(answer == expected)
        #expect(matcher.visitedInstructionCount < 1000)
    }

    @Test("With more states than can be kept, the cost of a character stays within the size of the pattern")
    func manyStates() throws {
        var generator = SeededGenerator(seed: 5)
        let expression = "[ab]*a[ab]{40}c"
        var matcher = RetryPatternMatcher(try RetryPattern(expression))
        let text = (0..<60_000).map { _ in generator.pick(Array("ab".utf8)) }
        matcher.feed(text)
        #expect(!matcher.hasMatched)
        #expect(matcher.visitedInstructionCount > 60_000)
        #expect(matcher.visitedInstructionCount < text.count * 3 * matcher.instructionCount)
        #expect(matcher.tableByteCount <= 5 << 20)
        // An `a` with forty more behind it before the `c`.
        matcher.feed(Array("a".utf8) + [UInt8](repeating: UInt8(ascii: "b"), count: 40))
        #expect(!matcher.hasMatched)
        matcher.feed(Array("c".utf8))
        #expect(matcher.hasMatched)
    }
}
