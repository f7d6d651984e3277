/// The schemas of values, by the shapes and limits of the key tables.
enum ValueSchemas {
    /// Schemas that many keys share, by their names in `$defs`.
    static let shared: [JSONMember] = [
        JSONMember(
            "text",
            [
                "description": "Text; numbers and booleans are taken as they are written.",
                "type": ["string", "number", "boolean", "null"],
                "pattern": #"^[^\u0000]*$"#,
            ]),
        JSONMember(
            "texts",
            [
                "description": "A list of texts; a single text is a list of one.",
                "type": ["array", "string", "number", "boolean", "null"],
                "pattern": #"^[^\u0000]*$"#,
                "items": reference("text"),
            ]),
        JSONMember(
            "switch",
            [
                "description": "yes or no, true or false, on or off, in any case.",
                "anyOf": [
                    ["type": "boolean"],
                    ["type": "string", "pattern": switchPattern],
                    reference("nothing"),
                ],
            ]),
        JSONMember(
            "nothing",
            [
                "description": "No value, or an empty one: the same as leaving the key out.",
                "type": ["string", "null"],
                "maxLength": .number("0"),
            ]),
    ]

    private static let switchPattern = CasePattern.whole(CasePattern.ignoringCase("yes|no|true|false|on|off"))

    /// A reference to a schema of `$defs`.
    static func reference(_ name: String) -> JSONValue { ["$ref": .text("#/$defs/" + name)] }

    /// One of several schemas.
    static func any(of schemas: [JSONValue]) -> JSONValue {
        schemas.count == 1 ? schemas[0] : ["anyOf": .list(schemas)]
    }

    /// Text of a form, in any case.
    static func pattern(_ pattern: String) -> [JSONValue] {
        [["type": "string", "pattern": CasePattern.whole(CasePattern.ignoringCase(pattern))]]
    }

    /// A whole number, quoted or not.
    static func integer(_ range: ClosedRange<Int>) -> [JSONValue] {
        [
            [
                "type": "integer", "minimum": .number("\(range.lowerBound)"),
                "maximum": .number("\(range.upperBound)"),
            ],
            ["type": "string", "pattern": CasePattern.whole("[+]?0*(\(NumberPattern.digits(of: range)))")],
        ]
    }

    /// One of some texts; those that look like numbers may also be read as such.
    static func choice(_ texts: [String], ignoringCase: Bool) -> [JSONValue] {
        let numbers = texts.filter { Double($0) != nil }.map(JSONValue.number)
        let choice: JSONValue = ["enum": .list(numbers + texts.map(JSONValue.text))]
        return ignoringCase ? [choice] + pattern(texts.joined(separator: "|")) : [choice]
    }

    /// A map of free names.
    static func map(of value: JSONValue, _ definition: KeyDefinition) -> JSONValue {
        let map: JSONValue = ["type": ["object", "null"]]
        return
            map
            .adding(
                "propertyNames", definition.entryNames.map { ["pattern": CasePattern.whole($0)] }
            )
            .adding("additionalProperties", value)
            .adding("maxProperties", definition.limit.map { .number("\($0)") })
    }

    /// A value of a map.
    static func entry(_ definition: KeyDefinition) -> JSONValue {
        guard let form = definition.entryValues else { return reference("text") }
        return ["type": ["string", "number", "boolean"], "pattern": CasePattern.whole(form)]
    }
}
