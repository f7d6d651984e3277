import Diagnostics
import YAMLTree

/// Whether a text is JSON as RFC 8259 has it, in UTF-8 without a byte order mark, and no object has a key twice.
///
/// Foundation's decoder takes more than the readers of other people: a comma before a closing bracket, UTF-16, bytes
/// that are no UTF-8, and of equal keys the first. Only a text that passes here is given to it.
struct JSONSyntax {
    /// What a text is refused for, and where.
    struct Fault: Error, Hashable, CustomStringConvertible {
        /// Where reading stopped.
        let position: SourcePosition
        /// What is wrong there, in one clause.
        let reason: String

        /// The place and the reason.
        var description: String { "line \(position.line), column \(position.column): \(reason)" }
    }

    /// How deep lists and objects may be in each other; the files that are checked have five levels.
    static let maximumDepth = 100

    private let bytes: [UInt8]
    private var offset = 0

    /// Checks a whole text; takes time and memory in proportion to it.
    ///
    /// - Parameter bytes: the text, of a size that the caller has bounded.
    /// - Throws: ``Fault`` for the first thing that is wrong.
    static func check(_ bytes: [UInt8]) throws(Fault) {
        var syntax = JSONSyntax(bytes: bytes)
        try syntax.checkEncoding()
        try syntax.value(depth: 1)
        syntax.skipBlanks()
        if syntax.next != nil { throw syntax.fault("text follows where the value has ended") }
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private func fault(_ reason: String, at offset: Int? = nil) -> Fault {
        Fault(position: SourceMap(bytes[...]).position(ofByte: offset ?? self.offset), reason: reason)
    }

    /// A fault at what stands here instead of what is expected.
    private func unexpected(_ expectation: String) -> Fault {
        guard next != nil else { return fault("the text ends where \(expectation) is expected") }
        // The encoding has been checked, so a character is whole.
        let character = String(decoding: bytes[offset...].prefix(4), as: UTF8.self).unicodeScalars.prefix(1)
        return fault("\(expectation) is expected, and here is \(Printable.text(String(character)))")
    }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { offset += 1 }
    }

    /// Leaves one byte behind if it is here.
    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard let next, next == UInt8(ascii: byte) else { return false }
        offset += 1
        return true
    }
}

// Encoding.
extension JSONSyntax {
    private func checkEncoding() throws(Fault) {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            throw fault("a byte order mark stands before the text: save the file as UTF-8 without one")
        }
        let isUTF16 =
            bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE])
            || bytes.prefix(2).contains(0)
        if isUTF16 { throw fault("the text is UTF-16 or UTF-32: save the file as UTF-8") }
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var offset = 0
        while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid(let scalar): offset += scalar.count
            case .error: throw fault("the text is not UTF-8: save the file as UTF-8", at: offset)
            case .emptyInput: return
            }
        }
    }
}

// Values.
extension JSONSyntax {
    private mutating func value(depth: Int) throws(Fault) {
        skipBlanks()
        guard let byte = next else { throw unexpected("a value") }
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard depth <= Self.maximumDepth else {
                throw fault("lists and objects are nested more than \(Self.maximumDepth) deep")
            }
            offset += 1
            try byte == UInt8(ascii: "{") ? object(depth: depth) : list(depth: depth)
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        default:
            guard
                let word = ["true", "false", "null"].first(where: { bytes[offset...].starts(with: $0.utf8) })
            else { throw unexpected("a value") }
            offset += word.utf8.count
        }
    }

    private mutating func list(depth: Int) throws(Fault) {
        skipBlanks()
        if take("]") { return }
        while true {
            try value(depth: depth + 1)
            skipBlanks()
            if take("]") { return }
            try comma(before: "]", "a value")
        }
    }

    private mutating func object(depth: Int) throws(Fault) {
        skipBlanks()
        if take("}") { return }
        // As bytes: keys that only look alike are different ones.
        var keys: Set<[UInt8]> = []
        while true {
            let start = offset
            guard next == UInt8(ascii: "\"") else { throw unexpected("a key in double quotes") }
            let key = try string()
            guard keys.insert(key).inserted else {
                let name = Printable.text(String(decoding: key, as: UTF8.self))
                throw fault(
                    "the key \"\(name)\" stands twice in one object, and only one would count", at: start)
            }
            skipBlanks()
            guard take(":") else { throw unexpected("a colon") }
            try value(depth: depth + 1)
            skipBlanks()
            if take("}") { return }
            try comma(before: "}", "a key")
        }
    }

    /// Reads a comma and what is blank behind it; one that nothing follows is told where it stands.
    private mutating func comma(before end: Unicode.Scalar, _ element: String) throws(Fault) {
        let comma = offset
        guard take(",") else { throw unexpected("a comma or \(end)") }
        skipBlanks()
        if next == UInt8(ascii: end) {
            throw fault("behind this comma \(element) is missing: take the comma out", at: comma)
        }
    }

    private mutating func number() throws(Fault) {
        _ = take("-")
        let start = offset
        try digits()
        if bytes[start] == UInt8(ascii: "0"), offset > start + 1 {
            throw fault("a number does not begin with 0 before other digits", at: start)
        }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
        }
    }

    private mutating func digits() throws(Fault) {
        let start = offset
        while let byte = next, (0x30...0x39).contains(byte) { offset += 1 }
        if offset == start { throw unexpected("a digit") }
    }
}

// Strings.
extension JSONSyntax {
    /// Reads a string.
    ///
    /// - Returns: its value in UTF-8.
    private mutating func string() throws(Fault) -> [UInt8] {
        let start = offset
        offset += 1
        var value: [UInt8] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return value
            case UInt8(ascii: "\\"): try escape(into: &value)
            case 0..<0x20:
                throw fault(
                    "a line break or control character in a string is written as an escape, such as \\n")
            default:
                value.append(byte)
                offset += 1
            }
        }
        throw fault("the string that begins here does not end", at: start)
    }

    private mutating func escape(into value: inout [UInt8]) throws(Fault) {
        let start = offset
        offset += 1
        guard let letter = next else { throw unexpected("an escape") }
        offset += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): value.append(letter)
        case UInt8(ascii: "b"): value.append(0x08)
        case UInt8(ascii: "f"): value.append(0x0C)
        case UInt8(ascii: "n"): value.append(0x0A)
        case UInt8(ascii: "r"): value.append(0x0D)
        case UInt8(ascii: "t"): value.append(0x09)
        case UInt8(ascii: "u"):
            var units = [try unit(from: start)]
            if UTF16.isLeadSurrogate(units[0]), bytes[offset...].starts(with: "\\u".utf8) {
                offset += 2
                units.append(try unit(from: start))
            }
            guard let text = String(validating: units, as: UTF16.self) else {
                throw fault("the escape is half of a pair of surrogates, and no character", at: start)
            }
            value += Array(text.utf8)
        default: throw fault("there is no such escape in JSON", at: start)
        }
    }

    private mutating func unit(from start: Int) throws(Fault) -> UInt16 {
        let digits = bytes[offset...].prefix(4)
        guard digits.count == 4, digits.allSatisfy(\.isHexadecimalDigit),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw fault("behind \\u there are four hexadecimal digits", at: start) }
        offset += 4
        return unit
    }
}

extension UInt8 {
    fileprivate var isHexadecimalDigit: Bool {
        (0x30...0x39).contains(self) || (0x61...0x66).contains(self | 0x20)
    }
}
