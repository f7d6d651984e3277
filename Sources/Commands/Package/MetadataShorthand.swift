/// `NAME=VALUE,NAME=VALUE` as the AWS CLI reads it: blanks around a name and a value are left out, a value with commas is in
/// single or double quotes, and a backslash stands before a quote inside them, or before a comma outside.
struct MetadataShorthand {
    private var rest: Substring

    /// The pairs of a text; nil where it is something else.
    static func pairs(of text: String) -> [String: String]? {
        var reader = MetadataShorthand(rest: text[...])
        var pairs: [String: String] = [:]
        repeat {
            guard let (name, value) = reader.pair() else { return nil }
            pairs[name] = value
        } while reader.take(",")
        return reader.rest.isEmpty ? pairs : nil
    }

    private mutating func pair() -> (name: String, value: String)? {
        guard let equals = rest.firstIndex(of: "=") else { return nil }
        let name = Self.trimmed(rest[..<equals])
        rest = rest[equals...].dropFirst().drop { $0 == " " }
        guard !name.isEmpty else { return nil }
        for quote in ["\"", "'"] as [Character] where take(quote) {
            let value = text(upTo: quote)
            guard take(quote) else { return nil }
            rest = rest.drop { $0 == " " }
            return (name, value)
        }
        return (name, Self.trimmed(text(upTo: ",")[...]))
    }

    /// Reads up to a character that has no backslash before it, or to the end.
    private mutating func text(upTo end: Character) -> String {
        var text = ""
        while let next = rest.first, next != end {
            rest.removeFirst()
            if next == "\\", let escaped = rest.first, escaped == end || (escaped == "\\" && end != ",") {
                rest.removeFirst()
                text.append(escaped)
            } else {
                text.append(next)
            }
        }
        return text
    }

    private mutating func take(_ character: Character) -> Bool {
        guard rest.first == character else { return false }
        rest.removeFirst()
        return true
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
