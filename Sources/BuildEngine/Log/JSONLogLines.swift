/// The log as JSON, one object a line: `{"time": <epoch seconds>, "source": "agent"|"output", "message": "..."}`.
struct JSONLogLines: Sendable {
    /// Longer lines of output are told in pieces of this many bytes, so that memory stays bounded.
    private static let longestLine = 64 << 10

    private var line: [UInt8] = []

    /// An agent line.
    mutating func agent(_ text: [UInt8], _ time: Timestamp) -> [UInt8] {
        flush(time) + Self.object("agent", text[...], time)
    }

    /// Output: objects for the lines that are complete.
    mutating func output(_ bytes: [UInt8], _ time: Timestamp) -> [UInt8] {
        var objects: [UInt8] = []
        for piece in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        {
            if piece.offset > 0 {
                objects += Self.object("output", line[...], time)
                line = []
            }
            line += piece.element
            while line.count > Self.longestLine {
                objects += Self.object("output", line.prefix(Self.longestLine), time)
                line.removeFirst(Self.longestLine)
            }
        }
        return objects
    }

    private mutating func flush(_ time: Timestamp) -> [UInt8] {
        guard !line.isEmpty else { return [] }
        defer { line = [] }
        return Self.object("output", line[...], time)
    }

    private static func object(_ source: String, _ message: ArraySlice<UInt8>, _ time: Timestamp) -> [UInt8] {
        var object = Array("{\"time\":\(time.epochSeconds),\"source\":\"\(source)\",\"message\":".utf8)
        JSONText.append(String(decoding: message, as: UTF8.self), to: &object)
        object += Array("}\n".utf8)
        return object
    }
}

/// JSON string literals.
enum JSONText {
    /// Appends `text` as a JSON string with its quotes.
    static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20, 0x7f:
                let digits = String(byte, radix: 16)
                bytes += Array(("\\u00" + (byte < 16 ? "0" : "") + digits).utf8)
            default:
                bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
