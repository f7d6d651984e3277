/// The keys of one section of a buildspec: the one source of their names, kinds and allowed values.
///
/// The decoder reads by these keys, tells unknown ones apart by them and finds suggestions among them; whatever else needs
/// to know the language (rules, JSON Schema, documentation) walks the same tables from ``TopLevelKey``.
package protocol SectionKey: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
    /// The section's path in messages and documentation, such as `batch/build-graph`; empty for the top level.
    static var section: String { get }
    /// What the table says about the key.
    var definition: KeyDefinition { get }
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

    init(
        _ shape: ValueShape, _ summary: String, isRequired: Bool = false, onlyIn: Buildspec.Version? = nil,
        replacement: String? = nil
    ) {
        self.shape = shape
        self.summary = summary
        self.isRequired = isRequired
        self.onlyIn = onlyIn
        self.replacement = replacement
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
    /// The key's path in messages, such as `env/variables`.
    package var path: String { Self.path(of: rawValue) }

    /// The path of any key of the section.
    package static func path(of name: String) -> String {
        section.isEmpty ? name : section + "/" + name
    }
}
