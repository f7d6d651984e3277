/// JSON (RFC 8259) as it is written piece by piece.
///
/// Knows nothing of structure but commas: whoever writes closes what was opened.
struct JSONText {
    /// What is written so far.
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// `{`, the members, `}`.
    mutating func object(_ members: (inout JSONText) -> Void) {
        enclose(UInt8(ascii: "{"), UInt8(ascii: "}"), members)
    }

    /// `[`, the elements, `]`.
    mutating func array(_ elements: (inout JSONText) -> Void) {
        enclose(UInt8(ascii: "["), UInt8(ascii: "]"), elements)
    }

    /// The key of the member whose value is written next.
    mutating func key(_ name: StaticString) {
        separate()
        quote(name.description)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A string, or `null`.
    mutating func value(_ text: String?) {
        separate()
        if let text { quote(text) } else { bytes += "null".utf8 }
        needsComma = true
    }

    /// A number, or `null`.
    mutating func value(_ number: Int?) {
        separate()
        bytes += (number.map { String($0) } ?? "null").utf8
        needsComma = true
    }

    /// `true` or `false`.
    mutating func value(_ isTrue: Bool) {
        separate()
        bytes += (isTrue ? "true" : "false").utf8
        needsComma = true
    }

    /// A member whose value is a string or `null`.
    mutating func member(_ name: StaticString, _ text: String?) {
        key(name)
        value(text)
    }

    /// A member whose value is a number or `null`.
    mutating func member(_ name: StaticString, _ number: Int?) {
        key(name)
        value(number)
    }

    /// A member whose value is true or false.
    mutating func member(_ name: StaticString, _ isTrue: Bool) {
        key(name)
        value(isTrue)
    }

    /// A line feed behind the comma that the next element needs, so that each element has a line of its own.
    mutating func breakLine(indent: Int = 0) {
        separate()
        needsComma = false
        bytes.append(UInt8(ascii: "\n"))
        bytes += repeatElement(UInt8(ascii: " "), count: indent)
    }

    /// A line feed before what closes an array or object.
    mutating func endLine() {
        bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func enclose(_ open: UInt8, _ close: UInt8, _ content: (inout JSONText) -> Void) {
        separate()
        bytes.append(open)
        needsComma = false
        content(&self)
        bytes.append(close)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    /// Everything that a terminal would obey, or that would hide other text, is escaped too.
    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\":
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(UInt8(truncatingIfNeeded: scalar.value))
            case "\n": bytes += "\\n".utf8
            case "\t": bytes += "\\t".utf8
            case _ where DisplayText.isHarmful(scalar):
                for unit in String(scalar).utf16 { escape(unit) }
            default: bytes += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ unit: UInt16) {
        let digits = String(unit, radix: 16)
        bytes += "\\u".utf8
        bytes += repeatElement(UInt8(ascii: "0"), count: 4 - digits.utf8.count)
        bytes += digits.utf8
    }
}
