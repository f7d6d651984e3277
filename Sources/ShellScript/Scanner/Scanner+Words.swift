/// The word that is being read.
struct WordDraft {
    /// The bytes after quote removal.
    var literal: [UInt8] = []
    var isLiteral = true
    var isQuoted = false
    var hasSubstitution = false
    /// Where an unquoted `{` stands that a `}` may close.
    var brace: Int?
}

extension Scanner {
    /// Reads one word; the position is at its first byte, which is part of it in any case but for `(` and
    /// `)`.
    mutating func scanWord(isArgument: Bool) -> ShellWord {
        let start = position
        while position < limit, ShellBytes.isPlain(bytes[position]) { position += 1 }
        lastWordHasSubstitution = false
        if position >= limit || (ShellBytes.endsWord(bytes[position]) && !goesOn(from: start, isArgument)) {
            return ShellWord(literal: text(start..<position), range: start..<position, isQuoted: false)
        }
        var draft = WordDraft(literal: Array(bytes[start..<position]))
        while !isAtEnd {
            guard scanWordPart(&draft, from: start, isArgument) else { break }
        }
        lastWordHasSubstitution = draft.hasSubstitution
        let literal = draft.isLiteral ? String(decoding: draft.literal, as: UTF8.self) : nil
        return ShellWord(literal: literal, range: start..<max(start, position), isQuoted: draft.isQuoted)
    }

    /// Whether a byte that ends words goes on with this one: `@(..)` of bash, or process substitution.
    private func goesOn(from start: Int, _ isArgument: Bool) -> Bool {
        switch peek() {
        case ShellBytes.less, ShellBytes.greater:
            return peek(1) == ShellBytes.openParenthesis
        case ShellBytes.openParenthesis:
            guard position > start else { return false }
            switch bytes[position - 1] {
            case UInt8(ascii: "!"): return isArgument || position - start > 1
            case UInt8(ascii: "?"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "@"): return true
            default: return false
            }
        default:
            return false
        }
    }

    /// Reads the next part of a word; false at its end.
    private mutating func scanWordPart(_ draft: inout WordDraft, from start: Int, _ isArgument: Bool) -> Bool
    {
        let byte = bytes[position]
        switch byte {
        case ShellBytes.backslash:
            scanEscape(&draft)
        case ShellBytes.singleQuote:
            scanSingleQuoted(&draft)
        case ShellBytes.doubleQuote:
            scanDoubleQuoted(&draft)
        case ShellBytes.dollar:
            scanDollar(&draft, inDoubleQuotes: false)
        case ShellBytes.backtick:
            scanBackticks(&draft)
        case ShellBytes.openBrace:
            draft.brace = position
            draft.literal.append(byte)
            position += 1
        case ShellBytes.closeBrace:
            draft.literal.append(byte)
            position += 1
            if expandsBraces, let brace = draft.brace, isBraceExpansion(brace..<position) {
                note(.braceExpansion, brace..<position)
            }
            draft.brace = nil
        case 0:
            result.hasNUL = true
            position += 1
        default:
            if ShellBytes.endsWord(byte) {
                guard goesOn(from: start, isArgument) else { return false }
                scanBashWordPart(&draft)
                return true
            }
            draft.literal.append(byte)
            position += 1
        }
        return true
    }

    /// Reads `<( )`, `>( )` or the group of an extended pattern.
    private mutating func scanBashWordPart(_ draft: inout WordDraft) {
        draft.isLiteral = false
        guard peek() == ShellBytes.openParenthesis else {
            note(.processSubstitution, position..<(position + 2))
            position += 1
            scanCommandSubstitution(at: position - 1)
            return
        }
        let start = position
        var parentheses = 0
        repeat {
            switch peek() {
            case ShellBytes.openParenthesis:
                parentheses += 1
                position += 1
            case ShellBytes.closeParenthesis:
                parentheses -= 1
                position += 1
            case ShellBytes.backslash: scanEscape(&draft)
            case ShellBytes.singleQuote: scanSingleQuoted(&draft)
            case ShellBytes.doubleQuote: scanDoubleQuoted(&draft)
            case ShellBytes.dollar: scanDollar(&draft, inDoubleQuotes: false)
            case ShellBytes.backtick: scanBackticks(&draft)
            default: position += 1
            }
        } while parentheses > 0 && !isAtEnd
        if parentheses > 0 { noteOpen(.subshell, at: start) }
    }
}
