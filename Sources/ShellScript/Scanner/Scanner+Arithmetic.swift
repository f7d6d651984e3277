extension Scanner {
    /// Reads `$((..))`, or `$( (..) .. )` written without a blank; the position is at the `$`.
    mutating func scanArithmeticExpansion() {
        let start = position
        position += 1
        guard isArithmeticAhead() else { return scanCommandSubstitution(at: start) }
        position += 2
        scanArithmetic(from: start)
    }

    /// Reads `((..))` where a command or the head of a `for` may stand.
    mutating func scanArithmeticCommand(_ kind: Bashism.Kind) {
        let start = position
        position += 2
        nested { $0.scanArithmetic(from: start) }
        note(kind, start..<min(position, limit))
    }

    /// Whether the `((` here is closed by `))`, its inner parenthesis not earlier than the outer.
    ///
    /// Where the text ends first, or has been read ahead too often, the answer is yes.
    mutating func isArithmeticAhead() -> Bool {
        var index = position
        var parentheses = 0
        defer { lookaheadBudget -= index - position }
        while index < limit, index - position < lookaheadBudget {
            switch bytes[index] {
            case ShellBytes.openParenthesis:
                parentheses += 1
            case ShellBytes.closeParenthesis:
                parentheses -= 1
                if parentheses < 2 {
                    return index + 1 >= limit || bytes[index + 1] == ShellBytes.closeParenthesis
                }
            case ShellBytes.backslash:
                index += 1
            case ShellBytes.singleQuote, ShellBytes.doubleQuote:
                let quote = bytes[index]
                index += 1
                while index < limit, bytes[index] != quote { index += 1 }
            default:
                break
            }
            index += 1
        }
        return true
    }

    /// Reads arithmetic behind its two opening parentheses, up to and with the closing ones.
    private mutating func scanArithmetic(from start: Int) {
        var parentheses = 2
        var ignored = WordDraft()
        while !isAtEnd, parentheses > 0 {
            let byte = bytes[position]
            switch byte {
            case ShellBytes.openParenthesis:
                parentheses += 1
                position += 1
            case ShellBytes.closeParenthesis:
                parentheses -= 1
                position += 1
            case ShellBytes.backslash: position = min(position + 2, limit)
            case ShellBytes.doubleQuote: scanDoubleQuoted(&ignored)
            case ShellBytes.dollar: scanDollar(&ignored, inDoubleQuotes: true)
            case ShellBytes.backtick: scanBackticks(&ignored)
            default:
                if ShellBytes.isNameStart(byte) {
                    scanArithmeticName()
                } else if ShellBytes.isDigit(byte) || byte == ShellBytes.hash {
                    position += 1
                    while !isAtEnd, ShellBytes.isNameByte(bytes[position]) { position += 1 }
                } else {
                    position += 1
                }
            }
        }
        if parentheses > 0 { noteOpen(.arithmetic, at: start) }
    }

    /// Reads a name in arithmetic, where an assignment may follow it.
    private mutating func scanArithmeticName() {
        let start = position
        let name = scanName()
        let end = position
        var ahead = 0
        while ShellBytes.isBlank(peek(ahead)) && ahead < 8 { ahead += 1 }
        if assigns(at: ahead) {
            noteAssignment(name, at: start, .arithmetic)
        } else {
            noteExpansion(ShellExpansion(name: name, range: start..<end, isArithmetic: true))
        }
    }

    /// Whether `=`, `+=`, `++` or their like stand so far ahead.
    private func assigns(at ahead: Int) -> Bool {
        let next = peek(ahead + 1)
        switch peek(ahead) {
        case ShellBytes.equals: return next != ShellBytes.equals
        case UInt8(ascii: "+"), UInt8(ascii: "-"): return next == peek(ahead) || next == ShellBytes.equals
        case UInt8(ascii: "*"), UInt8(ascii: "/"), UInt8(ascii: "%"), UInt8(ascii: "|"), UInt8(ascii: "&"),
            UInt8(ascii: "^"):
            return next == ShellBytes.equals
        default: return false
        }
    }
}
