extension Scanner {
    /// Reads a redirection; the position is at its `<` or `>`.
    mutating func scanRedirection(_ list: inout CommandList) {
        let start = position
        list.draft.hasRedirection = true
        list.waitingOperator = nil
        if matches("<<<") {
            position += 3
            note(.hereString, start..<position)
        } else if matches("<<") {
            scanHeredocStart(from: start)
            return
        } else if matches(">&") || matches("<&") {
            position += 2
            scanDuplication(from: start)
            return
        } else {
            position += matches(">>") || matches(">|") || matches("<>") ? 2 : 1
        }
        scanRedirectionTarget(&list)
    }

    /// Reads the file name behind a redirection.
    mutating func scanRedirectionTarget(_ list: inout CommandList) {
        list.draft.hasRedirection = true
        skipBlanks()
        guard !isAtEnd, !ShellBytes.endsWord(peek()) || startsProcessSubstitution else { return }
        _ = scanWord(isArgument: true)
    }

    /// Whether `<(` or `>(` comes next.
    var startsProcessSubstitution: Bool {
        (peek() == ShellBytes.less || peek() == ShellBytes.greater) && peek(1) == ShellBytes.openParenthesis
    }

    /// Reads what follows `>&`: a descriptor everywhere, for bash also a file name.
    private mutating func scanDuplication(from start: Int) {
        skipBlanks()
        guard !isAtEnd, !ShellBytes.endsWord(peek()) else { return }
        let word = scanWord(isArgument: true)
        guard bytes[start] == ShellBytes.greater, let literal = word.literal else { return }
        let isDescriptor = literal.utf8.allSatisfy { ShellBytes.isDigit($0) || $0 == UInt8(ascii: "-") }
        if !isDescriptor { note(.redirectToFile, start..<word.range.upperBound) }
    }

    mutating func skipBlanks() {
        while !isAtEnd {
            if ShellBytes.isBlank(bytes[position]) {
                position += 1
            } else if peek() == ShellBytes.backslash, peek(1) == ShellBytes.newline {
                position += 2
            } else {
                return
            }
        }
    }

    /// Reads `<<` or `<<-` and the delimiter; the body comes after the line.
    private mutating func scanHeredocStart(from start: Int) {
        position += 2
        let stripsTabs = peek() == UInt8(ascii: "-")
        if stripsTabs { position += 1 }
        skipBlanks()
        result.hasHeredoc = true
        guard !isAtEnd, !ShellBytes.endsWord(peek()) else { return }
        // The delimiter is not expanded: what looks like an expansion in it is its text.
        let expansions = result.expansions.count
        let word = scanWord(isArgument: true)
        result.expansions.removeSubrange(min(expansions, result.expansions.count)...)
        pendingHeredocs.append(
            PendingHeredoc(
                delimiter: Array((word.literal ?? text(word.range)).utf8), isQuoted: word.isQuoted,
                stripsTabs: stripsTabs, offset: start))
    }

    /// Reads the bodies of the here-documents that the line before has begun.
    mutating func scanHeredocBodies() {
        guard !pendingHeredocs.isEmpty else { return }
        let heredocs = pendingHeredocs
        pendingHeredocs = []
        for heredoc in heredocs where !result.isOpaque {
            scanBody(of: heredoc)
        }
    }

    private mutating func scanBody(of heredoc: PendingHeredoc) {
        let start = position
        var line = position
        while line < limit {
            var end = line
            while end < limit, bytes[end] != ShellBytes.newline { end += 1 }
            var textStart = line
            if heredoc.stripsTabs {
                while textStart < end, bytes[textStart] == ShellBytes.tab { textStart += 1 }
            }
            if bytes[textStart..<end].elementsEqual(heredoc.delimiter) {
                // The newline behind the delimiter stays: it ends a line like any other.
                scanBodyText(start, line, next: end, heredoc)
                return
            }
            line = min(end + 1, limit)
        }
        noteOpen(.hereDocument(delimiter: heredoc.delimiterText), at: heredoc.offset)
        scanBodyText(start, limit, next: limit, heredoc)
    }

    private mutating func scanBodyText(_ start: Int, _ end: Int, next: Int, _ heredoc: PendingHeredoc) {
        guard !heredoc.isQuoted else {
            position = next
            return
        }
        scanRegion(start, end, next: next) { scanner in
            var ignored = WordDraft()
            while !scanner.isAtEnd {
                switch scanner.peek() {
                case ShellBytes.backslash: scanner.position = min(scanner.position + 2, scanner.limit)
                case ShellBytes.dollar: scanner.scanDollar(&ignored, inDoubleQuotes: true)
                case ShellBytes.backtick: scanner.scanBackticks(&ignored)
                default: scanner.position += 1
                }
            }
        }
    }
}
