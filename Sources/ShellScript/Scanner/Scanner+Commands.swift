extension Scanner {
    /// Reads a word where a command, one of its arguments or the header of a compound command stands.
    mutating func scanCommandWord(_ list: inout CommandList) {
        list.waitingOperator = nil
        let isHeader = open.count > list.base && open.last.map { isWaitingForWord($0.stage) } ?? false
        if !isHeader, list.draft.words.isEmpty, scanAssignment(&list) { return }
        let word = scanWord(isArgument: isHeader || !list.draft.words.isEmpty)
        guard !word.range.isEmpty else {
            position += 1
            return
        }
        if isDescriptor(word) { return }
        if takeHeaderWord(word, &list) { return }
        if list.draft.isEmpty, !word.isQuoted, let literal = word.literal {
            if takeReservedWord(literal, at: word.range.lowerBound, &list) { return }
            if literal == "[[" {
                scanConditional(word, &list)
                return
            }
        }
        pendingFunction = nil
        if list.draft.words.isEmpty {
            list.draft.hasComputedName = word.literal == nil && lastWordHasSubstitution
            list.draft.words.reserveCapacity(4)
        } else {
            noteKeywordArgument(word)
        }
        list.draft.words.append(word)
    }

    private func isWaitingForWord(_ stage: OpenConstruct.Stage) -> Bool {
        switch stage {
        case .loopName, .loopIn, .loopWords, .caseWord, .caseIn, .casePattern: true
        case .condition, .body, .elseBody, .loopDo, .caseBody: false
        }
    }

    /// Whether a word is the number before `<` or `>`.
    private func isDescriptor(_ word: ShellWord) -> Bool {
        guard peek() == ShellBytes.less || peek() == ShellBytes.greater, word.range.count < 4 else {
            return false
        }
        return !isAtEnd && bytes[word.range].allSatisfy(ShellBytes.isDigit)
    }

    /// Reads `X=..`, `X+=..`, `X[..]=..` or `X=(..)` before a command's name; false when there is none.
    private mutating func scanAssignment(_ list: inout CommandList) -> Bool {
        guard ShellBytes.isNameStart(peek()) else { return false }
        let start = position
        var end = position
        while end < limit, ShellBytes.isNameByte(bytes[end]) { end += 1 }
        let name = start..<end
        var isArray = false
        if end < limit, bytes[end] == UInt8(ascii: "[") {
            // A subscript may be long; one that is must not be read again and again.
            let bound = min(limit, end + 256)
            while end < bound, bytes[end] != UInt8(ascii: "]"), !ShellBytes.endsWord(bytes[end]) { end += 1 }
            guard end < bound, bytes[end] == UInt8(ascii: "]") else { return false }
            end += 1
            isArray = true
        }
        let isAppend = end < limit && bytes[end] == UInt8(ascii: "+")
        if isAppend { end += 1 }
        guard end < limit, bytes[end] == ShellBytes.equals else { return false }
        if isArray {
            note(.array, start..<(end + 1))
        } else if isAppend {
            note(.appendAssignment, start..<(end + 1))
        }
        position = end + 1
        pendingFunction = nil
        scanAssignedValue(from: start)
        list.draft.prefixes.append(result.assignments.count)
        noteAssignment(text(name), at: start, isAppend ? .append : .plain)
        return true
    }

    /// Reads the value of an assignment, which may be empty or the list of an array.
    private mutating func scanAssignedValue(from start: Int) {
        guard !isAtEnd else { return }
        if peek() == ShellBytes.openParenthesis {
            note(.array, start..<position + 1)
            scanArrayElements()
        } else if !ShellBytes.endsWord(peek()) || startsProcessSubstitution {
            _ = withoutBraces { $0.scanWord(isArgument: true) }
        }
    }

    /// Reads `(..)` of an array.
    private mutating func scanArrayElements() {
        let start = position
        position += 1
        while !isAtEnd {
            let byte = bytes[position]
            if byte == ShellBytes.closeParenthesis {
                position += 1
                return
            }
            if byte == ShellBytes.hash {
                skipComment()
            } else if ShellBytes.endsWord(byte) && !startsProcessSubstitution {
                position += 1
            } else {
                _ = scanWord(isArgument: true)
            }
        }
        noteOpen(.array, at: start)
    }

    /// Reads `[[ .. ]]`, in which `<`, `(` and `&&` are no operators of the shell.
    private mutating func scanConditional(_ opening: ShellWord, _ list: inout CommandList) {
        note(.doubleBracket, opening.range)
        list.draft.words.append(opening)
        pendingFunction = nil
        while !isAtEnd {
            let byte = bytes[position]
            if byte == ShellBytes.semicolon {
                break
            } else if ShellBytes.endsWord(byte) {
                position += 1
            } else if byte == ShellBytes.backslash, peek(1) == ShellBytes.newline {
                position += 2
            } else {
                let word = withoutBraces { $0.scanWord(isArgument: false) }
                list.draft.words.append(word)
                if word.literal == "]]", !word.isQuoted { return }
            }
        }
        noteOpen(.conditional, at: opening.range.lowerBound)
    }

    /// Ends the simple command that is being read, if there is one.
    mutating func finishCommand(_ list: inout CommandList) {
        let draft = list.draft
        guard !draft.isEmpty else { return }
        list.draft = CommandDraft()
        guard !draft.words.isEmpty else { return }
        for index in draft.prefixes where index < result.assignments.count {
            result.assignments[index].reach = .command
        }
        let command = SimpleCommand(
            words: draft.words, isInFunctionBody: functionDepth > 0, isInSubshell: subshellDepth > 0)
        result.simpleCommands.append(command)
        if draft.hasComputedName { result.readsUnknownScript = true }
        if let name = command.name { noteBuiltin(name, command) }
    }
}
