extension JSONValue {
    /// The value as text, indented by two spaces, with a line break at its end.
    ///
    /// Lists without lists and objects inside are on one line.
    var text: String {
        var text = ""
        write(to: &text, indent: "")
        return text + "\n"
    }

    private var isSimple: Bool {
        switch self {
        case .boolean, .number, .text: true
        case .list, .object: false
        }
    }

    private func write(to text: inout String, indent: String) {
        switch self {
        case .boolean(let value): text += value ? "true" : "false"
        case .number(let literal): text += literal
        case .text(let value): Self.write(value, to: &text)
        case .list(let items):
            let isOneLine = items.allSatisfy(\.isSimple)
            Self.write(items, between: "[", and: "]", onOneLine: isOneLine, to: &text, indent) {
                $0.write(to: &$1, indent: $2)
            }
        case .object(let members):
            Self.write(members, between: "{", and: "}", onOneLine: members.isEmpty, to: &text, indent) {
                Self.write($0.name, to: &$1)
                $1 += ": "
                $0.value.write(to: &$1, indent: $2)
            }
        }
    }

    private static func write<Element>(
        _ elements: [Element], between open: String, and close: String, onOneLine: Bool,
        to text: inout String,
        _ indent: String, write: (Element, inout String, String) -> Void
    ) {
        let inner = indent + "  "
        text += open
        for (index, element) in elements.enumerated() {
            if index > 0 { text += onOneLine ? ", " : "," }
            if !onOneLine { text += "\n" + inner }
            write(element, &text, inner)
        }
        if !onOneLine { text += "\n" + indent }
        text += close
    }

    private static func write(_ value: String, to text: inout String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\u{0}"..<" ":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
