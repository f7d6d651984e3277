/// One event of libyaml's parser, in Swift's terms.
///
/// Places are character counts from 0.
struct YAMLEvent {
    enum Kind {
        case streamStart
        case streamEnd
        case documentStart
        case documentEnd
        case alias(String)
        case scalar(YAMLScalar, Properties)
        case sequenceStart(Properties)
        case sequenceEnd
        case mappingStart(Properties)
        case mappingEnd
    }

    /// What may be written before a value.
    struct Properties {
        var anchor: String?
        var tag: String?
    }

    var kind: Kind
    var start: Int
    var end: Int
}

/// Why libyaml could not go on, in its own words.
struct YAMLEventFailure: Error {
    enum Place {
        case character(Int)
        case byte(Int)
    }

    var problem: String
    var place: Place
    /// What libyaml was reading, such as "while parsing a block mapping", and the character where that began.
    var context: String?
    var contextCharacter: Int?
    /// Whether the bytes themselves are at fault, rather than the YAML.
    var isReader: Bool
}
