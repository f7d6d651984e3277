extension Scanner {
    /// Reads what a `$` begins; alone it stands for itself.
    mutating func scanDollar(_ draft: inout WordDraft, inDoubleQuotes: Bool) {
        let start = position
        let next = peek(1)
        switch next {
        case ShellBytes.openBrace:
            draft.isLiteral = false
            nested { $0.scanParameter(inDoubleQuotes: inDoubleQuotes) }
        case ShellBytes.openParenthesis:
            draft.isLiteral = false
            if peek(2) == ShellBytes.openParenthesis {
                nested { $0.scanArithmeticExpansion() }
            } else {
                draft.hasSubstitution = true
                position += 1
                scanCommandSubstitution(at: start)
            }
        case ShellBytes.singleQuote where !inDoubleQuotes:
            scanANSIQuoted(&draft)
        case UInt8(ascii: "@"), UInt8(ascii: "*"), ShellBytes.hash, UInt8(ascii: "?"), UInt8(ascii: "-"),
            ShellBytes.dollar, UInt8(ascii: "!"):
            draft.isLiteral = false
            position += 2
        default:
            if ShellBytes.isNameStart(next) {
                draft.isLiteral = false
                position += 1
                let name = scanName()
                noteExpansion(ShellExpansion(name: name, range: start..<position))
            } else if ShellBytes.isDigit(next) {
                draft.isLiteral = false
                position += 2
            } else {
                draft.literal.append(ShellBytes.dollar)
                position += 1
            }
        }
    }

    /// Reads the bytes of a name.
    mutating func scanName() -> String {
        let start = position
        while !isAtEnd, ShellBytes.isNameByte(bytes[position]) { position += 1 }
        return text(start..<position)
    }

    /// Notes a used variable, and that only bash sets it where that is so.
    mutating func noteExpansion(_ expansion: ShellExpansion) {
        guard !expansion.name.isEmpty else { return }
        result.expansions.append(expansion)
        if !expansion.hasDefault && !expansion.isArithmetic && isBashVariable(expansion.name) {
            note(.shellVariable, expansion.range)
        }
    }

    /// Reads `(..)` of a substitution whose first byte stands at `start`; the position is at the parenthesis.
    mutating func scanCommandSubstitution(at start: Int) {
        nested { scanner in
            scanner.position += 1
            let outer = scanner.expandsBraces
            defer { scanner.expandsBraces = outer }
            scanner.expandsBraces = true
            scanner.subshellDepth += 1
            if !scanner.scanList(until: .closeParenthesis) {
                scanner.noteOpen(.commandSubstitution, at: start)
            }
            scanner.subshellDepth -= 1
        }
    }

    /// Reads `` `..` ``.
    mutating func scanBackticks(_ draft: inout WordDraft) {
        let start = position
        draft.isLiteral = false
        draft.hasSubstitution = true
        var end = position + 1
        while end < limit, bytes[end] != ShellBytes.backtick {
            end += bytes[end] == ShellBytes.backslash ? 2 : 1
        }
        end = min(end, limit)
        let isClosed = end < limit
        if !isClosed { noteOpen(.backtick, at: start) }
        nested { scanner in
            scanner.subshellDepth += 1
            scanner.scanRegion(start + 1, end, next: isClosed ? end + 1 : end) {
                $0.scanList(until: .endOfText)
            }
            scanner.subshellDepth -= 1
        }
    }

    /// Reads `${..}`; the position is at the `$`.
    mutating func scanParameter(inDoubleQuotes: Bool) {
        let start = position
        let firstNote = result.bashisms.count
        position += 2
        var expansion = ShellExpansion(name: "", range: start..<start)
        if peek() == ShellBytes.hash, ShellBytes.isNameStart(peek(1)) {
            position += 1
        } else if peek() == UInt8(ascii: "!"), ShellBytes.isNameStart(peek(1)) {
            position += 1
            expansion.isIndirect = true
        }
        let nameStart = position
        if ShellBytes.isNameStart(peek()) {
            expansion.name = scanName()
            expansion.range = start..<position
            scanSubscript(of: expansion.name, from: start)
        } else if !isAtEnd, peek() != ShellBytes.closeBrace {
            position += 1
            while ShellBytes.isDigit(peek()) { position += 1 }
        }
        let modifier = scanModifier(&expansion, from: start)
        if modifier != .unknown {
            noteExpansion(expansion)
            if expansion.isIndirect { note(.indirection, start..<position) }
            if modifier == .assigning { noteAssignment(expansion.name, at: nameStart, .expansion) }
        }
        let ownNotes = firstNote..<result.bashisms.count
        scanParameterRest(from: start, quotesCount: !inDoubleQuotes || modifier == .pattern)
        for index in ownNotes where result.bashisms[index].range.lowerBound == start {
            result.bashisms[index].range = start..<min(position, bytes.count)
        }
    }

    /// Reads `[..]` behind a name in `${ }`.
    private mutating func scanSubscript(of name: String, from start: Int) {
        guard peek() == UInt8(ascii: "[") else { return }
        if !isBashVariable(name) { note(.array, start..<position) }
        var ignored = WordDraft()
        while !isAtEnd, peek() != UInt8(ascii: "]"), peek() != ShellBytes.closeBrace {
            if peek() == ShellBytes.dollar {
                scanDollar(&ignored, inDoubleQuotes: true)
            } else {
                position += 1
            }
        }
        if peek() == UInt8(ascii: "]") { position += 1 }
    }

    private enum Modifier { case none, defaulting, assigning, pattern, bash, unknown }

    /// Reads the operator behind a name in `${ }`; `unknown` for what no shell takes, a template's text
    /// perhaps.
    private mutating func scanModifier(_ expansion: inout ShellExpansion, from start: Int) -> Modifier {
        let hasColon = peek() == UInt8(ascii: ":")
        let operation = hasColon ? peek(1) : peek()
        switch operation {
        case ShellBytes.equals, UInt8(ascii: "-"), UInt8(ascii: "+"):
            position += hasColon ? 2 : 1
            expansion.hasDefault = true
            return operation == ShellBytes.equals ? .assigning : .defaulting
        case UInt8(ascii: "?"):
            position += hasColon ? 2 : 1
            expansion.isRequired = true
            return .defaulting
        case ShellBytes.closeBrace where !hasColon:
            return .none
        default:
            break
        }
        if hasColon {
            let isSubstring =
                ShellBytes.isDigit(operation) || operation == ShellBytes.space
                || operation == ShellBytes.dollar || operation == ShellBytes.openParenthesis
            guard isSubstring else { return .unknown }
            note(.substring, start..<position)
            return .bash
        }
        switch operation {
        case ShellBytes.hash, UInt8(ascii: "%"):
            return .pattern
        case UInt8(ascii: "/"):
            note(.replacement, start..<position)
            return .pattern
        case UInt8(ascii: "^"), UInt8(ascii: ","):
            note(.caseChange, start..<position)
            return .bash
        case UInt8(ascii: "@") where ShellBytes.isNameStart(peek(1)) && peek(2) == ShellBytes.closeBrace:
            note(.transformation, start..<position)
            return .bash
        case UInt8(ascii: "*") where expansion.isIndirect, UInt8(ascii: "@") where expansion.isIndirect:
            return .bash
        default:
            return .unknown
        }
    }

    /// Reads up to the `}` that closes a `${` at `start`.
    private mutating func scanParameterRest(from start: Int, quotesCount: Bool) {
        var ignored = WordDraft()
        while !isAtEnd {
            switch bytes[position] {
            case ShellBytes.closeBrace:
                position += 1
                return
            case ShellBytes.backslash: position = min(position + 2, limit)
            case ShellBytes.singleQuote where quotesCount: scanSingleQuoted(&ignored)
            case ShellBytes.doubleQuote: scanDoubleQuoted(&ignored)
            case ShellBytes.dollar: scanDollar(&ignored, inDoubleQuotes: !quotesCount)
            case ShellBytes.backtick: scanBackticks(&ignored)
            default: position += 1
            }
        }
        noteOpen(.parameter, at: start)
    }
}
