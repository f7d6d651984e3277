import Glibc

extension StreamMasker {
    /// How many of the last bytes of the stream have to be known to judge a line break that comes next.
    static var recentCount: Int { WrappedCursor.shortestLine + 1 }

    /// Reads a piece, and notes what ends in it.
    ///
    /// Where no secret has begun, ``PrefixFilter`` looks for the next place where one may begin; from there on the
    /// automaton reads byte by byte, until less than the filter looks at is left of any beginning.
    mutating func scan(_ chunk: StreamChunk) {
        let automaton = secrets.automaton
        let (rows, columns) = (automaton.rows.span, automaton.columns.span)
        let (rowCount, columnCount) = (UInt32(automaton.rowCount), automaton.columnCount)
        let bytes = chunk.bytes
        var skimmer = Skimmer(bytes: bytes, recent: recent)
        var current = state
        var index = 0
        // Never skimming again what was just found by skimming keeps this linear.
        var steady = 0
        while index < bytes.count {
            if current < automaton.shallowLimit, index >= steady, accessKeys.isIdle, wrapped == nil {
                let begin = index - automaton.depth(current)
                if begin >= 0 {
                    (index, steady) = skimmer.next(from: begin, automaton.filter)
                    current = PatternAutomaton.root
                    guard index < bytes.count else { break }
                }
            }
            let byte = bytes[index]
            if byte == 0x0A || byte == 0x0D {
                position = chunk.start + index
                noteBreak(current, wrapped == nil && skimmer.isWrappedLine(endingAt: index), automaton)
            } else if wrapped != nil {
                position = chunk.start + index + 1
                advanceWrapped(byte, automaton)
            }
            let next =
                current < rowCount
                ? rows[Int(current) * columnCount + Int(columns[Int(byte)])]
                : automaton.sparseStep(current, byte)
            current = next & ~PatternAutomaton.eventFlag
            index += 1
            if next & PatternAutomaton.eventFlag != 0 || !accessKeys.isIdle {
                position = chunk.start + index
                note(byte, next, automaton)
            }
        }
        (state, position) = (current, chunk.start + bytes.count)
    }

    /// Records what ends at `position`, just after `byte`.
    private mutating func note(_ byte: UInt8, _ transition: UInt32, _ automaton: PatternAutomaton) {
        if !accessKeys.isIdle, accessKeys.advance(byte) { hide(from: position - AccessKeyShape.byteCount) }
        guard transition & PatternAutomaton.eventFlag != 0 else { return }
        let event = automaton.event(transition & ~PatternAutomaton.eventFlag)
        if event.length > 0 { hide(from: position - Int(event.length)) }
        if event.isMarker { accessKeys.begin() }
    }

    /// Decides at a line break, at `position`, whether a secret may go on after it.
    private mutating func noteBreak(_ current: UInt32, _ isWrappedLine: Bool, _ automaton: PatternAutomaton) {
        if wrapped != nil {
            if wrapped?.skip(breakAt: position, automaton) != true { wrapped = nil }
        } else if isWrappedLine, current != PatternAutomaton.root {
            wrapped = WrappedCursor(state: current, breakAt: position)
        }
    }

    private mutating func advanceWrapped(_ byte: UInt8, _ automaton: PatternAutomaton) {
        guard let result = wrapped?.advance(byte, endingAt: position, automaton), let cursor = wrapped
        else { return }
        if result.isEvent {
            let length = Int(automaton.event(cursor.state).length)
            if length > 0 { hide(from: cursor.start(of: length, endingAt: position)) }
        }
        if !result.spans { wrapped = nil }
    }
}

/// Finds the places of a piece that have to be read byte by byte.
private struct Skimmer {
    let bytes: UnsafeRawBufferPointer
    let recent: [UInt8]
    /// The first line feed at or after the last place that was asked for.
    private var lineEnd = -1

    init(bytes: UnsafeRawBufferPointer, recent: [UInt8]) {
        self.bytes = bytes
        self.recent = recent
    }

    /// The next place where a secret may begin, or go on in the next line, and how far it has to be read at least.
    mutating func next(from begin: Int, _ filter: PrefixFilter) -> (place: Int, until: Int) {
        let looked = PrefixFilter.byteCount
        // One more than the filter cannot see: a CR may belong to a line break that goes on in the next piece.
        let last = max(begin, bytes.count - filter.blindCount - 1)
        var begin = begin
        while begin < last {
            findLineEnd(from: begin)
            let end = min(lineEnd + 1, last)
            let found = filter.firstCandidate(in: bytes, begin..<end)
            var resume = found
            if lineEnd < bytes.count, found >= lineEnd - filter.blindCount, mayCross(filter),
                isWrappedLine(endingAt: textEnd)
            {
                // What begins in the last bytes of a wrapped line the filter cannot see.
                resume = min(found, max(begin, textEnd - filter.blindCount))
                return (resume, max(lineEnd + 1, resume + looked))
            }
            if found < end { return (found, found + looked) }
            begin = end
        }
        return (last, bytes.count)
    }

    /// Whether something may begin in the last bytes of the line and go on in the next one, as far as the filter can tell.
    private func mayCross(_ filter: PrefixFilter) -> Bool {
        let (end, next) = (textEnd, lineEnd + 1)
        guard end >= PrefixFilter.crossingByteCount, next + PrefixFilter.crossingByteCount <= bytes.count
        else {
            return true
        }
        return filter.mayCross(bytes, before: end, to: next)
    }

    private var textEnd: Int {
        lineEnd > 0 && bytes[lineEnd - 1] == 0x0D ? lineEnd - 1 : lineEnd
    }

    private mutating func findLineEnd(from begin: Int) {
        guard lineEnd < begin, let base = bytes.baseAddress else { return }
        let found = memchr(base + begin, 0x0A, bytes.count - begin)
        lineEnd = found.map { UnsafeRawPointer($0) - base } ?? bytes.count
    }

    /// Whether the line that ends before `end` may have been cut there by a tool that wraps an encoded text.
    func isWrappedLine(endingAt end: Int) -> Bool {
        guard recent.count + end >= WrappedCursor.shortestLine else { return false }
        let classes = Self.classes.span
        var common: UInt8 = 3
        var index = end - 1
        let begin = end - WrappedCursor.shortestLine
        while index >= begin, common != 0 {
            common &= classes[Int(index >= 0 ? bytes[index] : recent[recent.count + index])]
            index -= 1
        }
        return common != 0
    }

    /// 1 for the characters of base64, 2 for those of hexadecimal digits with separators, 3 for both.
    private static let classes: [UInt8] = (0...255).map { byte in
        switch UInt8(byte) {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: 3
        case 0x47...0x5A, 0x67...0x7A, 0x2B, 0x2F, 0x2D, 0x5F, 0x3D: 1
        case 0x20, 0x3A: 2
        default: 0
        }
    }
}
