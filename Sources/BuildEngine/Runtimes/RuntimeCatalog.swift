import YAMLTree

/// The runtimes that a build image offers: its `/codebuild/image/config/runtimes.yml` (behaviour reference, section 12.1).
struct RuntimeCatalog: Sendable, Hashable {
    /// Where the file is, as the build sees it.
    static let path = "/codebuild/image/config/runtimes.yml"
    /// The version key that serves versions which are not listed.
    static let defaultKey = "default"

    /// One version of a language.
    struct Version: Sendable, Hashable {
        /// Its key, such as `3.11` or `corretto17`.
        var key: String
        /// Acceptable version keys of other languages that must be there, by language.
        var requirements: [Requirement]
        /// The commands that select it.
        var commands: [String]
    }

    /// Another language that a version needs.
    struct Requirement: Sendable, Hashable {
        /// The language.
        var language: String
        /// Its acceptable version keys, the preferred one first.
        var versions: [String]
    }

    /// One language with its versions.
    struct Language: Sendable, Hashable {
        /// Its name, such as `python`.
        var name: String
        /// Its versions in the file's order, `default` among them.
        var versions: [Version]

        /// The versions that have a name.
        var listed: [Version] { versions.filter { $0.key != RuntimeCatalog.defaultKey } }
    }

    /// In the file's order.
    var languages: [Language]

    /// Reads the file's text; what has another shape than expected is left out.
    /// - Throws: `YAMLError` when the text is no YAML.
    init(parsing text: [UInt8]) throws(YAMLError) {
        let root = try YAMLDocument(parsing: text).root?.mapping
        languages = (root?["runtimes"]?.mapping?.entries ?? []).compactMap { pair in
            guard let name = pair.key.scalar?.text, let versions = pair.value.mapping?["versions"]?.mapping
            else {
                return nil
            }
            return Language(name: name, versions: versions.entries.compactMap(Self.version))
        }
    }

    /// The language of this name.
    func language(_ name: String) -> Language? { languages.first { $0.name == name } }

    private static func version(_ pair: YAMLPair) -> Version? {
        guard let key = pair.key.scalar?.text else { return nil }
        let fields = pair.value.mapping
        let requirements = (fields?["requires"]?.mapping?.entries ?? []).compactMap { entry -> Requirement? in
            guard let language = entry.key.scalar?.text else { return nil }
            return Requirement(language: language, versions: texts(entry.value))
        }
        return Version(key: key, requirements: requirements, commands: texts(fields?["commands"]))
    }

    /// A list of texts, or a single one.
    private static func texts(_ node: YAMLNode?) -> [String] {
        guard let node, !node.isNull else { return [] }
        return (node.sequence ?? [node]).compactMap { $0.scalar?.text }
    }
}
