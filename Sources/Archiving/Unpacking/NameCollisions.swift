/// Finds names that differ only in case or in the form of Unicode.
///
/// Looks at a bounded number of names: reporting is a courtesy, not a defence.
struct NameCollisions {
    private var names: [String: [UInt8]] = [:]
    private var reported: Set<[UInt8]> = []
    private(set) var found: [NameCollision] = []
    /// Whether no name had to be left out.
    private(set) var isComplete = true

    private var byteCount = 0
    /// Names that are compared, directories included, and bytes of them.
    private static let namesLimit = 200_000
    private static let bytesLimit = 16 << 20
    private static let reportLimit = 20

    /// Takes in the next name of an archive, and the directories in it.
    mutating func add(_ path: EntryPath) {
        // From the innermost: where one is known, so are those around it.
        var name = path.bytes[...]
        while !name.isEmpty, add(name) {
            name = name[..<(name.lastIndex(of: UInt8(ascii: "/")) ?? name.startIndex)]
        }
    }

    /// Takes in one name; false when it is known already, or cannot be taken in.
    private mutating func add(_ name: ArraySlice<UInt8>) -> Bool {
        guard found.count < Self.reportLimit else { return false }
        guard let text = String(validating: name, as: UTF8.self) else { return true }
        // Strings are equal when they are the same characters, in whatever form. Some letters have two in capitals.
        let key = name.allSatisfy { $0 < 0x80 } ? text.lowercased() : text.uppercased().lowercased()
        guard let other = names[key] else {
            guard names.count < Self.namesLimit, byteCount < Self.bytesLimit else {
                isComplete = false
                return false
            }
            names[key] = Array(name)
            byteCount += name.count
            return true
        }
        guard !name.elementsEqual(other) else { return false }
        guard reported.insert(Array(name)).inserted else { return false }
        found.append(NameCollision(first: EntryName(bytes: other), second: EntryName(bytes: Array(name))))
        return true
    }
}
