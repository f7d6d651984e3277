/// The keys of one section of a buildspec: the one source of their names, kinds and allowed values.
///
/// The decoder reads by these keys, tells unknown ones apart by them and finds suggestions among them; whatever else needs
/// to know the language (rules, JSON Schema, documentation) walks the same tables from ``TopLevelKey``.
package protocol SectionKey: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
    /// The section's path in messages and documentation, such as `batch/build-graph`; empty for the top level.
    static var section: String { get }
    /// What the table says about the key.
    var definition: KeyDefinition { get }
    /// Which keys the section cannot do without, and which exclude each other.
    static var rules: [SectionRule<Self>] { get }
}

/// What holds between the keys of a section; a file that breaks it is refused.
///
/// A key counts as given when its value is neither null nor the empty text.
package enum SectionRule<Key: Sendable>: Sendable {
    /// The key must be given.
    case needs(Key)
    /// The key must be there, even without a value, unless the other one is given.
    case mentions(Key, unless: Key)
    /// Of these keys no two are given.
    case takesOneOf([Key])
}

/// What is known about one key.
package struct KeyDefinition: Sendable {
    /// The kind of value the key takes.
    package var shape: ValueShape
    /// One line of documentation.
    package var summary: String
    /// Whether CodeBuild's documentation requires the key in its section.
    ///
    /// CodeBuild itself is more lenient.
    package var isRequired: Bool
    /// The only version of the file in which the key has a meaning; nil for every version.
    package var onlyIn: Buildspec.Version?
    /// What to write instead where the key has no meaning.
    package var replacement: String?
    /// What CodeBuild assumes without the key, as it would be written; nil when that depends on the project.
    package var defaultValue: String?
    /// Values worth offering; others are allowed too.
    package var examples: [String] = []
    /// How many entries of a list or a map count; further ones are ignored.
    package var limit: Int?
    /// The form of the names of a map's entries, as in ``ValueShape/pattern(_:)`` but in this case only.
    package var entryNames: String?
    /// The form of the values of a map's entries, likewise; entries without a value are refused then.
    package var entryValues: String?
    /// The page of the AWS documentation.
    package var documentation: String?

    init(
        _ shape: ValueShape, _ summary: String, isRequired: Bool = false, onlyIn: Buildspec.Version? = nil,
        replacement: String? = nil, defaultValue: String? = nil
    ) {
        self.shape = shape
        self.summary = summary
        self.isRequired = isRequired
        self.onlyIn = onlyIn
        self.replacement = replacement
        self.defaultValue = defaultValue
        // Every switch of the language is off unless it is turned on (behaviour reference, section 1).
        if case .boolean = shape { self.defaultValue = defaultValue ?? "no" }
    }

    /// The definition with something added to it.
    func with<Value>(_ field: WritableKeyPath<KeyDefinition, Value>, _ value: Value) -> KeyDefinition {
        var definition = self
        definition[keyPath: field] = value
        return definition
    }
}

/// The kind of value a key takes.
package enum ValueShape: Sendable {
    /// Text; numbers and booleans are taken by their literal text.
    case text
    /// Text of a form given by a regular expression (ECMA-262, to be matched as a whole, case ignored).
    case pattern(String)
    /// `yes`, `no`, `true`, `false`, `on`, `off`, in any case, quoted or not.
    case boolean
    /// A whole number within bounds.
    case integer(ClosedRange<Int>)
    /// One of these texts, case ignored when so marked.
    case choice([String], ignoringCase: Bool)
    /// A list of texts; a single text is a list of one.
    case texts
    /// A map of names to texts.
    case namedTexts
    /// A map of names to lists of texts.
    case namedTextLists
    /// A map with the keys of a section.
    case section(any SectionKey.Type)
    /// A map of free names to sections.
    case namedSections(any SectionKey.Type)
    /// A list of sections.
    case sections(any SectionKey.Type)
}

extension SectionKey {
    /// Nothing holds between the keys of most sections.
    package static var rules: [SectionRule<Self>] { [] }

    /// The key's path in messages, such as `env/variables`.
    package var path: String { Self.path(of: rawValue) }

    /// The path of any key of the section.
    package static func path(of name: String) -> String {
        section.isEmpty ? name : section + "/" + name
    }
}
