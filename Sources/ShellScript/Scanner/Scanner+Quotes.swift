extension Scanner {
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
}
