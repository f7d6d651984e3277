import Diagnostics
import YAMLTree

/// Reads a template that is JSON (RFC 8259) into the tree that YAML has too.
///
/// libyaml reads nearly all of JSON, but not: a line break between a key and its colon, keys of more than 1,024 characters,
/// pairs of surrogates, and characters such as U+007F and U+FFFF.
struct JSONTree {
    private let bytes: [UInt8]
    private let limits: YAMLLimits
    private var offset = 0
    private var nodes = 0
    /// Where positions have been counted up to; they are asked for in rising order.
    private var mark = SourcePosition(line: 1, column: 1, offset: 0)

    /// The outermost object of a text; nil when it is none, or no JSON, or over one of the limits.
    static func read(_ bytes: [UInt8], limits: YAMLLimits) -> YAMLNode? {
        guard bytes.count <= limits.bytes, String(validating: bytes, as: UTF8.self) != nil else { return nil }
        var reader = JSONTree(bytes: bytes, limits: limits)
        reader.skipBlanks()
        guard reader.next == UInt8(ascii: "{"), let root = reader.value(depth: 1) else { return nil }
        reader.skipBlanks()
        return reader.next == nil ? root : nil
    }

    private init(bytes: [UInt8], limits: YAMLLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipBlanks() {
        while let byte = next, TemplateDocument.blanks.contains(byte) { offset += 1 }
    }

    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: byte) else { return false }
        offset += 1
        return true
    }

    /// The position of the byte that is next.
    private mutating func position() -> SourcePosition {
        var (line, column) = (mark.line, mark.column)
        for place in mark.offset..<offset {
            let byte = bytes[place]
            let endsLine =
                byte == 0x0A || (byte == 0x0D && !(place + 1 < bytes.count && bytes[place + 1] == 0x0A))
            if endsLine {
                (line, column) = (line + 1, 1)
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        mark = SourcePosition(line: line, column: column, offset: offset)
        return mark
    }

    private mutating func value(depth: Int) -> YAMLNode? {
        skipBlanks()
        nodes += 1
        guard nodes <= limits.nodes, let byte = next else { return nil }
        let start = position()
        let content: YAMLNode.Content?
        switch byte {
        case UInt8(ascii: "{"): content = depth <= limits.depth ? object(depth: depth) : nil
        case UInt8(ascii: "["): content = depth <= limits.depth ? list(depth: depth) : nil
        case UInt8(ascii: "\""):
            content = string().map { .scalar(YAMLScalar(text: $0, style: .doubleQuoted)) }
        default: content = word().map { .scalar(YAMLScalar(text: $0, style: .plain)) }
        }
        guard let content else { return nil }
        return YAMLNode(content, tag: nil, at: SourceRange(start: start, end: position()))
    }

    private mutating func list(depth: Int) -> YAMLNode.Content? {
        offset += 1
        var items: [YAMLNode] = []
        skipBlanks()
        if take("]") { return .sequence([]) }
        repeat {
            guard let item = value(depth: depth + 1) else { return nil }
            items.append(item)
            skipBlanks()
        } while take(",")
        return take("]") ? .sequence(items) : nil
    }

    private mutating func object(depth: Int) -> YAMLNode.Content? {
        offset += 1
        var pairs: [YAMLPair] = []
        skipBlanks()
        if take("}") { return .mapping(YAMLMapping([])) }
        repeat {
            skipBlanks()
            guard next == UInt8(ascii: "\""), let key = value(depth: depth + 1) else { return nil }
            skipBlanks()
            guard take(":"), let value = value(depth: depth + 1) else { return nil }
            pairs.append(YAMLPair(key: key, value: value))
            skipBlanks()
        } while take(",")
        return take("}") ? .mapping(YAMLMapping(pairs)) : nil
    }
}

// Scalars.
extension JSONTree {
    /// `true`, `false`, `null` or a number, as it is written.
    private mutating func word() -> String? {
        for word in ["true", "false", "null"] where bytes[offset...].starts(with: word.utf8) {
            offset += word.utf8.count
            return word
        }
        let start = offset
        _ = take("-")
        guard !(next == UInt8(ascii: "0") && isDigit(offset + 1)), skipDigits() else { return nil }
        if take("."), !skipDigits() { return nil }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            guard skipDigits() else { return nil }
        }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    private func isDigit(_ place: Int) -> Bool { place < bytes.count && (0x30...0x39).contains(bytes[place]) }

    private mutating func skipDigits() -> Bool {
        let start = offset
        while isDigit(offset) { offset += 1 }
        return offset > start
    }

    private mutating func string() -> String? {
        offset += 1
        var units: [UInt8] = []
        while let byte = next {
            offset += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: units, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let scalar = escape() else { return nil }
                units.append(contentsOf: UTF8.encode(scalar) ?? .init())
            case 0..<0x20: return nil
            default: units.append(byte)
            }
        }
        return nil
    }

    /// What stands behind a backslash; nil for half of a pair of surrogates, too.
    private mutating func escape() -> Unicode.Scalar? {
        guard let byte = next else { return nil }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            guard let first = fourDigits() else { return nil }
            guard UTF16.isLeadSurrogate(first) else { return Unicode.Scalar(first) }
            guard take("\\"), take("u"), let second = fourDigits(), UTF16.isTrailSurrogate(second) else {
                return nil
            }
            return UTF16.decode(.init([first, second]))
        default: return nil
        }
    }

    private mutating func fourDigits() -> UInt16? {
        guard offset + 4 <= bytes.count else { return nil }
        var number: UInt16 = 0
        for byte in bytes[offset..<(offset + 4)] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            number = number << 4 | UInt16(digit)
        }
        offset += 4
        return number
    }
}
