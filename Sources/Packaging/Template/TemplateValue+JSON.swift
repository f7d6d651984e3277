extension TemplateValue {
    /// The value as JSON, four blanks a level, functions in their long form: what `--use-json` of the AWS CLI
    /// writes.
    func json(indent: Int = 0) -> String {
        switch self {
        case .text(let text): return Self.jsonString(text)
        case .plain(let text, let meaning): return Self.json(meaning) ?? Self.jsonString(text)
        // JSON has no tags, and these change no value that it has.
        case .tagged(let tag, let inner) where tag.hasPrefix("!!"): return inner.json(indent: indent)
        case .tagged(let tag, let inner): return Self.longForm(tag, inner).json(indent: indent)
        case .list(let items):
            return Self.block("[", "]", items.map { $0.json(indent: indent + 1) }, indent)
        case .map(let pairs):
            let lines = pairs.map { Self.jsonString($0.key) + ": " + $0.value.json(indent: indent + 1) }
            return Self.block("{", "}", lines, indent)
        }
    }

    /// A JSON string, which is one of YAML too: only what must be escaped in either is.
    static func jsonString(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value),
                "\u{2028}", "\u{2029}", "\u{FEFF}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// `!GetAtt a.b` is `{"Fn::GetAtt": ["a", "b"]}`.
    private static func longForm(_ tag: String, _ inner: TemplateValue) -> TemplateValue {
        let name = String(tag.dropFirst(tag.hasPrefix("!") ? 1 : 0))
        var value = inner
        if name == "GetAtt", case .text(let text) = inner {
            let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
            value = .list(parts.map { .text(String($0)) })
        }
        let key = name == "Ref" || name == "Condition" ? name : "Fn::" + name
        return .map([Pair(key: key, value: value)])
    }

    /// Nil where JSON has only the text.
    private static func json(_ meaning: PlainScalar) -> String? {
        switch meaning {
        case .null: "null"
        case .beyondJSON, .text: nil
        case .boolean(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .number(let text): text
        }
    }

    private static func block(_ open: String, _ close: String, _ lines: [String], _ indent: Int) -> String {
        guard !lines.isEmpty else { return open + close }
        let margin = "\n" + String(repeating: "    ", count: indent)
        return open + lines.map { margin + "    " + $0 }.joined(separator: ",") + margin + close
    }
}
