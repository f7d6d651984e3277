import Diagnostics
import YAMLTree

/// Reads a map by the keys of a section; tells of keys that the section does not know and of those given twice.
struct SectionReader<Key: SectionKey> {
    /// What the section is called in messages: its table's path with the real names filled in.
    let path: String
    /// Where the map is written.
    let range: SourceRange
    let report: DecodingReport
    /// Whether there are keys that the section does not know.
    let hasUnknownKeys: Bool

    private let pairs: [Key: YAMLPair]

    init(_ mapping: YAMLMapping, at range: SourceRange, path: String = Key.section, report: DecodingReport) {
        self.path = path
        self.range = range
        self.report = report
        var pairs: [Key: YAMLPair] = [:]
        var hasUnknownKeys = false
        for entry in report.pairsByName(of: mapping, path: path) {
            if let key = Key(rawValue: entry.name) {
                pairs[key] = entry.pair
                Self.checkValue(of: key, entry.pair, path: path, report)
                Self.checkVersion(of: key, entry.pair, path: path, report)
            } else {
                hasUnknownKeys = true
                Self.addUnknown(entry.name, entry.pair, path: path, report)
            }
        }
        self.pairs = pairs
        self.hasUnknownKeys = hasUnknownKeys
    }

    /// The pair of a key that is given, whatever its value.
    func pair(_ key: Key) -> YAMLPair? { pairs[key] }

    /// The value of a key that is given and not null.
    func value(_ key: Key) -> YAMLNode? {
        guard let value = pairs[key]?.value, !value.isNull else { return nil }
        return value
    }

    /// The path of a key in messages.
    func path(_ key: Key) -> String { path.isEmpty ? key.rawValue : path + "/" + key.rawValue }

    /// Warns of a key without a value.
    ///
    /// Required keys are left to whoever reads them, who knows what their absence does.
    private static func checkValue(of key: Key, _ pair: YAMLPair, path: String, _ report: DecodingReport) {
        guard pair.value.isEmpty, !key.definition.isRequired else { return }
        let name = path.isEmpty ? key.rawValue : path + "/" + key.rawValue
        report.add(
            .emptySection, "\(name) has no value and does nothing", at: pair.key.useRange,
            mend: "check the indentation of what belongs to it, or remove the key")
    }

    private static func checkVersion(of key: Key, _ pair: YAMLPair, path: String, _ report: DecodingReport) {
        guard let version = key.definition.onlyIn, version != report.version else { return }
        let name = path.isEmpty ? key.rawValue : path + "/" + key.rawValue
        report.add(
            .obsoleteKey, "\(name) belongs to version \(version.rawValue) and is ignored",
            at: pair.key.useRange,
            mend: key.definition.replacement.map { "write `\($0)` instead" } ?? "remove it")
    }

    private static func addUnknown(_ name: String, _ pair: YAMLPair, path: String, _ report: DecodingReport) {
        if path.isEmpty && name.hasPrefix("x-") {
            report.add(
                .extensionKey, "`\(name)` is ignored; it can hold anchors for use elsewhere",
                at: pair.key.useRange)
            return
        }
        // Looking for suggestions takes time, and a hostile file may have very many keys.
        guard report.hasRoom(for: .unknownKey) else { return report.leaveOut() }
        let place = path.isEmpty ? "at the top level" : "in \(path)"
        switch KeySuggestion.forUnknownKey(name, in: Key.self) {
        case .belongsIn(let section):
            let home = section.isEmpty ? "at the top level" : "under `\(section)`"
            report.add(
                .misplacedKey, "`\(name)` \(place) is ignored", at: pair.key.useRange,
                mend: "`\(name)` belongs \(home): check the indentation")
        case .meant(let key):
            let meant = Key(rawValue: key)?.definition
            let isObsolete = meant?.onlyIn.map { $0 != report.version } ?? false
            report.add(
                .unknownKey, "unknown key `\(name)` \(place) is ignored", at: pair.key.useRange,
                mend: "did you mean `\(isObsolete ? meant?.replacement ?? key : key)`?")
        case nil:
            report.add(.unknownKey, "unknown key `\(name)` \(place) is ignored", at: pair.key.useRange)
        }
    }
}

extension DecodingReport {
    /// The pairs of a map by the literal text of their keys, merge keys applied, in document order.
    ///
    /// Of equal keys the last counts, with a warning. Keys that are no text are refused.
    func pairsByName(of mapping: YAMLMapping, path: String) -> [(name: String, pair: YAMLPair)] {
        var places: [String: Int] = [:]
        var result: [(name: String, pair: YAMLPair)?] = []
        for pair in mapping.entries {
            guard let name = pair.key.scalar?.text else {
                add(
                    .invalidMapKey,
                    "invalid map key\(path.isEmpty ? "" : " in \(path)"): \(pair.key.kindInWords) at line "
                        + "\(pair.key.useRange.start.line)",
                    at: pair.key.useRange, mend: "quote text that begins with { or [")
                continue
            }
            if let earlier = places[name], let first = result[earlier] {
                add(
                    .duplicateKey, "`\(name)` is given twice; the last one counts", at: pair.key.useRange,
                    notes: [Diagnostic.Note("given before here", at: first.pair.key.useRange)])
                result[earlier] = nil
            }
            places[name] = result.count
            result.append((name, pair))
        }
        return result.compactMap { $0 }
    }
}
