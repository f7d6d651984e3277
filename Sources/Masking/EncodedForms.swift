/// The forms in which tools write a value besides the value itself.
///
/// Every form is complete: whatever stands around the value in the encoded text, the form is part of it.
enum EncodedForms {
    /// Longer values are not looked for with separators between their hexadecimal digits, nor doubly escaped.
    private static let longestWithRareForms = 512

    /// Longer values, more than Secrets Manager stores, have no encoded forms at all.
    static let longestValue = 64 << 10

    /// All forms of a whole value, without the value itself.
    static func forms(of value: [UInt8]) -> [[UInt8]] {
        guard value.count <= longestValue else { return [] }
        let isShort = value.count <= longestWithRareForms
        var escaped = escapedForms(of: value)
        if isShort {
            let json = JSONEscapes.forms(of: value)
            escaped += json.map { JSONEscapes.minimal($0, escapingSlash: false) }
            escaped += JSONEscapes.completeForms(of: value)
        }
        var forms = escaped
        var texts = [value]
        for inner in JSONEscapes.usualForms(of: value) where !texts.contains(inner) { texts.append(inner) }
        for text in texts {
            forms += Base64Forms.all(of: text)
        }
        forms += HexadecimalForms.forms(of: value, separated: isShort)
        return forms
    }

    /// The forms of one line of a value: as it may be written on its own.
    static func forms(ofLine line: [UInt8]) -> [[UInt8]] {
        guard line.count <= longestValue else { return [] }
        return escapedForms(of: line) + Base64Forms.single(of: line)
    }

    /// Forms that differ from the text only where it has special characters.
    private static func escapedForms(of text: [UInt8]) -> [[UInt8]] {
        let isPlain = text.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: false
            }
        }
        guard !isPlain else { return [] }
        return JSONEscapes.forms(of: text) + ShellQuotes.forms(of: text) + MarkupEscapes.forms(of: text)
            + URLEscapes.forms(of: text)
    }
}

extension [UInt8] {
    /// The text with some bytes written in another way.
    func escaping(_ replacement: (UInt8) -> [UInt8]?) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(count * 2)
        for byte in self {
            if let other = replacement(byte) { result += other } else { result.append(byte) }
        }
        return result
    }
}

/// Digits of a byte.
enum HexadecimalDigits {
    static let lower = Array("0123456789abcdef".utf8)
    static let upper = Array("0123456789ABCDEF".utf8)

    static func pair(_ byte: UInt8, _ digits: [UInt8]) -> [UInt8] {
        [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
}
