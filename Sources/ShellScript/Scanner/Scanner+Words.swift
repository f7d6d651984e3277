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
    /// Reads one word; the position is at its first byte, which is part of it in any case but for `(` and `)`.
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
            if let brace = draft.brace, isBraceExpansion(brace..<position) {
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

    /// Reads a backslash outside of quotes and the byte behind it.
    mutating func scanEscape(_ draft: inout WordDraft) {
        position += 1
        guard !isAtEnd else {
            if limit == bytes.count { result.endsInBackslash = true }
            return
        }
        let byte = bytes[position]
        position += 1
        guard byte != ShellBytes.newline else { return }
        draft.isQuoted = true
        draft.literal.append(byte)
    }

    /// Reads `'..'`.
    mutating func scanSingleQuoted(_ draft: inout WordDraft) {
        let start = position
        draft.isQuoted = true
        position += 1
        while !isAtEnd, bytes[position] != ShellBytes.singleQuote {
            if bytes[position] == 0 { result.hasNUL = true }
            position += 1
        }
        draft.literal.append(contentsOf: bytes[(start + 1)..<max(start + 1, position)])
        guard !isAtEnd else { return noteOpen(.singleQuote, at: start) }
        position += 1
    }

    /// Reads `$'..'`; the position is at the `$`.
    mutating func scanANSIQuoted(_ draft: inout WordDraft) {
        let start = position
        draft.isQuoted = true
        draft.isLiteral = false
        position += 2
        while !isAtEnd, bytes[position] != ShellBytes.singleQuote {
            position += bytes[position] == ShellBytes.backslash && position + 1 < limit ? 2 : 1
        }
        guard !isAtEnd else { return noteOpen(.ansiQuote, at: start) }
        position += 1
        note(.ansiQuote, start..<position)
    }

    /// Reads `".."`.
    mutating func scanDoubleQuoted(_ draft: inout WordDraft) {
        let start = position
        draft.isQuoted = true
        position += 1
        while !isAtEnd {
            let byte = bytes[position]
            switch byte {
            case ShellBytes.doubleQuote:
                position += 1
                return
            case ShellBytes.backslash:
                scanEscapeInQuotes(&draft)
            case ShellBytes.dollar:
                scanDollar(&draft, inDoubleQuotes: true)
            case ShellBytes.backtick:
                scanBackticks(&draft)
            default:
                if byte == 0 { result.hasNUL = true }
                draft.literal.append(byte)
                position += 1
            }
        }
        noteOpen(.doubleQuote, at: start)
    }

    /// Reads a backslash in double quotes or in a here-document, where it only escapes what is special there.
    mutating func scanEscapeInQuotes(_ draft: inout WordDraft) {
        switch peek(1) {
        case ShellBytes.dollar, ShellBytes.backtick, ShellBytes.doubleQuote, ShellBytes.backslash:
            draft.literal.append(bytes[position + 1])
            position += 2
        case ShellBytes.newline:
            position += 2
        default:
            draft.literal.append(ShellBytes.backslash)
            position += 1
        }
    }

    /// Whether `{..}` is what bash would make several words of, and not JSON or the shorthand of a program.
    private func isBraceExpansion(_ range: Range<Int>) -> Bool {
        guard range.lowerBound == 0 || bytes[range.lowerBound - 1] != ShellBytes.dollar else { return false }
        let inner = bytes[(range.lowerBound + 1)..<(range.upperBound - 1)]
        var hasComma = false
        for byte in inner {
            switch byte {
            case UInt8(ascii: ","): hasComma = true
            case UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "*"),
                ShellBytes.dollar:
                break
            default: guard ShellBytes.isNameByte(byte) else { return false }
            }
        }
        if hasComma { return true }
        return isRange(inner)
    }

    /// Whether the text is a range as in `{1..3}` or `{a..z}`.
    private func isRange(_ inner: ArraySlice<UInt8>) -> Bool {
        let parts = inner.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3 || parts.count == 5, parts[1].isEmpty, parts.count == 3 || parts[3].isEmpty
        else {
            return false
        }
        let isLetters = parts[0].count == 1 && parts[2].count == 1
        let isNumbers = [parts[0], parts[2]].allSatisfy { part in
            let digits = part.first == UInt8(ascii: "-") ? part.dropFirst() : part
            return !digits.isEmpty && digits.allSatisfy(ShellBytes.isDigit)
        }
        return isLetters || isNumbers
    }
}
