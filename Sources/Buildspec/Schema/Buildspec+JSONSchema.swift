extension Buildspec {
    /// The JSON Schema (draft 2020-12) of a buildspec, as text.
    ///
    /// It is made from the tables of keys that ``decode(_:)`` reads by. It refuses what decoding refuses, and what
    /// CodeBuild would silently ignore, as far as JSON Schema can say it: it knows nothing of relations between
    /// values, such as `depend-on` and the identifiers of other builds. The text is the same in every run.
    public static let jsonSchema: String = {
        var sections = SectionSchemas()
        let file = sections.schema(of: TopLevelKey.self)
        let head: JSONValue = [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": "urn:buildspec:schema:buildspec",
            "title": "AWS CodeBuild buildspec",
            "description":
                "What a build does: its environment, the commands of its phases, and what it puts out.",
        ]
        let definitions: JSONValue = .object(ValueSchemas.shared + sections.definitions)
        return JSONValue.object(head.members + file.members).adding("$defs", definitions).text
    }()
}
