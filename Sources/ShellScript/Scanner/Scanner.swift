/// Reads the bytes of one command from left to right and notes what it sees.
///
/// Compound commands (`if`, `{`, `( )`, ..) live on an explicit stack; only what stands inside of a word
/// (`$( )`, `${ }`, backticks, double quotes) is read recursively, and that is bounded by
/// `ShellScan.depthLimit`.
struct Scanner {
    let bytes: [UInt8]
    var result = ShellScan()

    /// The next byte to be read.
    var position = 0
    /// The end of what may be read now: of the text, of a here-document or of what is in backticks.
    var limit: Int
    var depth = 0
    /// How many `( )`, `$( )` and backticks surround the position.
    var subshellDepth = 0
    /// How many function bodies surround the position.
    var functionDepth = 0

    /// Compound commands that are open, innermost last.
    var open: [OpenConstruct] = []
    /// Here-documents whose bodies begin after the next line end.
    var pendingHeredocs: [PendingHeredoc] = []
    /// Where the last function's name stands whose body has not begun.
    var pendingFunction: Int?
    /// Keywords seen as arguments, with the offset of the construct that may have waited for them.
    var keywordArguments: [(sign: JoinedLineSign, construct: Int)] = []
    /// Bytes that may still be read ahead to tell `((` from `( (`; keeps the whole linear.
    var lookaheadBudget: Int
    /// Whether `{a,b}` in a word makes several words; not so in assignments and `[[ ]]`.
    var expandsBraces = true
    /// Whether the word read last has a command substitution in it.
    var lastWordHasSubstitution = false

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        limit = bytes.count
        lookaheadBudget = bytes.count &* 4
    }

    /// Reads the whole text.
    mutating func scanAll() {
        scanList(until: .endOfText)
        noteUnfinished()
        dropAssignedVariables()
    }

    /// Forgets that only bash sets a variable when the command sets it itself.
    private mutating func dropAssignedVariables() {
        guard result.bashisms.contains(where: { $0.kind == .shellVariable }) else { return }
        let assigned = Set(result.assignments.map(\.name))
        let own = Set(result.expansions.filter { assigned.contains($0.name) }.map(\.range.lowerBound))
        result.bashisms.removeAll { $0.kind == .shellVariable && own.contains($0.range.lowerBound) }
    }

    /// The byte so many places ahead, or 0 behind the end of what may be read.
    func peek(_ distance: Int = 0) -> UInt8 {
        let index = position + distance
        return index < limit ? bytes[index] : 0
    }

    var isAtEnd: Bool { position >= limit }

    func matches(_ text: StaticString) -> Bool {
        guard position + text.utf8CodeUnitCount <= limit else { return false }
        for index in 0..<text.utf8CodeUnitCount where bytes[position + index] != text.utf8Start[index] {
            return false
        }
        return true
    }

    func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range.clamped(to: 0..<bytes.count)], as: UTF8.self)
    }

    /// Reads words in which `{a,b}` stays as it is.
    mutating func withoutBraces<Result>(_ body: (inout Scanner) -> Result) -> Result {
        let outer = expandsBraces
        expandsBraces = false
        let answer = body(&self)
        expandsBraces = outer
        return answer
    }

    /// Reads something within something else, or gives up on all the rest where that would be too deep.
    mutating func nested(_ body: (inout Scanner) -> Void) {
        guard depth < ShellScan.depthLimit else {
            result.isOpaque = true
            position = bytes.count
            limit = bytes.count
            return
        }
        depth += 1
        body(&self)
        depth -= 1
    }

    /// Reads from `start` to `end` as if the text ended there, then goes on at `next`.
    mutating func scanRegion(_ start: Int, _ end: Int, next: Int, _ body: (inout Scanner) -> Void) {
        let outer = limit
        position = start
        limit = end
        body(&self)
        guard !result.isOpaque else { return }
        limit = outer
        position = next
    }

    mutating func note(_ kind: Bashism.Kind, _ range: Range<Int>) {
        result.bashisms.append(Bashism(kind: kind, range: range))
    }

    mutating func noteOpen(_ kind: UnfinishedConstruct.Kind, at offset: Int) {
        result.unfinished.append(UnfinishedConstruct(kind: kind, offset: offset))
    }

    mutating func noteStray(_ word: String, at offset: Int) {
        result.strayClosers.append(StrayCloser(word: word, offset: offset))
    }

    mutating func noteAssignment(
        _ name: String, at offset: Int, _ form: ShellAssignment.Form, isLocal: Bool = false
    ) {
        guard !name.isEmpty else { return }
        let reach: ShellAssignment.Reach = subshellDepth > 0 || isLocal ? .subshell : .shell
        result.assignments.append(ShellAssignment(name: name, offset: offset, form: form, reach: reach))
    }

    private mutating func noteUnfinished() {
        closeConstructs(above: 0)
        if let pendingFunction { noteOpen(.function, at: pendingFunction) }
        for heredoc in pendingHeredocs {
            noteOpen(.hereDocument(delimiter: heredoc.delimiterText), at: heredoc.offset)
        }
        if result.isOpaque { result.unfinished = [] }
        guard !result.unfinished.isEmpty else { return }
        result.unfinished.sort { $0.offset < $1.offset }
        let waiting = Set(result.unfinished.map(\.offset))
        guard keywordArguments.contains(where: { waiting.contains($0.construct) }) else { return }
        for (sign, construct) in keywordArguments where waiting.contains(construct) {
            result.joinedLineSigns.append(sign)
        }
        result.joinedLineSigns.sort { $0.range.lowerBound < $1.range.lowerBound }
    }
}
