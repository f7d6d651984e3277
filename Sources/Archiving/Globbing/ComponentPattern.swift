/// A glob for one path component: `*`, `?`, `[a-z]`, `[^a-z]` (or `[!a-z]`), and `\` before a character that
/// means itself.
///
/// `**` inside a component is `*`. A `[` that is never closed means itself. Case matters. (Behaviour
/// reference, section 6.1.)
struct ComponentPattern: Sendable, Hashable {
    private enum Token: Sendable, Hashable {
        case byte(UInt8)
        case anyRun
        case anyCharacter
        case oneOf([ClosedRange<UInt32>], negated: Bool)
    }

    /// The kinds of patterns that people mostly write, which need no search.
    private enum Form: Sendable, Hashable {
        case everything
        case literal([UInt8])
        case suffix([UInt8])
        case general
    }

    private let tokens: [Token]
    private let form: Form

    init(_ text: some Collection<UInt8>) {
        var parser = Parser(bytes: Array(text))
        self.init(tokens: parser.tokens())
    }

    private init(tokens: [Token]) {
        self.tokens = tokens
        let bytes = Self.bytes(of: tokens.first == .anyRun ? tokens.dropFirst() : tokens[...])
        form =
            switch (tokens.first == .anyRun, bytes) {
            case (true, .some(let bytes)) where bytes.isEmpty: .everything
            // A byte that continues a character would have to be looked for at the beginnings of characters.
            case (true, .some(let bytes)) where bytes[0] & 0xC0 != 0x80: .suffix(bytes)
            case (false, .some(let bytes)): .literal(bytes)
            default: .general
            }
    }

    /// The text of tokens that are all plain bytes.
    private static func bytes(of tokens: ArraySlice<Token>) -> [UInt8]? {
        var bytes: [UInt8] = []
        for token in tokens {
            guard case .byte(let byte) = token else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    /// A component that matches only this name.
    static func literal(_ name: [UInt8]) -> ComponentPattern {
        ComponentPattern(tokens: name.map(Token.byte))
    }

    /// The only name it matches, when it has no wildcard.
    var literal: [UInt8]? {
        if case .literal(let name) = form { name } else { nil }
    }

    /// Whether every name matches.
    var matchesEverything: Bool { form == .everything }

    /// Whether the whole name matches; takes at most (length of name) × (length of pattern) steps.
    func matches(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        switch form {
        case .everything: true
        case .literal(let bytes): name.count == bytes.count && name.elementsEqual(bytes)
        case .suffix(let bytes): name.count >= bytes.count && name.suffix(bytes.count).elementsEqual(bytes)
        case .general: search(name)
        }
    }

    private func search(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        var token = 0
        var position = 0
        var lastRun: (token: Int, position: Int)?
        while position < name.count {
            if token < tokens.count, tokens[token] == .anyRun {
                lastRun = (token, position)
                token += 1
            } else if token < tokens.count, let length = step(tokens[token], name, at: position) {
                token += 1
                position += length
            } else if let run = lastRun {
                // Only the last `*` ever needs to take more: earlier ones already took the least possible.
                let next = run.position + decodeCharacter(name, at: run.position).length
                lastRun = (run.token, next)
                token = run.token + 1
                position = next
            } else {
                return false
            }
        }
        return tokens[token...].allSatisfy { $0 == .anyRun }
    }

    private func step(_ token: Token, _ name: UnsafeBufferPointer<UInt8>, at position: Int) -> Int? {
        switch token {
        case .byte(let byte):
            return name[position] == byte ? 1 : nil
        case .anyCharacter:
            return decodeCharacter(name, at: position).length
        case .oneOf(let ranges, let negated):
            let character = decodeCharacter(name, at: position)
            return ranges.contains { $0.contains(character.value) } != negated ? character.length : nil
        case .anyRun:
            return nil
        }
    }

    private struct Parser {
        let bytes: [UInt8]
        var position = 0

        mutating func tokens() -> [Token] {
            var tokens: [Token] = []
            while position < bytes.count {
                switch bytes[position] {
                case UInt8(ascii: "*"):
                    position += 1
                    if tokens.last != .anyRun { tokens.append(.anyRun) }
                case UInt8(ascii: "?"):
                    position += 1
                    tokens.append(.anyCharacter)
                case UInt8(ascii: "["):
                    tokens.append(characterClass() ?? plainByte())
                case UInt8(ascii: "\\") where position + 1 < bytes.count:
                    position += 1
                    tokens.append(plainByte())
                default:
                    tokens.append(plainByte())
                }
            }
            return tokens
        }

        private mutating func plainByte() -> Token {
            defer { position += 1 }
            return .byte(bytes[position])
        }

        /// Reads `[...]`; leaves the position alone and answers nil when it is not closed.
        private mutating func characterClass() -> Token? {
            var scan = self
            scan.position += 1
            var negated = false
            if let next = scan.peek, next == UInt8(ascii: "^") || next == UInt8(ascii: "!") {
                negated = true
                scan.position += 1
            }
            var ranges: [ClosedRange<UInt32>] = []
            while let next = scan.peek {
                if next == UInt8(ascii: "]"), !ranges.isEmpty {
                    position = scan.position + 1
                    return .oneOf(ranges, negated: negated)
                }
                guard let low = scan.classCharacter() else { return nil }
                var high = low
                if scan.peek == UInt8(ascii: "-"), scan.position + 1 < bytes.count,
                    bytes[scan.position + 1] != UInt8(ascii: "]")
                {
                    scan.position += 1
                    guard let end = scan.classCharacter() else { return nil }
                    high = end
                }
                // An inverted range such as [z-a] contains nothing, but still counts as a member of the
                // class.
                ranges.append(low <= high ? low...high : UInt32.max...UInt32.max)
            }
            return nil
        }

        private var peek: UInt8? {
            position < bytes.count ? bytes[position] : nil
        }

        private mutating func classCharacter() -> UInt32? {
            if peek == UInt8(ascii: "\\") { position += 1 }
            guard position < bytes.count else { return nil }
            let character = bytes.withUnsafeBufferPointer { decodeCharacter($0, at: position) }
            position += character.length
            return character.value
        }
    }
}

/// The UTF-8 character at a position; a byte that starts none stands for itself, beyond the values of
/// Unicode.
private func decodeCharacter(
    _ bytes: UnsafeBufferPointer<UInt8>, at position: Int
) -> (value: UInt32, length: Int) {
    let first = bytes[position]
    let length =
        switch first {
        case 0x00..<0x80: 1
        case 0xC2..<0xE0: 2
        case 0xE0..<0xF0: 3
        case 0xF0..<0xF5: 4
        default: 0
        }
    let end = position + length
    guard length > 0, end <= bytes.count,
        let text = String(validating: bytes[position..<end], as: UTF8.self),
        let scalar = text.unicodeScalars.first
    else { return (0x11_0000 + UInt32(first), 1) }
    return (scalar.value, length)
}
