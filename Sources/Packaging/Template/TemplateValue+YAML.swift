extension TemplateValue {
    /// The value as YAML in block style, functions in their short form.
    var yaml: String {
        var text = ""
        append(to: &text, indent: 0, isInLine: false)
        return text
    }

    /// Writes the value; `isInLine` when something stands on the line already.
    private func append(to text: inout String, indent: Int, isInLine: Bool) {
        let margin = String(repeating: "  ", count: indent)
        switch self {
        case .tagged(let tag, let inner):
            text += (isInLine ? " " : margin) + tag
            inner.append(to: &text, indent: indent, isInLine: true)
        case .text(let value): text += (isInLine ? " " : margin) + Self.scalar(value) + "\n"
        case .plain(let value, _):
            text += (isInLine ? (value.isEmpty ? "" : " ") : margin) + value + "\n"
        case .list(let items):
            guard !items.isEmpty else {
                text += (isInLine ? " " : margin) + "[]\n"
                return
            }
            if isInLine { text += "\n" }
            for item in items {
                text += margin + "-"
                item.append(to: &text, indent: indent + 1, isInLine: true)
            }
        case .map(let pairs):
            guard !pairs.isEmpty else {
                text += (isInLine ? " " : margin) + "{}\n"
                return
            }
            if isInLine { text += "\n" }
            for pair in pairs {
                text += margin + (pair.isBareKey ? pair.key : Self.scalar(pair.key)) + ":"
                pair.value.append(to: &text, indent: indent + 1, isInLine: true)
            }
        }
    }

    /// The value as YAML in flow style, on one line.
    var flow: String {
        switch self {
        case .tagged(let tag, let inner): tag + " " + inner.flow
        case .text(let value): Self.scalar(value)
        case .plain(let value, _): value.isEmpty ? "null" : value
        case .list(let items): "[" + items.map(\.flow).joined(separator: ", ") + "]"
        case .map(let pairs):
            "{"
                + pairs.map { Self.flowKey($0.key, isBare: $0.isBareKey) + ": " + $0.value.flow }
                .joined(separator: ", ") + "}"
        }
    }

    /// A key in flow style: quoted where it has to be, but for one that is a number because it is not.
    static func flowKey(_ key: String, isBare: Bool) -> String {
        isBare && PlainScalar(key) != .text ? key : scalar(key)
    }

    /// A scalar that YAML reads as this text, on one line: unquoted where that is surely possible.
    static func scalar(_ text: String) -> String {
        isPlain(text) ? text : jsonString(text)
    }

    /// Whether text can stand unquoted, in flow collections too.
    static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, isWordByte(first) || first == UInt8(ascii: "/"),
            PlainScalar(text) == .text, !text.hasSuffix(":"), !text.hasSuffix(" "), !text.contains(": "),
            text != "=", text != "<<"
        else { return false }
        return text.utf8.allSatisfy { byte in
            isWordByte(byte) || [46, 47, 58, 43, 61, 64, 32, 45].contains(byte)
        }
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
    }
}
