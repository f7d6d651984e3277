/// Finds names that differ only in case or in the form of Unicode.
///
/// Looks at a bounded number of names: reporting is a courtesy, not a defence.
struct NameCollisions {
    private var names: [String: [UInt8]] = [:]
    private(set) var found: [NameCollision] = []

    private static let namesLimit = 100_000
    private static let reportLimit = 20

    /// Takes in the next name of an archive.
    mutating func add(_ name: [UInt8]) {
        guard found.count < Self.reportLimit, names.count < Self.namesLimit,
            let text = String(validating: name, as: UTF8.self)
        else { return }
        // Strings are equal when they are the same characters, in whatever form.
        let other = names.updateValue(name, forKey: text.lowercased())
        guard let other, other != name else { return }
        found.append(NameCollision(first: EntryName(bytes: other), second: EntryName(bytes: name)))
    }
}
