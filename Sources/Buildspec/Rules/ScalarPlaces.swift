import Diagnostics

/// Tells where each byte of a scalar's value was written, through quotes, escapes, indentation and folding.
///
/// Walks the written text and the value side by side. Where they do not fit together, as for a value that came through an
/// alias, the place is the whole scalar's.
struct ScalarPlaces {
    private enum Style {
        case plain
        case singleQuoted
        case doubleQuoted
        case literal
        case folded
    }

    private let text: [UInt8]
    private let scalar: Marked<String>
    private let value: [UInt8]
    private let style: Style
    /// Columns of indentation that a block scalar's value does not have.
    private let indentation: Int
    private let first: SourcePosition
    private var cursor: Cursor
    private var isLost = false

    /// Where the walk is.
    private struct Cursor {
        /// Byte of the value.
        var index: Int
        /// Where that byte is written.
        var place: SourcePosition
    }

    /// Prepares for questions about a scalar of a text.
    init(of scalar: Marked<String>, in text: [UInt8]) {
        self.text = text
        self.scalar = scalar
        value = Array(scalar.value.utf8)
        var walk = SourceWalk(text, from: scalar.range.start, to: scalar.range.end.offset)
        walk.skipProperties()
        switch walk.byte {
        case UInt8(ascii: "'"): style = .singleQuoted
        case UInt8(ascii: "\""): style = .doubleQuoted
        case UInt8(ascii: "|"): style = .literal
        case UInt8(ascii: ">"): style = .folded
        default: style = .plain
        }
        switch style {
        case .plain: indentation = 0
        case .singleQuoted, .doubleQuoted:
            indentation = 0
            walk.advance()
        case .literal, .folded:
            walk.skipLine()
            indentation = walk.indentationOfFirstLine(startingWith: value.first { $0 != 0x0A })
            walk.skipBlanks(upTo: indentation)
        }
        first = walk.position
        cursor = Cursor(index: 0, place: walk.position)
    }

    /// The place of some bytes of the value, cheapest when asked for in rising order.
    mutating func range(of bytes: Range<Int>) -> SourceRange {
        guard let start = position(of: bytes.lowerBound), let end = position(of: max(bytes.upperBound - 1, 0))
        else { return scalar.range }
        guard bytes.upperBound > bytes.lowerBound, end >= start else {
            return SourceRange(start: start, end: start)
        }
        var walk = SourceWalk(text, from: end, to: scalar.range.end.offset)
        // An escape, or a quote that is written twice, is all of the byte it stands for.
        let isEscape = style == .doubleQuoted && walk.byte == UInt8(ascii: "\\")
        let isTwice = style == .singleQuoted && walk.byte == UInt8(ascii: "'")
        if !(isEscape || isTwice) || step(&walk, bytes.upperBound - 1) == nil { walk.advance() }
        return SourceRange(start: start, end: walk.position)
    }

    /// The place of one byte of the value; nil when it cannot be told.
    private mutating func position(of index: Int) -> SourcePosition? {
        guard !isLost else { return nil }
        if index < cursor.index { cursor = Cursor(index: 0, place: first) }
        var walk = SourceWalk(text, from: cursor.place, to: scalar.range.end.offset)
        var at = cursor.index
        let target = min(index, value.count)
        while at < target {
            guard let taken = step(&walk, at) else {
                isLost = true
                return nil
            }
            at += taken
        }
        // A step may have taken several bytes, of which one was asked for.
        if at == target { cursor = Cursor(index: at, place: walk.position) }
        settle(&walk, at)
        return walk.position
    }

    /// Goes on to where the next byte of the value is really written, past what the value does not have.
    private func settle(_ walk: inout SourceWalk, _ index: Int) {
        if style == .doubleQuoted, walk.byte == UInt8(ascii: "\\"), walk.next.map(isBreak) == true {
            walk.advance()
            walk.skipBreaksAndBlanks()
        }
    }

    private func isBreak(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

    /// Moves over one piece of the written text; the number of the value's bytes it stands for, nil if it does not fit.
    private func step(_ walk: inout SourceWalk, _ index: Int) -> Int? {
        guard let byte = walk.byte else { return nil }
        if isBreak(byte) { return lineBreak(&walk, index) }
        switch style {
        case .doubleQuoted where byte == UInt8(ascii: "\\"): return escape(&walk, index)
        case .singleQuoted where byte == UInt8(ascii: "'"):
            guard value[index] == byte else { return nil }
            walk.advance()
            walk.advance()
            return 1
        case .plain, .singleQuoted, .doubleQuoted:
            if byte == 0x20 || byte == 0x09, walk.isFollowedByBreak {
                walk.skipBlanks()
                return lineBreak(&walk, index)
            }
        case .literal, .folded: break
        }
        guard value[index] == byte else { return nil }
        walk.advance()
        return 1
    }

    /// A line break with the blank lines and the indentation after it: a blank, or line feeds.
    private func lineBreak(_ walk: inout SourceWalk, _ index: Int) -> Int? {
        if style == .literal {
            guard value[index] == 0x0A else { return nil }
            walk.skipBreak()
            walk.skipBlanks(upTo: indentation)
            return 1
        }
        if style == .folded {
            walk.skipBreak()
            walk.skipBlanks(upTo: indentation)
            while walk.byte.map(isBreak) == true {
                walk.skipBreak()
                walk.skipBlanks(upTo: indentation)
            }
        } else {
            walk.skipBreaksAndBlanks()
        }
        if value[index] == 0x20 { return 1 }
        let count = value[index...].prefix { $0 == 0x0A }.count
        return count == 0 ? nil : count
    }

    /// An escape of a double-quoted scalar (YAML 1.1, section 5.6).
    private func escape(_ walk: inout SourceWalk, _ index: Int) -> Int? {
        walk.advance()
        guard let kind = walk.byte else { return nil }
        if isBreak(kind) {
            walk.skipBreaksAndBlanks()
            return 0
        }
        let digits =
            switch kind {
            case UInt8(ascii: "x"): 2
            case UInt8(ascii: "u"): 4
            case UInt8(ascii: "U"): 8
            default: 0
            }
        for _ in 0...digits { walk.advance() }
        // What it stands for is one scalar, so its length is told by its first byte.
        return switch value[index] {
        case ..<0x80: 1
        case 0xC0..<0xE0: 2
        case 0xE0..<0xF0: 3
        default: 4
        }
    }
}
