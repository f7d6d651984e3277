/// Which versions of which languages a build gets: the algorithm of the behaviour reference, section 12.2.
struct RuntimeSelection: Sendable, Hashable {
    /// One selected version.
    struct Choice: Sendable, Hashable {
        /// The language.
        var language: String
        /// The version as it is told: a key of the catalogue, or the text that was asked for.
        var version: String
        /// `VERSION` for the commands of `default`; nil for a listed version.
        var variable: String?
        /// The commands that select it.
        var commands: [String]
    }

    /// In the order of installation: what others require first, then the buildspec's order.
    private(set) var choices: [Choice] = []

    private let catalog: RuntimeCatalog

    /// Selects versions.
    /// - Parameters:
    ///   - wanted: Languages and versions of the buildspec, variables expanded.
    ///   - catalog: What the image has.
    /// - Throws: ``PhaseFailure`` in CodeBuild's words.
    init(_ wanted: [(language: String, version: String)], from catalog: RuntimeCatalog) throws(PhaseFailure) {
        self.catalog = catalog
        for (language, version) in wanted {
            let (choice, requirements) = try select(language, version)
            for requirement in requirements { try satisfy(requirement, of: choice, wanted) }
            add(choice)
        }
    }

    private mutating func add(_ choice: Choice) {
        guard !choices.contains(where: { $0.language == choice.language }) else { return }
        choices.append(choice)
    }

    private func select(
        _ name: String, _ wanted: String
    ) throws(PhaseFailure) -> (Choice, [RuntimeCatalog.Requirement]) {
        guard let language = catalog.language(name) else {
            throw PhaseFailure(AssumedBehaviour.unknownRuntime(name, known: catalog.languages.map(\.name)))
        }
        if let version = Self.listed(wanted, in: language) {
            let choice = Choice(
                language: name, version: version.key, variable: nil, commands: version.commands)
            return (choice, version.requirements)
        }
        if let version = language.versions.first(where: { $0.key == RuntimeCatalog.defaultKey }) {
            let choice = Choice(language: name, version: wanted, variable: wanted, commands: version.commands)
            return (choice, version.requirements)
        }
        let known = language.listed.map(\.key).joined(separator: ", ")
        throw PhaseFailure(
            .yamlFileError(
                "Unknown runtime version named '\(wanted)' of \(name). "
                    + "This build image has the following versions: \(known)"))
    }

    /// `latest`, `N.x` and `N.N.x`, or a version's exact key.
    private static func listed(
        _ wanted: String, in language: RuntimeCatalog.Language
    ) -> RuntimeCatalog.Version? {
        let listed = language.listed
        let highest: ([RuntimeCatalog.Version]) -> RuntimeCatalog.Version? = { versions in
            versions.max { RuntimeVersionOrder.isLower($0.key, $1.key) }
        }
        if wanted == "latest" { return highest(listed) }
        if wanted.hasSuffix(".x") {
            let prefix = String(wanted.dropLast(2))
            return highest(listed.filter { $0.key == prefix || $0.key.hasPrefix(prefix + ".") })
        }
        return listed.first { $0.key == wanted }
    }

    /// Selects what a version requires, unless the buildspec has selected it; that must be an acceptable one.
    private mutating func satisfy(
        _ requirement: RuntimeCatalog.Requirement, of choice: Choice,
        _ wanted: [(language: String, version: String)]
    ) throws(PhaseFailure) {
        guard let given = wanted.first(where: { $0.language == requirement.language }) else {
            guard let version = requirement.versions.first else { return }
            return add(try select(requirement.language, version).0)
        }
        let (other, _) = try select(given.language, given.version)
        guard requirement.versions.contains(other.version) else {
            throw PhaseFailure(AssumedBehaviour.conflictingRuntimes(choice, other, requirement.versions))
        }
        add(other)
    }
}

/// The order of version keys: runs of digits count as numbers.
enum RuntimeVersionOrder {
    /// Whether `left` is the lower version.
    static func isLower(_ left: String, _ right: String) -> Bool {
        parts(left).lexicographicallyPrecedes(parts(right))
    }

    private enum Part: Comparable {
        case text(String)
        case number(length: Int, digits: String)
    }

    /// Numbers may be longer than any integer: without leading zeros the longer one is the higher.
    private static func parts(_ key: String) -> [Part] {
        var parts: [Part] = []
        var rest = Substring(key)
        while let first = rest.first {
            let isNumber = isDigit(first)
            let run = rest.prefix { isDigit($0) == isNumber }
            rest = rest[run.endIndex...]
            guard isNumber else {
                parts.append(.text(String(run)))
                continue
            }
            let digits = String(run.drop { $0 == "0" })
            parts.append(.number(length: digits.utf8.count, digits: digits))
        }
        return parts
    }

    private static func isDigit(_ character: Character) -> Bool {
        character.isASCII && character.isNumber
    }
}
