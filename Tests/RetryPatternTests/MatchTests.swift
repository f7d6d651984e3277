import RetryPattern
import Testing

/// What a pattern finds, and what it does not.
struct MatchCase: Sendable, CustomTestStringConvertible {
    var pattern: String
    var matches: [String]
    var misses: [String]

    init(_ pattern: String, _ matches: [String], not misses: [String] = []) {
        (self.pattern, self.matches, self.misses) = (pattern, matches, misses)
    }

    var testDescription: String { pattern }
}

@Suite("Matching a retry pattern") struct MatchTests {
    @Test(
        "The examples of CodeBuild's documentation find their errors",
        arguments: [
            MatchCase("invalid+", ["an invalid thing", "invalidddd"], not: ["invali", "INVALID", ""]),
            MatchCase(
                ".*Error: Unable to connect to database.*",
                ["x\nFatal Error: Unable to connect to database: timeout\n"],
                not: ["Error: Unable to\nconnect to database"]),
            MatchCase(".*", ["", "\n", "anything"]),
        ])
    func documentedExamples(_ test: MatchCase) throws { try check(test) }

    @Test(
        "Literals, classes and escapes match as in RE2",
        arguments: [
            MatchCase("", ["", "a"]),
            MatchCase("a.c", ["abc", "xa\u{e9}cx", "a\rc"], not: ["a\nc", "ac"]),
            MatchCase("(?s)a.c", ["a\nc"]),
            MatchCase("[a-cx]$", ["a", "zb", "x"], not: ["d", "", "ay"]),
            MatchCase("^[^a-c]$", ["d", "\n", "ü"], not: ["a", "dd", ""]),
            MatchCase("^[]a]$", ["]", "a"], not: ["[", "b"]),
            MatchCase("^[^]a]$", ["b"], not: ["]", "a"]),
            MatchCase("^[a-]$", ["a", "-"], not: ["b"]),
            MatchCase("^[-a]$", ["a", "-"], not: ["b"]),
            MatchCase("^[a-c-e]$", ["b", "-", "e"], not: ["d"]),
            MatchCase("^[[:alpha:][:digit:]_]+$", ["aZ09_"], not: ["é", "-"]),
            MatchCase("^[[:^alpha:]]$", ["1", "é"], not: ["a"]),
            MatchCase("^[[:word:]]$", ["_"], not: ["-"]),
            MatchCase("^[[:punct:]]+$", ["!/:@[`{~"], not: ["a", " "]),
            MatchCase("^[[:xdigit:][:space:]]+$", ["09afAF \u{b}\n"], not: ["g"]),
            MatchCase("^[[:alpha]$", ["[", ":", "l"], not: ["]", "b"]),
            MatchCase(#"^\d\w\s$"#, ["1_ ", "9a\t"], not: ["a1 ", "1-\n", "1a\u{b}"]),
            MatchCase(#"^\D\W\S$"#, ["a-x", "é\u{e9}\u{b}"], not: ["1-x", "aax", "a- "]),
            MatchCase(#"^[\d\-x]+$"#, ["1-x"], not: ["a"]),
            MatchCase(#"^[^\D5]$"#, ["4"], not: ["5", "a"]),
            MatchCase(#"^\x41\x{1F600}\012\a\f\n\t\r\v\.\_$"#, ["A\u{1F600}\n\u{7}\u{c}\n\t\r\u{b}._"]),
            MatchCase(#"^\0\07\1018$"#, ["\u{0}\u{7}A8"], not: ["a"]),
            MatchCase(#"\Qa.b*\E+c"#, ["a.b*c", "a.b***c"], not: ["a.bc", "axb*c"]),
            MatchCase(#"^\Qa\b\t"#, [#"a\b\t"#], not: ["a"]),
            MatchCase(#"\Q\E"#, [""]),
            MatchCase("a{,2}", ["a{,2}"], not: ["aa"]),
            MatchCase("a{", ["a{"], not: ["a"]),
            MatchCase("a{1", ["a{1"], not: ["a"]),
            MatchCase("^{a}$", ["{a}"], not: ["a"]),
            MatchCase("x{01}", ["x{01}"], not: ["x"]),
            MatchCase("]}", ["]}"], not: ["]"]),
            MatchCase("日本+", ["日本本", "x日本"], not: ["日"]),
            MatchCase("^\r\n$", ["\r\n"], not: ["\n"]),
            MatchCase(#"^\x{D800}|b$"#, ["b"], not: ["\u{fffd}"]),
        ])
    func elements(_ test: MatchCase) throws { try check(test) }

    @Test(
        "Anchors and word boundaries look at both sides of a place",
        arguments: [
            MatchCase("^a", ["ab"], not: ["ba", "b\na"]),
            MatchCase("a$", ["ba"], not: ["ab", "a\n", "a\nb"]),
            MatchCase("^$", [""], not: ["\n", "a"]),
            MatchCase("$^", [""], not: ["\n", "a"]),
            MatchCase("(?m)^a$", ["a", "b\na", "a\nb", "x\na\ny"], not: ["ba", "ab", "a\r\n"]),
            MatchCase("(?m)$^", ["", "\n", "a\n"], not: ["a"]),
            MatchCase("(?m)a$\n^b", ["a\nb"], not: ["ab"]),
            MatchCase(#"(?m)\Aa\z"#, ["a"], not: ["b\na", "a\nb"]),
            MatchCase(#"\bcat\b"#, ["cat", "a cat.", "cat-x"], not: ["concat", "cats", "cat_", "1cat"]),
            MatchCase(#"\Bcat\B"#, ["xcatx"], not: ["cat", "xcat", "catx"]),
            MatchCase(#"\b"#, ["a", " a"], not: ["", " ", "é"]),
            MatchCase(#"\B"#, ["", "aa", " ", "é"], not: ["a"]),
            MatchCase(#"^\B\b$|x\b\By"#, [], not: ["", "a", "xy"]),
            MatchCase("(^a|b$)+c?", ["a", "cb"], not: ["ca", "bx"]),
            MatchCase("a^b|a$b", [], not: ["ab", "a\nb"]),
            MatchCase("^*a", ["ba"]),
            MatchCase(#"(\b|x)*y\b"#, ["xxy", "y"], not: ["yx"]),
        ])
    func anchors(_ test: MatchCase) throws { try check(test) }

    @Test(
        "Groups, alternatives and repetitions combine",
        arguments: [
            MatchCase("^(a|bc|)d$", ["ad", "bcd", "d"], not: ["abcd", "b"]),
            MatchCase("^(?:a|b)*c$", ["c", "abbac"], not: ["adc"]),
            MatchCase("^(?P<name>a)(?<other_1>b)$", ["ab"], not: ["a"]),
            MatchCase("^a*?b+?c??$", ["b", "aabbc"], not: ["ac", "bcc"]),
            MatchCase("^a{2}$", ["aa"], not: ["a", "aaa"]),
            MatchCase("^a{2,}$", ["aa", "aaaaa"], not: ["a"]),
            MatchCase("^(ab){1,3}?$", ["ab", "ababab"], not: ["", "abababab"]),
            MatchCase("^a{0}b$", ["b"], not: ["ab"]),
            MatchCase("^a{0,}b$", ["b", "aaab"], not: ["ac"]),
            MatchCase("^a{0,1}b{1}$", ["b", "ab"], not: ["aab"]),
            MatchCase("^(a{2}){3}$", ["aaaaaa"], not: ["aaaaa", "aaaaaaa"]),
            MatchCase("^(a|b{2}){2,3}$", ["aa", "abba", "bbbbbb"], not: ["ab", "aaaa"]),
            MatchCase("^(?:)*a$", ["a"], not: [""]),
            MatchCase("^(|a)+$", ["", "aaa"], not: ["b"]),
            MatchCase("^(a*)*b$", ["b", "aab"], not: ["a"]),
            MatchCase("^(a|b|c|dd|e)(1|2)$", ["a1", "dd2", "e1"], not: ["d1", "a"]),
            MatchCase("a|b|", ["", "x"]),
            MatchCase("^(a(b(c|d)e|f)g|h)$", ["abceg", "abdeg", "afg", "h"], not: ["abfg", "abcg"]),
            MatchCase(
                "^x{1000}$", [String(repeating: "x", count: 1000)],
                not: [String(repeating: "x", count: 999)]),
            MatchCase("^a(?i)*b$", ["aaB", "b"], not: ["Ab"]),
            MatchCase(#"^a*\Q\E*$"#, ["aa"], not: ["b"]),
        ])
    func combinations(_ test: MatchCase) throws { try check(test) }

    @Test(
        "Flags hold to the end of their group, and fold case as Unicode does",
        arguments: [
            MatchCase("^(?i)abc$", ["ABC", "aBc"], not: ["abd"]),
            MatchCase("^(?i:a)b$", ["Ab"], not: ["AB"]),
            MatchCase("^((?i)a)b$", ["Ab"], not: ["aB"]),
            MatchCase("^(?i)a(?-i)b$", ["Ab"], not: ["AB"]),
            MatchCase("^(?i)a|b$", ["A", "B"]),
            MatchCase("^(?is-m:a.)$", ["A\n"]),
            MatchCase("(?U)^a+$", ["aaa"]),
            MatchCase("(?-s)^a.$", ["ab"], not: ["a\n"]),
            MatchCase("^(?i)[^x]$", ["y"], not: ["x", "X"]),
            MatchCase("^(?i)[a-c]$", ["B"], not: ["D"]),
            MatchCase("^(?i)straße$", ["STRAẞE"], not: ["STRASSE"]),
            MatchCase("^(?i)[α-ω]σ$", ["ΣΣ", "ας", "Ωσ"], not: ["a\u{3c3}"]),
            MatchCase("^(?i)k\u{2126}$", ["\u{212a}ω", "KΩ"], not: ["xω"]),
            MatchCase("^(?i)\u{17f}$", ["s", "S"], not: ["z"]),
            MatchCase("^(?i)i$", ["I"], not: ["\u{131}", "\u{130}"]),
            MatchCase("^(?i)\u{131}$", ["\u{131}"], not: ["i", "I"]),
            MatchCase("^(?i)ǆ$", ["ǅ", "Ǆ"], not: ["d"]),
            MatchCase(#"^(?i)\W$"#, ["-"], not: ["\u{17f}", "\u{212a}"]),
            MatchCase("^(?i)[[:upper:]]$", ["a", "Z"], not: ["1"]),
            MatchCase(#"^(?i)\p{Lu}$"#, ["a", "é", "É"], not: ["1"]),
        ])
    func flags(_ test: MatchCase) throws { try check(test) }

    @Test(
        "Classes of Unicode are known by their categories",
        arguments: [
            MatchCase(#"^\pL\p{Lu}\p{Ll}$"#, ["日Éé", "aAa"], not: ["1Aa", "aaa"]),
            MatchCase(#"^\PL\P{Lu}\p{^Lu}\P{^Lu}$"#, ["1aaA"], not: ["aaaA", "1AaA"]),
            MatchCase(#"^[\pN\p{P}]+$"#, ["1²Ⅷ!“"], not: ["a", "+"]),
            MatchCase(#"^[^\pL]+$"#, ["1 "], not: ["a", "本"]),
            MatchCase(#"^\p{Zs}\p{S}\p{M}$"#, ["\u{a0}€\u{301}"], not: ["a€\u{301}"]),
            MatchCase(#"^\p{Any}\p{Cc}$"#, ["a\u{7}"], not: ["aa"]),
            MatchCase(#"^\p{LC}\p{digit}\p{punct}\p{C}$"#, ["a1!\u{378}"], not: ["日1!\u{378}", "a1!a"]),
            MatchCase(#"^\p{Letter}\p{uppercase_letter}$"#, ["aA"], not: ["aa"]),
        ])
    func unicodeClasses(_ test: MatchCase) throws { try check(test) }

    @Test(
        "A category has the characters that Swift says, all of them",
        arguments: [
            ("Lo", Unicode.GeneralCategory.otherLetter), ("Cn", .unassigned), ("Co", .privateUse),
            ("Lu", .uppercaseLetter),
        ])
    func completeCategories(name: String, category: Unicode.GeneralCategory) throws {
        var members: [UInt8] = []
        var others: [UInt8] = []
        for scalar in (0...0x10FFFF as ClosedRange<UInt32>).lazy.compactMap({ Unicode.Scalar($0) }) {
            if scalar.properties.generalCategory == category {
                members += UTF8.encode(scalar).map { Array($0) } ?? []
            } else {
                others += UTF8.encode(scalar).map { Array($0) } ?? []
            }
        }
        #expect(try !RetryPattern("\\P{\(name)}").matches(members))
        #expect(try !RetryPattern("\\p{\(name)}").matches(others))
        #expect(try RetryPattern("^\\p{\(name)}+$").matches(members))
    }

    @Test("Texts are the same pattern only when they are the same scalars")
    func equality() throws {
        #expect(try RetryPattern("a+") == RetryPattern("a+"))
        #expect(try RetryPattern("\u{e9}") != RetryPattern("e\u{301}"))
        #expect(try Set([RetryPattern("a"), RetryPattern("a"), RetryPattern("b")]).count == 2)
        #expect(try RetryPattern("x|y").text == "x|y")
    }

    private func check(_ test: MatchCase) throws {
        let pattern = try RetryPattern(test.pattern)
        for text in test.matches { #expect(pattern.matches(text), "should match \(text.debugDescription)") }
        for text in test.misses { #expect(!pattern.matches(text), "should miss \(text.debugDescription)") }
    }
}
