/// The schemas of sections, gathered while the key tables are walked.
struct SectionSchemas {
    /// The schemas found so far, by their names in `$defs`.
    private(set) var definitions: [JSONMember] = []

    private var names: Set<String> = []

    /// A reference to the schema of a section, which is made when it is wanted for the first time.
    mutating func reference<Key: SectionKey>(to section: Key.Type) -> JSONValue {
        let name = String(Key.section.filter { $0 != "<" && $0 != ">" }.map { $0 == "/" ? "." : $0 })
        if names.insert(name).inserted {
            let schema = schema(of: section)
            definitions.append(JSONMember(name, schema))
        }
        return ValueSchemas.reference(name)
    }

    /// The schema of a section: a map of its keys and no others.
    mutating func schema<Key: SectionKey>(of _: Key.Type) -> JSONValue {
        let isFile = Key.section.isEmpty
        var schema: JSONValue = [
            "type": isFile ? "object" : ["object", "null"],
            "properties": .object(Key.allCases.map { JSONMember($0.rawValue, property($0)) }),
        ]
        // Keys that hold anchors for use elsewhere.
        if isFile { schema = schema.adding("patternProperties", ["^x-": true]) }
        schema = schema.adding("additionalProperties", false)
        let needed = Self.needed(in: Key.self)
        if !needed.isEmpty { schema = schema.adding("required", .texts(needed.map(\.rawValue))) }
        let rules = Key.rules.flatMap(RuleSchemas.schemas) + RuleSchemas.obsoleteKeys(of: Key.self)
        return rules.isEmpty ? schema : schema.adding("allOf", .list(rules))
    }

    private static func needed<Key: SectionKey>(in _: Key.Type) -> [Key] {
        Key.rules.compactMap { rule in
            guard case .needs(let key) = rule else { return nil }
            return key
        }
    }

    private mutating func property<Key: SectionKey>(_ key: Key) -> JSONValue {
        let definition = key.definition
        let described: JSONValue = ["description": .text(definition.summary)]
        let schema =
            described
            .adding("markdownDescription", Self.linkedDescription(definition))
            .adding("deprecated", definition.onlyIn.map { _ in true })
        let value = value(definition, isNeeded: Self.needed(in: Key.self).contains(key))
        return JSONValue.object(schema.members + value.members)
            .adding("default", Self.defaultValue(definition))
            .adding("examples", definition.examples.isEmpty ? nil : .texts(definition.examples))
    }

    /// The description with a link; the YAML extension of VS Code shows it instead.
    private static func linkedDescription(_ definition: KeyDefinition) -> JSONValue? {
        definition.documentation.map { .text("\(definition.summary)\n\n[AWS documentation](\($0))") }
    }

    private static func defaultValue(_ definition: KeyDefinition) -> JSONValue? {
        guard let value = definition.defaultValue else { return nil }
        if case .boolean = definition.shape { return .boolean(value == "yes") }
        return .text(value)
    }

    private mutating func value(_ definition: KeyDefinition, isNeeded: Bool) -> JSONValue {
        switch definition.shape {
        case .text: Self.shared("text", isNeeded)
        case .boolean: Self.shared("switch", isNeeded)
        case .pattern(let pattern): Self.given(ValueSchemas.pattern(pattern), isNeeded)
        case .integer(let range): Self.given(ValueSchemas.integer(range), isNeeded)
        case .choice(let texts, let ignoringCase):
            Self.given(ValueSchemas.choice(texts, ignoringCase: ignoringCase), isNeeded)
        case .texts:
            Self.shared("texts", isNeeded)
                .adding("maxItems", definition.limit.map { .number("\($0)") })
        case .namedTexts: ValueSchemas.map(of: ValueSchemas.entry(definition), definition)
        case .namedTextLists: ValueSchemas.map(of: ValueSchemas.reference("texts"), definition)
        case .section(let section): reference(to: section)
        case .namedSections(let section): ValueSchemas.map(of: reference(to: section), definition)
        case .sections(let section): ["type": ["array", "null"], "items": reference(to: section)]
        }
    }

    private static func shared(_ name: String, _ isNeeded: Bool) -> JSONValue {
        ValueSchemas.reference(name)
            .adding("not", isNeeded ? ValueSchemas.reference("nothing") : nil)
    }

    private static func given(_ schemas: [JSONValue], _ isNeeded: Bool) -> JSONValue {
        ValueSchemas.any(of: isNeeded ? schemas : schemas + [ValueSchemas.reference("nothing")])
    }
}
