/// A JSON value whose objects keep the order of their members.
enum JSONValue: Sendable, Hashable {
    case boolean(Bool)
    /// A number as it is written.
    case number(String)
    case text(String)
    case list([JSONValue])
    case object([JSONMember])

    /// A list of texts.
    static func texts(_ texts: [String]) -> JSONValue { .list(texts.map(JSONValue.text)) }
}

/// A member of a JSON object.
struct JSONMember: Sendable, Hashable {
    var name: String
    var value: JSONValue

    init(_ name: String, _ value: JSONValue) {
        self.name = name
        self.value = value
    }
}

extension JSONValue {
    /// The members, when the value is an object.
    var members: [JSONMember] {
        guard case .object(let members) = self else { return [] }
        return members
    }

    /// The value with a member added at its end, when there is something to add.
    func adding(_ name: String, _ value: JSONValue?) -> JSONValue {
        guard let value else { return self }
        return .object(members + [JSONMember(name, value)])
    }
}

// Not by `nil`: the literal must mean that there is no value.
extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    init(stringLiteral value: String) { self = .text(value) }
    init(booleanLiteral value: Bool) { self = .boolean(value) }
    init(arrayLiteral elements: JSONValue...) { self = .list(elements) }
    init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { JSONMember($0, $1) })
    }
}
