/// Cutting texts, byte for byte: no character is joined with its neighbour.
enum TextPieces {
    /// The pieces between a delimiter, empty ones kept.
    static func split(_ text: String, at delimiter: String) -> [String] {
        let (bytes, cut) = (Array(text.utf8), Array(delimiter.utf8))
        var pieces: [String] = []
        var start = 0
        var index = 0
        while index + cut.count <= bytes.count {
            if bytes[index] == cut[0], bytes[index..<(index + cut.count)].elementsEqual(cut) {
                pieces.append(String(decoding: bytes[start..<index], as: UTF8.self))
                index += cut.count
                start = index
            } else {
                index += 1
            }
        }
        pieces.append(String(decoding: bytes[start...], as: UTF8.self))
        return pieces
    }

    /// The items of a comma-delimited list, without blanks around them.
    static func commaList(_ text: String) -> [String] {
        split(text, at: ",").map(trimmed)
    }

    /// Without blanks at its ends.
    static func trimmed(_ text: String) -> String {
        var scalars = text.unicodeScalars[...]
        while let first = scalars.first, first == " " || first == "\t" || first == "\n" {
            scalars.removeFirst()
        }
        while let last = scalars.last, last == " " || last == "\t" || last == "\n" { scalars.removeLast() }
        return String(scalars)
    }
}

/// `Fn::Base64`.
enum Base64Text {
    private static let digits = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The UTF-8 bytes of a text in base64, with padding.
    static func encode(_ text: String) -> String {
        var result: [UInt8] = []
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
            let group = bytes[index..<min(index + 3, bytes.count)]
            var bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            bits <<= UInt32(8 * (3 - group.count))
            for place in 0..<4 {
                let digit = digits[Int(bits >> UInt32(18 - 6 * place) & 63)]
                result.append(place <= group.count ? digit : UInt8(ascii: "="))
            }
            index += 3
        }
        return String(decoding: result, as: UTF8.self)
    }
}

/// `Fn::ToJsonString`.
enum ProjectJSON {
    /// A known value as one line of JSON.
    static func text(_ value: ProjectValue) -> String {
        switch value.content {
        case .text(let text): quoted(text)
        case .list(let items): "[" + items.map(text).joined(separator: ",") + "]"
        case .map(let entries):
            "{" + entries.map { quoted($0.name) + ":" + text($0.value) }.joined(separator: ",") + "}"
        case .nothing, .unknown: "null"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
