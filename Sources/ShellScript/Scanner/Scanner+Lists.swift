/// What is known of the simple command that is being read.
struct CommandDraft {
    var words: [ShellWord] = []
    /// Assignments that stand before the command's name.
    var prefixes: [Int] = []
    /// Whether the command's name has a command substitution in it.
    var hasComputedName = false
    var hasRedirection = false

    var isEmpty: Bool { words.isEmpty && prefixes.isEmpty && !hasRedirection }
}

/// One list of commands: the whole text, or what stands in `$( )` or backticks.
struct CommandList {
    var end: ListEnd
    /// Where in the stack of open constructs this list begins.
    var base: Int
    /// How many `(` of this list are open.
    var subshells = 0
    var draft: CommandDraft
    var isDone = false
    /// Where the last `&&`, `||` or `|` stands that waits for a command.
    var waitingOperator: Int?
}

extension Scanner {
    /// Reads commands up to the end of the text, or to the `)` that closes a substitution, which is read too.
    ///
    /// Returns whether that end was found.
    @discardableResult
    mutating func scanList(until end: ListEnd) -> Bool {
        var list = CommandList(
            end: end, base: open.count, draft: CommandDraft())
        while !isAtEnd && !list.isDone {
            scanToken(&list)
        }
        finishCommand(&list)
        closeConstructs(above: list.base)
        if let offset = list.waitingOperator { noteOpen(.listOperator, at: offset) }
        return list.isDone || end == .endOfText
    }

    private mutating func scanToken(_ list: inout CommandList) {
        let byte = peek()
        switch byte {
        case ShellBytes.space, ShellBytes.tab:
            position += 1
        case ShellBytes.backslash where peek(1) == ShellBytes.newline && position + 1 < limit:
            position += 2
        case ShellBytes.newline:
            scanNewline(&list)
        case ShellBytes.hash:
            skipComment()
        case ShellBytes.semicolon:
            scanSemicolon(&list)
        case ShellBytes.ampersand:
            scanAmpersand(&list)
        case ShellBytes.bar:
            scanBar(&list)
        case ShellBytes.openParenthesis:
            scanOpenParenthesis(&list)
        case ShellBytes.closeParenthesis:
            scanCloseParenthesis(&list)
        case ShellBytes.less, ShellBytes.greater:
            if peek(1) == ShellBytes.openParenthesis {
                scanCommandWord(&list)
            } else {
                scanRedirection(&list)
            }
        default:
            scanCommandWord(&list)
        }
    }

    mutating func skipComment() {
        while !isAtEnd && bytes[position] != ShellBytes.newline { position += 1 }
    }

    private mutating func scanNewline(_ list: inout CommandList) {
        finishCommand(&list)
        endLoopHeader(list)
        position += 1
        scanHeredocBodies()
    }

    /// A separator ends the words of `for x in ..`.
    private mutating func endLoopHeader(_ list: CommandList) {
        guard let top = open.last, open.count > list.base else { return }
        if top.stage == .loopWords { open[open.count - 1].stage = .loopDo }
    }

    private mutating func scanSemicolon(_ list: inout CommandList) {
        let start = position
        finishCommand(&list)
        if peek(1) == ShellBytes.semicolon || peek(1) == ShellBytes.ampersand {
            let isLong = matches(";;&")
            position += isLong ? 3 : 2
            if isLong || bytes[position - 1] == ShellBytes.ampersand {
                note(.caseFallThrough, start..<position)
            }
            if let top = open.last, open.count > list.base, top.stage == .caseBody {
                open[open.count - 1].stage = .casePattern
            } else {
                noteStray(";;", at: start)
            }
            return
        }
        position += 1
        endLoopHeader(list)
        if let top = open.last, open.count > list.base, top.stage == .loopIn {
            open[open.count - 1].stage = .loopDo
        }
    }

    private mutating func scanAmpersand(_ list: inout CommandList) {
        if peek(1) == ShellBytes.greater {
            let start = position
            position += peek(2) == ShellBytes.greater ? 3 : 2
            note(.redirectBoth, start..<position)
            scanRedirectionTarget(&list)
            return
        }
        finishCommand(&list)
        if peek(1) == ShellBytes.ampersand { list.waitingOperator = position }
        position += peek(1) == ShellBytes.ampersand ? 2 : 1
    }

    private mutating func scanBar(_ list: inout CommandList) {
        finishCommand(&list)
        if open.count == list.base || open.last?.stage != .casePattern { list.waitingOperator = position }
        if peek(1) == ShellBytes.ampersand { note(.pipeBoth, position..<(position + 2)) }
        position += peek(1) == ShellBytes.bar || peek(1) == ShellBytes.ampersand ? 2 : 1
    }

    private mutating func scanOpenParenthesis(_ list: inout CommandList) {
        let start = position
        list.waitingOperator = nil
        if let top = open.last, open.count > list.base {
            if top.stage == .casePattern {
                position += 1
                return
            }
            if top.stage == .loopName && peek(1) == ShellBytes.openParenthesis {
                scanArithmeticCommand(.arithmeticFor)
                open[open.count - 1].stage = .loopDo
                return
            }
        }
        if list.draft.words.count == 1, let name = list.draft.words.first?.literal, !name.isEmpty,
            list.draft.prefixes.isEmpty, closesAtOnce()
        {
            pendingFunction = list.draft.words.first?.range.lowerBound
            list.draft = CommandDraft()
            return
        }
        guard list.draft.isEmpty else {
            // No shell takes a parenthesis behind a word; going on as in a subshell keeps pairs together.
            finishCommand(&list)
            pushSubshell(at: start, &list)
            return
        }
        if peek(1) == ShellBytes.openParenthesis && isArithmeticAhead() {
            result.hasCompound = true
            scanArithmeticCommand(.arithmeticCommand)
            return
        }
        pushSubshell(at: start, &list)
    }

    /// Reads `( )` of a function definition when that comes next.
    private mutating func closesAtOnce() -> Bool {
        var ahead = 1
        while ShellBytes.isBlank(peek(ahead)) && ahead < 16 { ahead += 1 }
        guard peek(ahead) == ShellBytes.closeParenthesis else { return false }
        position += ahead + 1
        result.hasCompound = true
        return true
    }

    private mutating func pushSubshell(at start: Int, _ list: inout CommandList) {
        position = start + 1
        push(.subshell, "(", at: start, stage: .body)
        list.subshells += 1
        subshellDepth += 1
    }

    private mutating func scanCloseParenthesis(_ list: inout CommandList) {
        let start = position
        finishCommand(&list)
        position += 1
        if let top = open.last, open.count > list.base, top.stage == .casePattern {
            open[open.count - 1].stage = .caseBody
            return
        }
        if list.subshells > 0 {
            while let top = open.last, top.kind != .subshell { dropUnfinished(top) }
            popConstruct()
            list.subshells -= 1
            subshellDepth -= 1
        } else if list.end == .closeParenthesis {
            list.isDone = true
        } else {
            noteStray(")", at: start)
        }
    }
}
