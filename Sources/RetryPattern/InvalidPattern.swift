/// Why a text is no regular expression of Go's dialect.
package struct InvalidPattern: Error, Sendable, Hashable, CustomStringConvertible {
    /// The closed set of mistakes; those of Go's `regexp/syntax`, and one of ours.
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// A range that runs backwards, or a class whose name nobody knows.
        case invalidCharacterRange
        /// A backslash before something that it gives no meaning, such as a backreference.
        case invalidEscape
        /// A group whose name is empty, not closed or not of letters, digits and `_`.
        case invalidNamedCapture
        /// `(?` before something unknown, such as look-around.
        case invalidPerlSyntax
        /// An operator right after another, as in `a**`.
        case invalidNestedRepetition
        /// A count beyond 1000, counts that run backwards, or nested counts whose product is beyond 1000.
        case invalidRepeatCount
        /// `[` without its `]`.
        case missingBracket
        /// `(` without its `)`.
        case missingParenthesis
        /// An operator with nothing before it.
        case missingRepetitionArgument
        /// A backslash with nothing after it.
        case trailingBackslash
        /// `)` without its `(`.
        case unexpectedParenthesis
        /// A tree of more than 1000 levels.
        case nestingDepth
        /// More instructions or ranges of characters than the limits allow.
        case expressionTooLarge
        /// A script such as `\p{Greek}`, which Go knows and we do not.
        case unsupportedScript
    }

    /// Which mistake.
    package let code: Code
    /// The part of the expression that Go would quote; for some mistakes that is the whole expression.
    package let piece: String
    /// The place of the mistake, in Unicode scalars from the beginning of the expression.
    package let offset: Int

    /// The mistake in the words of Go's `regexp/syntax`.
    package var description: String {
        code == .unsupportedScript
            ? "unsupported Unicode script: `\(piece)`" : "error parsing regexp: \(code.words): `\(piece)`"
    }
}

extension InvalidPattern.Code {
    /// The mistake without what it is about.
    fileprivate var words: String {
        switch self {
        case .invalidCharacterRange: "invalid character class range"
        case .invalidEscape: "invalid escape sequence"
        case .invalidNamedCapture: "invalid named capture"
        case .invalidPerlSyntax: "invalid or unsupported Perl syntax"
        case .invalidNestedRepetition: "invalid nested repetition operator"
        case .invalidRepeatCount: "invalid repeat count"
        case .missingBracket: "missing closing ]"
        case .missingParenthesis: "missing closing )"
        case .missingRepetitionArgument: "missing argument to repetition operator"
        case .trailingBackslash: "trailing backslash at end of expression"
        case .unexpectedParenthesis: "unexpected )"
        case .nestingDepth: "expression nests too deeply"
        case .expressionTooLarge: "expression too large"
        case .unsupportedScript: "unsupported Unicode script"
        }
    }
}
