import Diagnostics

/// Goes through a text byte by byte and counts lines and columns on the way.
struct SourceWalk {
    private let text: [UInt8]
    private let end: Int
    /// Where the walk is.
    private(set) var position: SourcePosition

    /// Begins at a position; nothing at or behind the byte `end` is seen.
    init(_ text: [UInt8], from start: SourcePosition, to end: Int) {
        self.text = text
        self.end = min(end, text.count)
        position = start
    }

    /// The byte at the position; nil at the end.
    var byte: UInt8? { byte(at: position.offset) }

    /// The byte after it.
    var next: UInt8? { byte(at: position.offset + 1) }

    /// Whether nothing but blanks is left on the line.
    var isFollowedByBreak: Bool {
        var offset = position.offset
        while let byte = byte(at: offset) {
            if byte == 0x0A || byte == 0x0D { return true }
            guard byte == 0x20 || byte == 0x09 else { return false }
            offset += 1
        }
        return false
    }

    /// Moves over one byte of a line.
    mutating func advance() {
        guard byte != nil else { return }
        position.offset += 1
        // Columns count characters: the further bytes of one have none of their own.
        if byte.map({ $0 & 0xC0 == 0x80 }) != true { position.column += 1 }
    }

    /// Moves on to a byte.
    mutating func move(to offset: Int) {
        while position.offset < offset, let byte {
            if byte == 0x0A || byte == 0x0D { skipBreak() } else { advance() }
        }
    }

    /// Moves over one line break: LF, CR, or CR and LF.
    mutating func skipBreak() {
        guard let byte else { return }
        let isPair = byte == 0x0D && next == 0x0A
        position.offset += isPair ? 2 : 1
        position.line += 1
        position.column = 1
    }

    /// Moves over blanks, at most as many as given.
    mutating func skipBlanks(upTo limit: Int = .max) {
        var count = 0
        while count < limit, byte == 0x20 || byte == 0x09 {
            advance()
            count += 1
        }
    }

    /// Moves over line breaks and blanks.
    mutating func skipBreaksAndBlanks() {
        while let byte {
            switch byte {
            case 0x0A, 0x0D: skipBreak()
            case 0x20, 0x09: advance()
            default: return
            }
        }
    }

    /// Moves to the beginning of the next line.
    mutating func skipLine() {
        while let byte, byte != 0x0A, byte != 0x0D { advance() }
        skipBreak()
    }

    /// Moves over an anchor and a tag before a value.
    mutating func skipProperties() {
        while byte == UInt8(ascii: "&") || byte == UInt8(ascii: "!") {
            while let byte, byte != 0x20, byte != 0x09, byte != 0x0A, byte != 0x0D { advance() }
            skipBreaksAndBlanks()
        }
    }

    /// The indentation of the first line that is not blank, whose value begins with a byte.
    ///
    /// Blanks may belong to the value when the block scalar says so with an indentation indicator.
    func indentationOfFirstLine(startingWith first: UInt8?) -> Int {
        var offset = position.offset
        var count = 0
        while let byte = byte(at: offset) {
            if byte == 0x0A || byte == 0x0D {
                count = 0
            } else if byte == 0x20, first != 0x20 {
                count += 1
            } else {
                return count
            }
            offset += 1
        }
        return count
    }

    private func byte(at offset: Int) -> UInt8? {
        offset >= 0 && offset < end ? text[offset] : nil
    }
}
