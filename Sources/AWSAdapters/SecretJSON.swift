import FoundationEssentials

/// The JSON object in a secret's text.
enum SecretJSON {
    /// One value of any type.
    private enum Value: Codable {
        case string(String)
        case integer(Int64)
        case number(Double)
        case boolean(Bool)
        case array([Value])
        case object([String: Value])
        case null

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let value = try? container.decode(String.self) {
                self = .string(value)
            } else if let value = try? container.decode(Bool.self) {
                self = .boolean(value)
            } else if let value = try? container.decode(Int64.self) {
                self = .integer(value)
            } else if let value = try? container.decode(Double.self) {
                self = .number(value)
            } else if let value = try? container.decode([Value].self) {
                self = .array(value)
            } else if let value = try? container.decode([String: Value].self) {
                self = .object(value)
            } else {
                self = .null
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .string(let value): try container.encode(value)
            case .integer(let value): try container.encode(value)
            case .number(let value): try container.encode(value)
            case .boolean(let value): try container.encode(value)
            case .array(let value): try container.encode(value)
            case .object(let value): try container.encode(value)
            case .null: try container.encodeNil()
            }
        }
    }

    /// The value of a key: a string as it is, anything else as its JSON text (behaviour reference, section 1.4).
    static func value(of key: String, in text: String) -> String? {
        guard let object = try? JSONDecoder().decode([String: Value].self, from: Data(text.utf8)),
            let value = object[key]
        else { return nil }
        switch value {
        case .string(let string): return string
        // A number that went through the machine's own may come out as another: 1.10, or twenty digits.
        case .integer, .number: return SecretJSONMembers.text(of: key, in: text)
        default: break
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) }
    }
}
