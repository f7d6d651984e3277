/// One element of an answer in XML.
///
/// Attributes and the text between children mean nothing in AWS's protocols and are not kept; names lose
/// their namespace prefix.
struct XMLElement: Sendable, Equatable {
    var name: String
    var text = ""
    var children: [XMLElement] = []

    /// The first child of this name.
    subscript(name: String) -> XMLElement? { children.first { $0.name == name } }

    /// The text of the first child of this name.
    func text(_ name: String) -> String? { self[name]?.text }

    /// The root element of a document; nil when it is not well-formed, deeper than 64 elements, has more than
    /// 100,000 of them, or has a document type
    /// (which no AWS answer has, and which is how XML is made to expand).
    init?(document: [UInt8]) {
        var reader = XMLReader(bytes: document[...])
        guard let root = reader.document() else { return nil }
        self = root
    }

    init(name: String) {
        self.name = name
    }
}

/// Reads well-formed XML bytes, UTF-8 only.
private struct XMLReader {
    var bytes: ArraySlice<UInt8>
    var open: [XMLElement] = []
    /// Elements that may still begin: in memory, each takes many times what it takes in an answer.
    var left = 100_000

    mutating func document() -> XMLElement? {
        if starts("\u{FEFF}") { bytes = bytes.dropFirst(3) }
        while !bytes.isEmpty {
            if starts("<?") {
                guard skip(past: "?>") else { return nil }
            } else if starts("<!--") {
                guard skip(past: "-->") else { return nil }
            } else if starts("<![CDATA[") {
                bytes = bytes.dropFirst(9)
                guard !open.isEmpty, let text = take(until: "]]>") else { return nil }
                open[open.count - 1].text += String(decoding: text, as: UTF8.self)
            } else if starts("<!") {
                return nil
            } else if starts("</") {
                guard let closed = closeElement() else { return nil }
                if open.isEmpty { return closed }
                open[open.count - 1].children.append(closed)
            } else if starts("<") {
                guard let opened = openElement() else { return nil }
                guard case .finished(let element) = opened else { continue }
                if open.isEmpty { return element }
                open[open.count - 1].children.append(element)
            } else {
                guard readText() else { return nil }
            }
        }
        return nil
    }

    private enum OpenedElement {
        case begun
        /// The tag ended with `/>`.
        case finished(XMLElement)
    }

    private mutating func openElement() -> OpenedElement? {
        bytes = bytes.dropFirst()
        let name = takeName()
        guard !name.isEmpty, open.count < 64, left > 0 else { return nil }
        left -= 1
        var quote: UInt8?
        var last: UInt8 = 0
        while let byte = bytes.popFirst() {
            if let mark = quote {
                if byte == mark { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                if last == UInt8(ascii: "/") { return .finished(XMLElement(name: name)) }
                open.append(XMLElement(name: name))
                return .begun
            } else if byte == UInt8(ascii: "<") {
                return nil
            }
            last = byte
        }
        return nil
    }

    private mutating func closeElement() -> XMLElement? {
        bytes = bytes.dropFirst(2)
        let name = takeName()
        guard let rest = take(until: ">"), rest.allSatisfy({ $0 <= 32 }) else { return nil }
        guard let element = open.popLast(), element.name == name else { return nil }
        return element
    }

    private mutating func readText() -> Bool {
        let end = bytes.firstIndex(of: UInt8(ascii: "<")) ?? bytes.endIndex
        let text = String(decoding: bytes[..<end], as: UTF8.self)
        bytes = bytes[end...]
        guard !open.isEmpty else { return text.allSatisfy(\.isWhitespace) }
        guard let decoded = Self.decodeEntities(text) else { return false }
        open[open.count - 1].text += decoded
        return true
    }

    private static func decodeEntities(_ text: String) -> String? {
        guard text.utf8.contains(UInt8(ascii: "&")) else { return text }
        let named = ["lt": "<", "gt": ">", "amp": "&", "quot": "\"", "apos": "'"]
        var parts = text.split(separator: "&", omittingEmptySubsequences: false)[...]
        var result = String(parts.popFirst() ?? "")
        for part in parts {
            guard let end = part.firstIndex(of: ";") else { return nil }
            let name = part[..<end]
            if let plain = named[String(name)] {
                result += plain
            } else if name.first == "#" {
                let digits = name.dropFirst()
                let isHex = digits.first == "x"
                let code = UInt32(isHex ? digits.dropFirst() : digits, radix: isHex ? 16 : 10)
                guard let scalar = code.flatMap(Unicode.Scalar.init) else { return nil }
                result.unicodeScalars.append(scalar)
            } else {
                return nil
            }
            result += part[part.index(after: end)...]
        }
        return result
    }

    private mutating func takeName() -> String {
        let ends: Set<UInt8> = [32, 9, 10, 13, UInt8(ascii: ">"), UInt8(ascii: "/")]
        let end = bytes.firstIndex(where: ends.contains) ?? bytes.endIndex
        let name = String(decoding: bytes[..<end], as: UTF8.self)
        bytes = bytes[end...]
        return name.split(separator: ":").last.map(String.init) ?? ""
    }

    private func starts(_ text: String) -> Bool { bytes.starts(with: text.utf8) }

    private mutating func skip(past mark: String) -> Bool { take(until: mark) != nil }

    /// The bytes before `mark`, which is removed too.
    private mutating func take(until mark: String) -> ArraySlice<UInt8>? {
        let mark = Array(mark.utf8)
        var index = bytes.startIndex
        while let found = bytes[index...].firstIndex(of: mark[0]) {
            if bytes[found...].starts(with: mark) {
                let taken = bytes[..<found]
                bytes = bytes[(found + mark.count)...]
                return taken
            }
            index = found + 1
        }
        return nil
    }
}

extension String {
    /// The text as content of an XML element.
    var xmlEscaped: String {
        var result = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\r": result += "&#13;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
