import RetryPattern
import TestSupport
import Testing

@Suite("Random patterns and texts") struct RandomPatternTests {
    @Test(
        "Random patterns match where a plain oracle says so, however the text is cut",
        arguments: 0..<400 as Range<UInt64>)
    func oracle(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let random = RandomPattern.random(depth: 4, with: &generator)
        let pattern = try RetryPattern(random.text)
        for _ in 0..<15 {
            let text = Self.randomText(&generator)
            let expected = random.matches(text)
            let bytes = Array(String(String.UnicodeScalarView(text)).utf8)
            #expect(pattern.matches(bytes) == expected, "\(random.text) in \(text)")
            var matcher = RetryPatternMatcher(pattern)
            for byte in bytes { matcher.feed([byte]) }
            #expect(matcher.finish() == expected, "\(random.text) in \(text), byte by byte")
        }
    }

    @Test("Python's re agrees on what both dialects say alike")
    func python() async throws {
        var generator = SeededGenerator(seed: 99)
        var questions: [String] = []
        var answers: [Bool] = []
        for _ in 0..<300 {
            let random = RandomPattern.random(depth: 3, with: &generator)
            let pattern = try RetryPattern(random.text)
            for _ in 0..<5 {
                let text = Self.randomText(&generator)
                questions.append(Self.hexadecimal(random.text.unicodeScalars))
                questions.append(Self.hexadecimal(text))
                answers.append(pattern.matches(String(String.UnicodeScalarView(text))))
            }
        }
        let output = try await PythonEnvironment().run(Self.program, input: questions.joined(separator: "\n"))
        let theirs = output.split(separator: "\n").map { $0 == "True" }
        #expect(theirs.count == answers.count)
        #expect(answers.contains(true) && answers.contains(false))
        let differences = zip(answers, theirs).enumerated().filter { $1.0 != $1.1 }.map { $0.offset }
        #expect(differences.map { "\(questions[2 * $0]) in \(questions[2 * $0 + 1])" } == [])
    }

    @Test(
        "No text of special characters makes reading or matching trap, or costs too much",
        arguments: 0..<60 as Range<UInt64>)
    func garbage(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let pieces = [
            "(", ")", "[", "]", "{", "}", "*", "+", "?", "|", "^", "$", ".", "\\", "-", ",", ":", "(?",
            "(?i)", "(?P<",
            ">", "[:alpha:]", "[[:^", ":]", "\\p", "\\pL", "\\P{", "\\x", "\\x{", "\\Q", "\\E", "\\b", "\\d",
            "{2}",
            "{3,}", "{0,9}", "a", "B", "7", "é", "\u{10FFFF}", "\0", "\n", "K", "ſ",
        ]
        var valid = 0
        for _ in 0..<300 {
            let text = (0..<(1 + generator.next() % 12)).map { _ in generator.pick(pieces) }.joined()
            guard let pattern = try? RetryPattern(text) else { continue }
            valid += 1
            var matcher = RetryPatternMatcher(pattern)
            let bytes = (0..<200).map { _ in
                generator.next() % 3 == 0
                    ? UInt8(truncatingIfNeeded: generator.next()) : generator.pick(Array("aB7- \nKs".utf8))
            }
            matcher.feed(Array(bytes[..<90]))
            matcher.feed(Array(bytes[90...]))
            #expect(matcher.finish() == pattern.matches(bytes))
            #expect(matcher.visitedInstructionCount <= 202 * 3 * matcher.instructionCount)
        }
        #expect(valid > 0)
    }

    private static func randomText(_ generator: inout SeededGenerator) -> [Unicode.Scalar] {
        (0..<(generator.next() % 9)).map { _ in generator.pick(RandomPattern.alphabet + ["c"]) }
    }

    private static func hexadecimal(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        "x" + scalars.map { String($0.value, radix: 16) }.joined(separator: " ")
    }

    /// Words of RE2 are put into those of Python; `\b` and its like mean ASCII only inside `(?a:)`.
    private static let program = #"""
        import re, sys
        lines = [
            "".join(chr(int(word, 16)) for word in line[1:].split())
            for line in sys.stdin.read().split("\n")]
        for pattern, text in zip(lines[::2], lines[1::2]):
            pattern = pattern.replace(r"\b", r"(?a:\b)")
            # Before 3.14, Python's \B never holds in an empty text.
            pattern = pattern.replace(r"\B", r"(?a:(?!\b))")
            print(re.search(pattern, text) is not None)
        """#
}
