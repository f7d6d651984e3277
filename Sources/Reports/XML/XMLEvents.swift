/// Reads XML as a stream of events: what test frameworks write, no more.
///
/// There are no entities but the five and numbers, a document type is passed over when it declares nothing, names lose
/// their namespace prefix. Memory is that of one element's attributes or text.
struct XMLEvents {
    enum Event: Equatable {
        case start(name: String, attributes: [String: String])
        case end(name: String)
        case text(String)
    }

    static let depthLimit = 256

    private let bytes: [UInt8]
    private var position = 0
    private var open: [String] = []
    /// The end of an element without content, which comes after its start.
    private var pendingEnd: String?
    private var hasRoot = false

    init(_ bytes: [UInt8]) {
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) {
            self.bytes = Array(bytes.dropFirst(3))
        } else if bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) {
            self.bytes = Self.utf8(utf16: bytes.dropFirst(2), isLittleEndian: bytes[0] == 0xff)
        } else {
            self.bytes = bytes
        }
    }

    private static func utf8(utf16 bytes: ArraySlice<UInt8>, isLittleEndian: Bool) -> [UInt8] {
        var units: [UInt16] = []
        var index = bytes.startIndex
        while index + 1 < bytes.endIndex {
            let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
            units.append(isLittleEndian ? first | second << 8 : first << 8 | second)
            index += 2
        }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }

    /// The next event; nil at the end of a well-formed document.
    mutating func next() throws(ReportFailure) -> Event? {
        if let name = pendingEnd {
            pendingEnd = nil
            return .end(name: name)
        }
        while position < bytes.count {
            if bytes[position] != UInt8(ascii: "<") {
                if let text = try readText() { return .text(text) }
            } else if starts("<!--") {
                try skip(past: "-->")
            } else if starts("<?") {
                try skip(past: "?>")
            } else if starts("<![CDATA[") {
                position += 9
                let text = try take(until: "]]>")
                guard !open.isEmpty else { throw broken }
                return .text(String(decoding: text, as: UTF8.self))
            } else if starts("<!") {
                let type = try take(until: ">")
                guard !hasRoot, !type.contains(UInt8(ascii: "[")) else {
                    throw ReportFailure("XML syntax error: declarations are not read")
                }
            } else if starts("</") {
                return try readEnd()
            } else {
                return try readStart()
            }
        }
        guard open.isEmpty, hasRoot else { throw ReportFailure("XML syntax error: unexpected EOF") }
        return nil
    }

    private var broken: ReportFailure {
        let line = bytes[..<min(position, bytes.count)].count { $0 == 10 } + 1
        return ReportFailure("XML syntax error on line \(line)")
    }

    private mutating func readText() throws(ReportFailure) -> String? {
        let end = bytes[position...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count
        let text = bytes[position..<end]
        guard !open.isEmpty else {
            guard text.allSatisfy({ $0 <= 32 }) else { throw broken }
            position = end
            return nil
        }
        let decoded = try decoded(text)
        position = end
        return decoded
    }

    private mutating func readStart() throws(ReportFailure) -> Event {
        position += 1
        let name = readName()
        guard !name.isEmpty, open.count < Self.depthLimit, !hasRoot || !open.isEmpty else { throw broken }
        hasRoot = true
        var attributes: [String: String] = [:]
        while true {
            skipBlanks()
            guard position < bytes.count else { throw broken }
            if bytes[position] == UInt8(ascii: ">") {
                position += 1
                open.append(name)
                return .start(name: name, attributes: attributes)
            }
            if starts("/>") {
                position += 2
                pendingEnd = name
                return .start(name: name, attributes: attributes)
            }
            let key = readName()
            skipBlanks()
            guard !key.isEmpty, position < bytes.count, bytes[position] == UInt8(ascii: "=") else {
                throw broken
            }
            position += 1
            skipBlanks()
            guard position < bytes.count, [0x22, 0x27].contains(bytes[position]) else { throw broken }
            let quote = bytes[position]
            position += 1
            guard let end = bytes[position...].firstIndex(of: quote) else { throw broken }
            attributes[key] = try decoded(bytes[position..<end])
            position = end + 1
        }
    }

    private mutating func readEnd() throws(ReportFailure) -> Event {
        position += 2
        let name = readName()
        skipBlanks()
        guard position < bytes.count, bytes[position] == UInt8(ascii: ">"), open.last == name else {
            throw broken
        }
        position += 1
        open.removeLast()
        return .end(name: name)
    }

    private func decoded(_ text: ArraySlice<UInt8>) throws(ReportFailure) -> String {
        guard text.contains(UInt8(ascii: "&")) else { return String(decoding: text, as: UTF8.self) }
        var result: [UInt8] = []
        var rest = text
        while let mark = rest.firstIndex(of: UInt8(ascii: "&")) {
            result += rest[..<mark]
            guard let end = rest[mark...].prefix(12).firstIndex(of: UInt8(ascii: ";")),
                let scalar = Self.entity(String(decoding: rest[(mark + 1)..<end], as: UTF8.self))
            else { throw broken }
            result += Array(String(Character(scalar)).utf8)
            rest = rest[(end + 1)...]
        }
        return String(decoding: result + rest, as: UTF8.self)
    }

    private static func entity(_ name: String) -> Unicode.Scalar? {
        switch name {
        case "lt": return "<"
        case "gt": return ">"
        case "amp": return "&"
        case "quot": return "\""
        case "apos": return "'"
        default:
            guard name.hasPrefix("#") else { return nil }
            let digits = name.dropFirst()
            let isHexadecimal = digits.first == "x"
            return UInt32(isHexadecimal ? digits.dropFirst() : digits, radix: isHexadecimal ? 16 : 10)
                .flatMap { Unicode.Scalar($0) }
        }
    }

    /// A name without its namespace prefix.
    private mutating func readName() -> String {
        let start = position
        while position < bytes.count, bytes[position] > 32, !Self.endsName(bytes[position]) { position += 1 }
        let name = bytes[start..<position]
        let local = name.lastIndex(of: UInt8(ascii: ":")).map { name[($0 + 1)...] } ?? name
        return String(decoding: local, as: UTF8.self)
    }

    private static func endsName(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ">") || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "=")
            || byte == UInt8(ascii: "<")
    }

    private mutating func skipBlanks() {
        while position < bytes.count, bytes[position] <= 32 { position += 1 }
    }

    private func starts(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - position >= count else { return false }
        for offset in 0..<count where bytes[position + offset] != text.utf8Start[offset] { return false }
        return true
    }

    private mutating func skip(past mark: String) throws(ReportFailure) {
        _ = try take(until: mark)
    }

    private mutating func take(until mark: String) throws(ReportFailure) -> ArraySlice<UInt8> {
        let mark = Array(mark.utf8)
        var index = position
        while let found = bytes[index...].firstIndex(of: mark[0]) {
            if bytes[found...].starts(with: mark) {
                let taken = bytes[position..<found]
                position = found + mark.count
                return taken
            }
            index = found + 1
        }
        throw broken
    }
}
