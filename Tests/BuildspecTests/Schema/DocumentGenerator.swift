import Buildspec

/// Makes buildspecs that are valid by the tables of keys, and changes to them.
struct DocumentGenerator {
    private var random: SeededGenerator
    private var identifiers = 0

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    /// A valid buildspec.
    mutating func document() -> GeneratedDocument { section(TopLevelKey.self) }

    /// Something done to a document, which may leave it valid.
    mutating func mutation() -> GeneratedDocument.Mutation {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return .rename(pick(["x", "s", "_"]))
        case 1: return .remove
        case 2, 3:
            let (name, value) = pick(Self.additions)
            return .add(name, value)
        default: return .replace(pick(Self.oddValues))
        }
    }

    /// Which value of a document to change.
    mutating func index(in document: GeneratedDocument) -> Int {
        Int.random(in: 0..<max(1, document.count), using: &random)
    }

    private static let oddValues: [GeneratedDocument] = [
        .scalar("maybe"), .scalar("-1"), .scalar("0"), .scalar("99999"), .scalar("\"\""), .scalar("null"),
        .scalar("true"), .scalar("\"RETRY-101\""), .scalar("RETRY-5x"), .scalar("\":x\""),
        .scalar("\"a:b:c:d\""), .scalar("\"a:b::d\""), .scalar("\"arn:aws:s\""), .scalar("\"a\\0b\""),
        .scalar("0.3"), .scalar("arn"), .list([]), .map([]), .list([.scalar("null")]),
        .list([.list([.scalar("a")])]), .list([.scalar("a"), .map([("b", .scalar("c"))])]),
        .map([("a", .scalar("b"))]), .map([("A=B", .scalar("b"))]), .map([("", .scalar("b"))]),
        .list((0..<7).map { .scalar("k\($0)") }),
    ]

    private static let additions: [(String, GeneratedDocument)] = [
        ("build-fanout", .map([("parallelism", .scalar("2"))])),
        ("build-list", .list([.map([("identifier", .scalar("one"))])])),
        ("build-matrix", .scalar("null")), ("fleet", .scalar("arn")), ("compute-type", .scalar("small")),
        ("environment_variables", .map([("plaintext", .map([("A", .scalar("b"))]))])),
        ("x-common", .list([.scalar("1")])), ("type", .scalar("zip")), ("commands", .list([.scalar("a")])),
        ("on_failure", .scalar("ABORT")), ("deploy", .map([])), ("phases", .scalar("null")),
    ]

    private mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[Int.random(in: 0..<choices.count, using: &random)]
    }

    private mutating func section<Key: SectionKey>(_: Key.Type) -> GeneratedDocument {
        var keys = Key.allCases.filter { $0.definition.onlyIn == nil && Bool.random(using: &random) }
        for rule in Key.rules {
            switch rule {
            case .needs(let key), .mentions(let key, unless: _):
                if !keys.contains(key) { keys.append(key) }
            case .takesOneOf(let others):
                let one = pick(others)
                keys.removeAll { others.contains($0) && $0 != one }
            }
        }
        return .map(keys.map { ($0.rawValue, value($0)) })
    }

    private mutating func value<Key: SectionKey>(_ key: Key) -> GeneratedDocument {
        let isNeeded = Key.rules.contains { rule in
            if case .needs(key) = rule { true } else { false }
        }
        if !isNeeded, Int.random(in: 0..<12, using: &random) == 0 { return .scalar("null") }
        switch key.path {
        case GraphBuildKey.identifier.path, ListBuildKey.identifier.path:
            identifiers += 1
            return .scalar("build_\(identifiers)")
        // Relations between builds are beyond schemas.
        case GraphBuildKey.dependOn.path: return .list([])
        default: return value(key.definition)
        }
    }

    private mutating func value(_ definition: KeyDefinition) -> GeneratedDocument {
        switch definition.shape {
        case .text: return text()
        case .pattern: return .scalar(pick(definition.examples + ["Retry-0100-.*", "abort", "\"\""]))
        case .boolean: return .scalar(pick(["yes", "NO", "true", "On", "\"off\"", "False", "\"\""]))
        case .integer(let range):
            return .scalar(pick(["\(range.lowerBound)", "\(range.upperBound)", "\"\(range.upperBound)\""]))
        case .choice(let texts, let ignoringCase):
            return .scalar(pick(ignoringCase ? texts + texts.map { $0.lowercased() } : texts))
        case .texts: return texts()
        case .namedTexts: return .map(["A", "b-2"].map { ($0, entry(definition)) })
        case .namedTextLists: return .map(["A", "b-2"].map { ($0, texts()) })
        case .section(let inner): return section(inner)
        case .namedSections(let inner): return .map(["one", "$TWO"].map { ($0, section(inner)) })
        case .sections(let inner): return .list([section(inner), section(inner)])
        }
    }

    private mutating func text() -> GeneratedDocument {
        .scalar(pick(["abc", "3.10", "true", "NO", "0123", "\"\"", "null", "'a: b'", "2020-01-02", "~"]))
    }

    private mutating func texts() -> GeneratedDocument {
        Bool.random(using: &random) ? text() : .list([text(), text(), text()])
    }

    private mutating func entry(_ definition: KeyDefinition) -> GeneratedDocument {
        guard definition.entryValues != nil else { return text() }
        let arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf"
        return .scalar(
            pick(["name", "7", "\"db:password\"", "\"db:::id\"", "\"\(arn)\"", "\"\(arn):user:STAGE:\""]))
    }
}
