import RetryPattern
import Testing

/// A text that is no pattern, what Go says of it, and where.
struct InvalidCase: Sendable, CustomTestStringConvertible {
    var pattern: String
    var words: String
    var piece: String
    var offset: Int

    init(_ pattern: String, _ words: String, _ piece: String, at offset: Int) {
        (self.pattern, self.words, self.piece, self.offset) = (pattern, words, piece, offset)
    }

    var testDescription: String { pattern }
}

@Suite("Refusing what is no retry pattern") struct InvalidPatternTests {
    @Test(
        "A mistake is told in Go's words, with its piece and its place",
        arguments: [
            InvalidCase("(a", "missing closing )", "(a", at: 0),
            InvalidCase("a(b(?:c", "missing closing )", "a(b(?:c", at: 1),
            InvalidCase("a)", "unexpected )", "a)", at: 1),
            InvalidCase("(a))é", "unexpected )", "(a))é", at: 3),
            InvalidCase("+", "missing argument to repetition operator", "+", at: 0),
            InvalidCase("a|*?b", "missing argument to repetition operator", "*?", at: 2),
            InvalidCase("({2}a)", "missing argument to repetition operator", "{2}", at: 1),
            InvalidCase("(?i)*", "missing argument to repetition operator", "*", at: 4),
            InvalidCase("éa**", "invalid nested repetition operator", "**", at: 2),
            InvalidCase("a*?+?b", "invalid nested repetition operator", "*?+?", at: 1),
            InvalidCase("a{2}{3}", "invalid nested repetition operator", "{2}{3}", at: 1),
            InvalidCase("a??+", "invalid nested repetition operator", "??+", at: 1),
            InvalidCase("a{1001}", "invalid repeat count", "{1001}", at: 1),
            InvalidCase("a{5,2}", "invalid repeat count", "{5,2}", at: 1),
            InvalidCase("a{99999999999999999999,}", "invalid repeat count", "{99999999999999999999,}", at: 1),
            InvalidCase("a{1,1001}b", "invalid repeat count", "{1,1001}", at: 1),
            InvalidCase("(a{100}){11}?", "invalid repeat count", "{11}?", at: 8),
            InvalidCase("((a{100}){10}){2}", "invalid repeat count", "{2}", at: 14),
            InvalidCase(#"\8"#, "invalid escape sequence", #"\8"#, at: 0),
            InvalidCase(#"(a)\1"#, "invalid escape sequence", #"\1"#, at: 3),
            InvalidCase(#"\q"#, "invalid escape sequence", #"\q"#, at: 0),
            InvalidCase(#"\é"#, "invalid escape sequence", #"\é"#, at: 0),
            InvalidCase(#"a\Cb"#, "invalid escape sequence", #"\C"#, at: 1),
            InvalidCase(#"a\Z"#, "invalid escape sequence", #"\Z"#, at: 1),
            InvalidCase(#"\xg0"#, "invalid escape sequence", #"\xg0"#, at: 0),
            InvalidCase(#"\x4"#, "invalid escape sequence", #"\x4"#, at: 0),
            InvalidCase(#"\x"#, "invalid escape sequence", #"\x"#, at: 0),
            InvalidCase(#"\x{}a"#, "invalid escape sequence", #"\x{}"#, at: 0),
            InvalidCase(#"\x{110000}"#, "invalid escape sequence", #"\x{110000"#, at: 0),
            InvalidCase(#"\x{12"#, "invalid escape sequence", #"\x{12"#, at: 0),
            InvalidCase(#"[a\d-\b]"#, "invalid escape sequence", #"\b"#, at: 5),
            InvalidCase(#"[a-\d]"#, "invalid escape sequence", #"\d"#, at: 3),
            InvalidCase("[z-a]", "invalid character class range", "z-a", at: 1),
            InvalidCase("[[:foo:]]", "invalid character class range", "[:foo:]", at: 1),
            InvalidCase(#"\p{Foo}"#, "invalid character class range", #"\p{Foo}"#, at: 0),
            InvalidCase(#"a\p{Lu"#, "invalid character class range", #"\p{Lu"#, at: 1),
            InvalidCase(#"\pX"#, "invalid character class range", #"\pX"#, at: 0),
            InvalidCase(#"\p"#, "invalid character class range", #"\p"#, at: 0),
            InvalidCase(#"\p{}"#, "invalid character class range", #"\p{}"#, at: 0),
            InvalidCase("x[a", "missing closing ]", "[a", at: 1),
            InvalidCase("[]", "missing closing ]", "[]", at: 0),
            InvalidCase("[^]", "missing closing ]", "[^]", at: 0),
            InvalidCase("[a-", "missing closing ]", "[a-", at: 0),
            InvalidCase("[", "missing closing ]", "[", at: 0),
            InvalidCase("(?=a)", "invalid or unsupported Perl syntax", "(?=", at: 0),
            InvalidCase("x(?!a)", "invalid or unsupported Perl syntax", "(?!", at: 1),
            InvalidCase("(?i", "invalid or unsupported Perl syntax", "(?i", at: 0),
            InvalidCase("(?", "invalid or unsupported Perl syntax", "(?", at: 0),
            InvalidCase("(?i-)a", "invalid or unsupported Perl syntax", "(?i-)", at: 0),
            InvalidCase("(?i--s)a", "invalid or unsupported Perl syntax", "(?i--", at: 0),
            InvalidCase("(?x)a", "invalid or unsupported Perl syntax", "(?x", at: 0),
            InvalidCase("(?P=n)", "invalid or unsupported Perl syntax", "(?P", at: 0),
            InvalidCase("(?P<a b>c)", "invalid named capture", "(?P<a b>", at: 0),
            InvalidCase("(?P<>c)", "invalid named capture", "(?P<>", at: 0),
            InvalidCase("(?<n", "invalid named capture", "(?<n", at: 0),
            InvalidCase("x(?<=a)b", "invalid named capture", "(?<=a)b", at: 1),
            InvalidCase(#"ab\"#, "trailing backslash at end of expression", "", at: 2),
            InvalidCase(#"[\"#, "trailing backslash at end of expression", "", at: 1),
        ])
    func mistakes(_ test: InvalidCase) {
        let error = #expect(throws: InvalidPattern.self) { try RetryPattern(test.pattern) }
        #expect(error?.description == "error parsing regexp: \(test.words): `\(test.piece)`")
        #expect(error?.piece == test.piece)
        #expect(error?.offset == test.offset)
    }

    @Test(
        "A script is refused as ours to know, not as a mistake",
        arguments: [
            #"\p{Greek}"#, #"\P{Old_Italic}"#, #"\p{^Han}"#,
        ])
    func scripts(_ text: String) {
        let error = #expect(throws: InvalidPattern.self) { try RetryPattern("[a\(text)]") }
        #expect(error?.code == .unsupportedScript)
        #expect(error?.description == "unsupported Unicode script: `\(text)`")
        #expect(error?.offset == 2)
    }

    @Test("A tree of a thousand levels is read, a higher one is not")
    func nesting() throws {
        let nested = { (count: Int) in
            String(repeating: "(", count: count) + "a" + String(repeating: ")", count: count)
        }
        #expect(try RetryPattern(nested(999)).matches("a"))
        #expect(code(of: nested(1000)) == .nestingDepth)
        let stars = String(repeating: "(?:", count: 1000) + "a" + String(repeating: ")*", count: 1000)
        #expect(code(of: stars) == .nestingDepth)
        let plain = String(repeating: "(?:", count: 50_000) + "a" + String(repeating: ")", count: 50_000)
        #expect(try RetryPattern(plain).matches("a"))
        let joined = String(repeating: "(?:b", count: 5000) + "a" + String(repeating: ")", count: 5000)
        #expect(try !RetryPattern(joined).matches("ba"))
        #expect(code(of: String(repeating: "(", count: 100_000)) == .missingParenthesis)
        #expect(code(of: String(repeating: "(?:", count: 1_000_000)) == .nestingDepth)
    }

    @Test(
        "What would need too much memory is too large",
        arguments: [
            String(repeating: "a", count: 100_001),
            "(" + String(repeating: "ab", count: 100) + "){1000}",
            "((\(String(repeating: "x", count: 150))){10}){100}",
            String(repeating: #"[\pLa]"#, count: 3000),
            String(repeating: #"\pL"#, count: 30_000),
            "(?i)" + String(repeating: #"[\x{80}-\x{10FFFF}]"#, count: 2000),
        ])
    func tooLarge(_ text: String) {
        #expect(code(of: text) == .expressionTooLarge)
    }

    @Test("Large patterns within the limits are read")
    func large() throws {
        #expect(try RetryPattern(String(repeating: "a", count: 99_999)).text.utf8.count == 99_999)
        #expect(try RetryPattern("(\(String(repeating: "a", count: 90_000)))*").matches(""))
        #expect(try !RetryPattern(String(repeating: "[[:", count: 30_000) + "x]").matches("y"))
    }

    private func code(of text: String) -> InvalidPattern.Code? {
        do throws(InvalidPattern) {
            _ = try RetryPattern(text)
            return nil
        } catch {
            return error.code
        }
    }
}
