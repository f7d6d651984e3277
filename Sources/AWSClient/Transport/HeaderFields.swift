/// Header fields in their order; names compare without case.
package struct HeaderFields: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    private(set) var fields: [Field] = []

    struct Field: Sendable, Hashable {
        var name: String
        var value: String
    }

    /// The given fields.
    package init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }

    /// The first field of this name; assigning replaces all of them, nil removes them.
    package subscript(name: String) -> String? {
        get {
            let wanted = name.lowercased()
            return fields.first { $0.name.lowercased() == wanted }?.value
        }
        set {
            let wanted = name.lowercased()
            fields.removeAll { $0.name.lowercased() == wanted }
            if let newValue { fields.append(Field(name: name, value: newValue)) }
        }
    }

    /// Adds a field beside others of its name.
    mutating func add(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }
}
