/// What holds between the keys of a section, as schemas.
///
/// They are conditions on single keys, so that an editor marks the key that is wrong, not the whole section.
enum RuleSchemas {
    /// The schemas of a rule, besides what `required` says already.
    static func schemas<Key: SectionKey>(of rule: SectionRule<Key>) -> [JSONValue] {
        switch rule {
        case .needs: []
        case .mentions(let key, unless: let other):
            [["if": isGiven(other), "else": ["required": [.text(key.rawValue)]]]]
        case .takesOneOf(let keys):
            keys.map { key in
                let others = keys.filter { $0 != key }
                    .map { JSONMember($0.rawValue, ValueSchemas.reference("nothing")) }
                return ["if": isGiven(key), "then": ["properties": .object(others)]]
            }
        }
    }

    /// Keys that another version has under another name: what they say would be lost.
    ///
    /// Keys that have no meaning any more do no harm; they are only marked as deprecated.
    static func obsoleteKeys<Key: SectionKey>(of _: Key.Type) -> [JSONValue] {
        guard Key.section.isEmpty else { return [] }
        return Key.allCases.compactMap { key in
            let definition = key.definition
            guard let version = definition.onlyIn, definition.replacement != nil else { return nil }
            let versions = ValueSchemas.choice([version.rawValue], ignoringCase: false)
            return [
                "if": ["properties": [TopLevelKey.version.rawValue: ["not": ValueSchemas.any(of: versions)]]],
                "then": ["properties": .object([JSONMember(key.rawValue, false)])],
            ]
        }
    }

    private static func isGiven(_ key: some SectionKey) -> JSONValue {
        let value: JSONValue = ["not": ValueSchemas.reference("nothing")]
        return [
            "required": [.text(key.rawValue)],
            "properties": .object([JSONMember(key.rawValue, value)]),
        ]
    }
}
