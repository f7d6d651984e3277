extension Scanner {
    /// Opens a compound command; it is a function's body when the head of one was just read.
    mutating func push(_ kind: OpenConstruct.Kind, _ word: String, at offset: Int, stage: OpenConstruct.Stage)
    {
        let isFunctionBody = pendingFunction != nil
        pendingFunction = nil
        if isFunctionBody { functionDepth += 1 }
        result.hasCompound = true
        open.append(
            OpenConstruct(
                kind: kind, offset: offset, stage: stage, word: word, reached: word,
                isFunctionBody: isFunctionBody))
    }

    /// Closes the innermost compound command.
    mutating func popConstruct() {
        guard let top = open.popLast() else { return }
        if top.isFunctionBody { functionDepth -= 1 }
    }

    /// Gives up on the innermost compound command, which something around it has cut short.
    mutating func dropUnfinished(_ top: OpenConstruct) {
        noteOpen(top.unfinishedKind, at: top.offset)
        popConstruct()
    }

    /// Gives up on what a list has left open.
    mutating func closeConstructs(above base: Int) {
        while open.count > base, let top = open.last {
            if top.kind == .subshell { subshellDepth -= 1 }
            dropUnfinished(top)
        }
    }

    /// Takes a word for a reserved one if it is that here, where a command may begin.
    ///
    /// Returns whether it was.
    mutating func takeReservedWord(_ word: String, at offset: Int, _ list: inout CommandList) -> Bool {
        guard mayBeReserved(word.utf8) else { return false }
        switch word {
        case "if": push(.ifClause, word, at: offset, stage: .condition)
        case "while", "until": push(.loop, word, at: offset, stage: .condition)
        case "for": push(.loop, word, at: offset, stage: .loopName)
        case "select":
            note(.select, offset..<(offset + 6))
            push(.loop, word, at: offset, stage: .loopName)
        case "case": push(.caseClause, word, at: offset, stage: .caseWord)
        case "{": push(.brace, word, at: offset, stage: .body)
        case "!": break
        case "time":
            // A keyword of bash, a program elsewhere: what follows is a command either way.
            break
        case "coproc":
            note(.coprocess, offset..<(offset + 6))
        case "function":
            scanFunctionKeyword(at: offset)
        case "then", "elif", "else", "fi", "do", "done", "esac", "}":
            if !advance(word, above: list.base) { noteStray(word, at: offset) }
        default:
            return false
        }
        return true
    }

    /// Whether length and first letter are those of a reserved word; most commands are told apart by that.
    private func mayBeReserved(_ word: String.UTF8View) -> Bool {
        guard let first = word.first else { return false }
        return switch word.count {
        case 1: first == ShellBytes.openBrace || first == ShellBytes.closeBrace || first == UInt8(ascii: "!")
        case 2...6, 8: "cdefistuw".utf8.contains(first)
        default: false
        }
    }

    /// Takes the innermost construct one step further; false when the word is not for it.
    private mutating func advance(_ word: String, above base: Int) -> Bool {
        guard let top = open.last, open.count > base else { return false }
        switch (word, top.kind, top.stage) {
        case ("then", .ifClause, .condition):
            reach(word, .body)
        case ("elif", .ifClause, .body):
            reach(word, .condition)
        case ("else", .ifClause, .body):
            reach(word, .elseBody)
        case ("fi", .ifClause, .body), ("fi", .ifClause, .elseBody):
            popConstruct()
        case ("do", .loop, .condition), ("do", .loop, .loopDo), ("do", .loop, .loopIn):
            reach(word, .body)
        case ("done", .loop, .body), ("esac", .caseClause, .caseBody), ("esac", .caseClause, .casePattern),
            ("}", .brace, .body):
            popConstruct()
        default:
            return false
        }
        return true
    }

    private mutating func reach(_ word: String, _ stage: OpenConstruct.Stage) {
        open[open.count - 1].reached = word
        open[open.count - 1].stage = stage
    }

    /// Reads a word where the innermost construct, not a command, waits for one; false when none does.
    mutating func takeHeaderWord(_ word: ShellWord, _ list: inout CommandList) -> Bool {
        guard let top = open.last, open.count > list.base else { return false }
        let reserved = word.isQuoted ? nil : word.literal
        let last = open.count - 1
        switch top.stage {
        case .loopName:
            if let name = word.literal { noteAssignment(name, at: word.range.lowerBound, .loop) }
            open[last].stage = .loopIn
        case .loopIn:
            if reserved == "in" {
                open[last].stage = .loopWords
            } else if reserved == "do" {
                reach("do", .body)
            }
        case .loopWords:
            noteKeywordArgument(word)
        case .caseWord:
            open[last].stage = .caseIn
        case .caseIn:
            if reserved == "in" { open[last].stage = .casePattern }
        case .casePattern:
            if reserved == "esac" && isFirstPattern(word) { popConstruct() }
        default:
            return false
        }
        return true
    }

    /// Whether nothing but blanks and line ends stand between a pattern and the `in` or `;;` before it.
    private func isFirstPattern(_ word: ShellWord) -> Bool {
        var index = word.range.lowerBound - 1
        while index >= 0, ShellBytes.isBlank(bytes[index]) { index -= 1 }
        guard index >= 0 else { return false }
        return bytes[index] != ShellBytes.bar && bytes[index] != ShellBytes.openParenthesis
    }

    /// Notes a reserved word that is only an argument, should the innermost construct wait for it in vain.
    mutating func noteKeywordArgument(_ word: ShellWord) {
        if bytes[word.range.lowerBound] == ShellBytes.backslash, word.range.count > 1,
            ShellBytes.isBlank(bytes[word.range.lowerBound + 1])
        {
            result.joinedLineSigns.append(JoinedLineSign(kind: .escapedBlank, range: word.range))
            return
        }
        guard !word.isQuoted, let literal = word.literal, let top = open.last else { return }
        let isAwaited =
            switch (literal, top.kind) {
            case ("then", .ifClause), ("else", .ifClause), ("elif", .ifClause), ("fi", .ifClause): true
            case ("do", .loop), ("done", .loop), ("esac", .caseClause): true
            default: false
            }
        guard isAwaited else { return }
        keywordArguments.append((JoinedLineSign(kind: .keyword(literal), range: word.range), top.offset))
    }

    /// Reads the name behind `function`.
    private mutating func scanFunctionKeyword(at offset: Int) {
        note(.functionKeyword, offset..<position)
        while ShellBytes.isBlank(peek()) { position += 1 }
        let start = position
        while !isAtEnd, !ShellBytes.endsWord(peek()) { position += 1 }
        guard position > start else { return }
        var ahead = 0
        while ShellBytes.isBlank(peek(ahead)) && ahead < 16 { ahead += 1 }
        if peek(ahead) == ShellBytes.openParenthesis && peek(ahead + 1) == ShellBytes.closeParenthesis {
            position += ahead + 2
        }
        pendingFunction = offset
        result.hasCompound = true
    }
}
