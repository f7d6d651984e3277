import FoundationEssentials

/// The members of a JSON object, each with its value's own text.
///
/// The document must be one: only where values begin and end is looked for here.
struct SecretJSONMembers {
    private let bytes: [UInt8]
    private var position = 0

    /// The text of the last member of that name; nil when there is none.
    static func text(of key: String, in document: String) -> String? {
        var members = SecretJSONMembers(bytes: Array(document.utf8))
        members.skip { $0 != UInt8(ascii: "{") }
        members.position += 1
        var found: String?
        while let (name, value) = members.next() {
            if name == key { found = String(decoding: value, as: UTF8.self) }
        }
        return found
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private mutating func next() -> (name: String?, value: ArraySlice<UInt8>)? {
        skip { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "}") }
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { return nil }
        let name = string()
        skip { $0 != UInt8(ascii: ":") }
        position += 1
        skip { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        let start = position
        var depth = 0
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                _ = string()
                continue
            }
            if depth == 0, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") { break }
            if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") { depth += 1 }
            if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") { depth -= 1 }
            position += 1
        }
        let end = bytes[start..<position].lastIndex { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        return (
            try? JSONDecoder().decode(String.self, from: Data(name)), bytes[start..<((end ?? start - 1) + 1)]
        )
    }

    /// The string that begins here, with its quotes.
    private mutating func string() -> ArraySlice<UInt8> {
        let start = position
        position += 1
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        position = min(position + 1, bytes.count)
        return bytes[start..<position]
    }

    private mutating func skip(while condition: (UInt8) -> Bool) {
        while position < bytes.count, condition(bytes[position]) { position += 1 }
    }
}
