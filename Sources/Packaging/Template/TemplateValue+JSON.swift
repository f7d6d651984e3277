extension TemplateValue {
    /// The value as JSON, four blanks a level, functions in their long form: what `--use-json` of the AWS CLI
    /// writes.
    func json(indent: Int = 0) -> String {
        switch self {
        case .text(let text): return Self.jsonString(text)
        case .plain(_, let meaning): return Self.json(meaning)
        case .tagged(let tag, let inner): return Self.longForm(tag, inner).json(indent: indent)
        case .list(let items):
            return Self.block("[", "]", items.map { $0.json(indent: indent + 1) }, indent)
        case .map(let pairs):
            let lines = pairs.map { Self.jsonString($0.key) + ": " + $0.value.json(indent: indent + 1) }
            return Self.block("{", "}", lines, indent)
        }
    }

    /// A JSON string; only what must be escaped is.
    static func jsonString(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
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

    private static func json(_ meaning: PlainScalar) -> String {
        switch meaning {
        case .null, .text: "null"
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
