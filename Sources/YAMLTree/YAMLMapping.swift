/// One key with its value.
package struct YAMLPair: Sendable {
    /// The key; almost always a scalar, but YAML allows any node.
    package let key: YAMLNode
    /// The value; a null scalar when nothing is written.
    package let value: YAMLNode

    /// Makes a pair.
    package init(key: YAMLNode, value: YAMLNode) {
        self.key = key
        self.value = value
    }

    /// Whether the pair is a merge key: an unquoted `<<`, or a key tagged `!!merge` (YAML 1.1 type repository, "merge").
    package var isMerge: Bool {
        guard let scalar = key.scalar, scalar.text == "<<" else { return false }
        return key.tag == "tag:yaml.org,2002:merge" || (key.tag == nil && scalar.style == .plain)
    }
}

/// The pairs of a map in the order of the text.
package struct YAMLMapping: Sendable {
    /// The pairs as written: duplicates are kept, merge keys are not applied.
    package let pairs: [YAMLPair]

    private let hasMerge: Bool

    /// Makes a map of pairs as they are written.
    package init(_ pairs: [YAMLPair]) {
        self.pairs = pairs
        hasMerge = pairs.contains { $0.isMerge }
    }

    /// The pairs with merge keys applied: first the map's own ones (duplicates kept), then those that merged
    /// maps add.
    ///
    /// Own keys win over merged ones, an earlier merged map wins over a later one (YAML 1.1).
    package var entries: [YAMLPair] {
        guard hasMerge else { return pairs }
        var entries = pairs.filter { !$0.isMerge }
        var seen = Set(entries.compactMap { $0.key.scalar?.text })
        for pair in pairs where pair.isMerge {
            let sources = pair.value.sequence ?? [pair.value]
            for source in sources {
                for entry in source.mapping?.entries ?? [] {
                    guard let name = entry.key.scalar?.text else {
                        entries.append(entry)
                        continue
                    }
                    if seen.insert(name).inserted { entries.append(entry) }
                }
            }
        }
        return entries
    }

    /// The value of a key, merge keys applied; of equal keys the last counts.
    ///
    /// Takes time in proportion to the map.
    package subscript(_ name: String) -> YAMLNode? {
        entries.last { $0.key.scalar?.text == name }?.value
    }
}
