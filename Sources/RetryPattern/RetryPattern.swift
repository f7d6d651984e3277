/// The regular expression of `on-failure: RETRY-<regex>`.
///
/// The dialect is that of Go's `regexp`, because a Go program matches it against what a failed phase has
/// printed (section 1.6 of the behaviour reference, "on-failure"): RE2 syntax without backreferences and
/// look-around. Whether an operator is lazy, and what a group captures, is read and checked but has no
/// meaning here, where the only question is whether the pattern matches anywhere.
package struct RetryPattern: Sendable, Hashable {
    /// The expression as it was written.
    package let text: String

    let program: PatternProgram

    /// Reads an expression.
    ///
    /// Time and memory are linear in the text and in the copies that counted repetitions ask for, which are
    /// at most ``maximumInstructionCount``.
    ///
    /// - Throws: what is wrong with it, in the words of Go.
    package init(_ text: String) throws(InvalidPattern) {
        var parser = PatternParser(text)
        self.text = text
        program = PatternProgram(try parser.parse())
    }

    /// The size beyond which an expression is refused as too large.
    ///
    /// One instruction is a character, a class, an assertion, a choice or a jump. Go allows about 3.3
    /// million.
    package static let maximumInstructionCount = 100_000

    /// Whether the expression matches anywhere in a whole text.
    package func matches(_ text: String) -> Bool {
        matches(Array(text.utf8))
    }

    /// Whether the expression matches anywhere in a whole text, which need not be valid UTF-8.
    package func matches(_ bytes: [UInt8]) -> Bool {
        var matcher = RetryPatternMatcher(self)
        matcher.feed(bytes)
        return matcher.finish()
    }

    /// Two expressions are equal when their texts are, scalar for scalar.
    package static func == (left: Self, right: Self) -> Bool {
        left.text.unicodeScalars.elementsEqual(right.text.unicodeScalars)
    }

    /// Feeds the scalars of the text to the hasher.
    package func hash(into hasher: inout Hasher) {
        for scalar in text.unicodeScalars { hasher.combine(scalar) }
    }
}
