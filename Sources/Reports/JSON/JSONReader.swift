/// A JSON document.
enum JSON: Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSON])
    /// Members in their order.
    case object([(key: String, value: JSON)])

    static func == (left: JSON, right: JSON) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.number(let a), .number(let b)): a == b
        case (.string(let a), .string(let b)): a == b
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)):
            a.count == b.count && zip(a, b).allSatisfy { $0.key == $1.key && $0.value == $1.value }
        default: false
        }
    }

    /// The member of this name.
    subscript(key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    var text: String? {
        if case .string(let text) = self { return text }
        return nil
    }

    var number: Double? {
        if case .number(let number) = self { return number }
        return nil
    }

    /// The elements of an array; nothing for anything else.
    var elements: [JSON] {
        if case .array(let elements) = self { return elements }
        return []
    }

    /// The members of an object; nothing for anything else.
    var members: [(key: String, value: JSON)] {
        if case .object(let members) = self { return members }
        return []
    }

    /// Reads a document.
    /// - Throws: ``ReportFailure`` when it is no JSON, or deeper than 64.
    init(_ bytes: [UInt8]) throws(ReportFailure) {
        var reader = JSONReader(bytes: bytes)
        self = try reader.document()
    }
}

private struct JSONReader {
    let bytes: [UInt8]
    var position = 0

    mutating func document() throws(ReportFailure) -> JSON {
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
        let value = try value(depth: 0)
        skipBlanks()
        guard position == bytes.count else { throw broken }
        return value
    }

    private var broken: ReportFailure { ReportFailure("invalid JSON at byte \(position)") }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipBlanks() {
        while let byte = peek, byte == 32 || byte == 9 || byte == 10 || byte == 13 { position += 1 }
    }

    private mutating func value(depth: Int) throws(ReportFailure) -> JSON {
        skipBlanks()
        guard let byte = peek, depth < 64 else { throw broken }
        switch byte {
        case UInt8(ascii: "{"): return try object(depth)
        case UInt8(ascii: "["): return try array(depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ word: String, _ value: JSON) throws(ReportFailure) -> JSON {
        guard bytes[position...].starts(with: word.utf8) else { throw broken }
        position += word.utf8.count
        return value
    }

    private mutating func number() throws(ReportFailure) -> JSON {
        let start = position
        while let byte = peek,
            byte == 43 || byte == 45 || byte == 46 || byte | 32 == 101 || (48...57).contains(byte)
        { position += 1 }
        guard let number = Double(String(decoding: bytes[start..<position], as: UTF8.self)) else {
            throw broken
        }
        return .number(number)
    }

    private mutating func array(_ depth: Int) throws(ReportFailure) -> JSON {
        position += 1
        var elements: [JSON] = []
        skipBlanks()
        if peek == UInt8(ascii: "]") {
            position += 1
            return .array([])
        }
        while true {
            elements.append(try value(depth: depth + 1))
            skipBlanks()
            guard let byte = peek else { throw broken }
            position += 1
            if byte == UInt8(ascii: "]") { return .array(elements) }
            guard byte == UInt8(ascii: ",") else { throw broken }
        }
    }

    private mutating func object(_ depth: Int) throws(ReportFailure) -> JSON {
        position += 1
        var members: [(key: String, value: JSON)] = []
        skipBlanks()
        if peek == UInt8(ascii: "}") {
            position += 1
            return .object([])
        }
        while true {
            skipBlanks()
            guard peek == UInt8(ascii: "\"") else { throw broken }
            let key = try string()
            skipBlanks()
            guard peek == UInt8(ascii: ":") else { throw broken }
            position += 1
            members.append((key, try value(depth: depth + 1)))
            skipBlanks()
            guard let byte = peek else { throw broken }
            position += 1
            if byte == UInt8(ascii: "}") { return .object(members) }
            guard byte == UInt8(ascii: ",") else { throw broken }
        }
    }

    private mutating func string() throws(ReportFailure) -> String {
        position += 1
        var units: [UInt8] = []
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: units, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(into: &units)
            default: units.append(byte)
            }
        }
        throw broken
    }

    private mutating func escape(into units: inout [UInt8]) throws(ReportFailure) {
        guard let byte = peek else { throw broken }
        position += 1
        switch byte {
        case UInt8(ascii: "n"): units.append(10)
        case UInt8(ascii: "t"): units.append(9)
        case UInt8(ascii: "r"): units.append(13)
        case UInt8(ascii: "b"): units.append(8)
        case UInt8(ascii: "f"): units.append(12)
        case UInt8(ascii: "u"):
            var code = try unit()
            var pair = [code]
            if (0xd800..<0xdc00).contains(code), bytes[position...].starts(with: "\\u".utf8) {
                position += 2
                code = try unit()
                pair.append(code)
            }
            units += Array(String(decoding: pair, as: UTF16.self).utf8)
        default: units.append(byte)
        }
    }

    private mutating func unit() throws(ReportFailure) -> UInt16 {
        let digits = String(decoding: bytes[position...].prefix(4), as: UTF8.self)
        guard digits.utf8.count == 4, let unit = UInt16(digits, radix: 16) else { throw broken }
        position += 4
        return unit
    }
}
