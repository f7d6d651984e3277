import Buildspec
import FoundationEssentials
import Testing

@Suite struct SchemaTableTests {
    @Test func `describes every key of every table, and no others`() throws {
        let schema = try JSONDecoder().decode(SchemaNode.self, from: Data(Buildspec.jsonSchema.utf8))
        let definitions = try #require(schema.definitions)
        var seen: Set<String> = []
        func visit<Key: SectionKey>(_: Key.Type, _ node: SchemaNode?) throws {
            let section = try #require(node?.resolved(in: definitions), "\(Key.section)")
            let properties = try #require(section.properties, "\(Key.section)")
            #expect(Set(properties.keys) == Set(Key.allCases.map(\.rawValue)), "\(Key.section)")
            guard seen.insert(Key.section).inserted else { return }
            for key in Key.allCases {
                let property = try #require(properties[key.rawValue], "\(key.path)")
                #expect(property.description == key.definition.summary, "\(key.path)")
                #expect((property.deprecated == true) == (key.definition.onlyIn != nil), "\(key.path)")
                switch key.definition.shape {
                case .section(let inner): try visit(inner, property)
                case .namedSections(let inner): try visit(inner, property.additionalProperties)
                case .sections(let inner): try visit(inner, property.items)
                default: continue
                }
            }
        }
        try visit(TopLevelKey.self, schema)
        #expect(seen.count == 20)
    }

    @Test func `is text that JSON readers take, with a line break at its end`() throws {
        #expect(Buildspec.jsonSchema.hasSuffix("}\n"))
        #expect(!Buildspec.jsonSchema.contains("\t"))
        #expect(try JSONDecoder().decode(SchemaNode.self, from: Data(Buildspec.jsonSchema.utf8)).hasContent)
    }
}

/// What the tests look at in a schema.
private struct SchemaNode: Decodable {
    var description: String?
    var deprecated: Bool?
    var reference: String?
    var properties: [String: SchemaNode]?
    var definitions: [String: SchemaNode]?
    /// A list, since a value type cannot hold itself.
    private var nested: [String: SchemaNode] = [:]

    var additionalProperties: SchemaNode? { nested["additionalProperties"] }
    var items: SchemaNode? { nested["items"] }
    var hasContent: Bool { properties?.isEmpty == false }

    private enum CodingKeys: String, CodingKey {
        case description, deprecated, properties, additionalProperties, items
        case reference = "$ref"
        case definitions = "$defs"
    }

    init(from decoder: any Decoder) throws {
        // A schema can also be `true` or `false`.
        if (try? decoder.singleValueContainer().decode(Bool.self)) != nil { return }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        description = try container.decodeIfPresent(String.self, forKey: .description)
        deprecated = try container.decodeIfPresent(Bool.self, forKey: .deprecated)
        reference = try container.decodeIfPresent(String.self, forKey: .reference)
        properties = try container.decodeIfPresent([String: SchemaNode].self, forKey: .properties)
        definitions = try container.decodeIfPresent([String: SchemaNode].self, forKey: .definitions)
        for key in [CodingKeys.additionalProperties, .items] {
            nested[key.rawValue] = try container.decodeIfPresent(SchemaNode.self, forKey: key)
        }
    }

    func resolved(in definitions: [String: SchemaNode]) -> SchemaNode? {
        guard let reference else { return self }
        return definitions[String(reference.dropFirst("#/$defs/".count))]
    }
}
