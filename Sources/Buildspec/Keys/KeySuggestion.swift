/// What an unknown word was probably meant to be.
enum KeySuggestion: Equatable {
    /// Another word of the same list.
    case meant(String)
    /// The very same key exists, but in another section.
    case belongsIn(section: String)
}

extension KeySuggestion {
    /// The word of a list that is nearest to one that is not in it: equal but for case, `-` and `_`, or the same parts in
    /// another order, or a few typing errors away.
    static func nearest(to word: String, among words: [String]) -> String? {
        guard word.utf8.count <= 64 else { return nil }
        let parts = normalized(word)
        if let equal = words.first(where: { normalized($0).joined() == parts.joined() }) { return equal }
        if parts.count > 1, let swapped = words.first(where: { normalized($0).sorted() == parts.sorted() }) {
            return swapped
        }
        let allowed = word.utf8.count < 4 ? 1 : word.utf8.count < 9 ? 2 : 3
        let letters = Array(parts.joined(separator: "-").unicodeScalars)
        let distances = words.map { candidate in
            let other = Array(normalized(candidate).joined(separator: "-").unicodeScalars)
            return (candidate, distance(letters, other))
        }
        guard let best = distances.min(by: { $0.1 < $1.1 }), best.1 <= allowed else { return nil }
        return best.0
    }

    /// The suggestion for a key that the section does not know.
    static func forUnknownKey<Key: SectionKey>(_ name: String, in _: Key.Type) -> KeySuggestion? {
        if let home = home(of: name) { return .belongsIn(section: home) }
        return nearest(to: name, among: Key.allCases.map(\.rawValue)).map { .meant($0) }
    }

    private static func normalized(_ word: String) -> [String] {
        // "preBuild" reads as two parts, "PRE_BUILD" as two as well.
        var parts: [String] = [""]
        var previousIsLower = false
        for character in word {
            if character == "-" || character == "_" || character == " " || character == "." {
                parts.append("")
                previousIsLower = false
                continue
            }
            if character.isUppercase && previousIsLower { parts.append("") }
            previousIsLower = character.isLowercase
            parts[parts.count - 1] += character.lowercased()
        }
        return parts.filter { !$0.isEmpty }
    }

    /// The number of insertions, deletions, replacements and swaps of neighbours between two words (optimal string
    /// alignment).
    fileprivate static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var beforePrevious: [Int] = []
        var previous = Array(0...right.count)
        for (row, scalar) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var cost = min(
                    previous[column + 1] + 1, current[column] + 1,
                    previous[column] + (scalar == other ? 0 : 1))
                if row > 0, column > 0, scalar == right[column - 1], left[row - 1] == other {
                    cost = min(cost, beforePrevious[column - 1] + 1)
                }
                current.append(cost)
            }
            beforePrevious = previous
            previous = current
        }
        return previous[right.count]
    }

    /// The outermost section that knows a key, unless two equally far out do.
    private static func home(of name: String) -> String? {
        var found: [String] = []
        search(TopLevelKey.self, for: name, into: &found)
        let byLevel = Dictionary(grouping: found) { section in
            section.isEmpty ? -1 : section.count { $0 == "/" }
        }
        guard let outermost = byLevel.min(by: { $0.key < $1.key })?.value else { return nil }
        return outermost.count == 1 ? outermost[0] : nil
    }

    private static func search<Key: SectionKey>(_: Key.Type, for name: String, into found: inout [String]) {
        for key in Key.allCases {
            if key.rawValue == name, !found.contains(Key.section) { found.append(Key.section) }
            switch key.definition.shape {
            case .section(let inner), .namedSections(let inner), .sections(let inner):
                search(inner, for: name, into: &found)
            default: continue
            }
        }
    }
}

extension KeySuggestion {
    /// Whether a name is so near to another one that it can hardly be meant for itself: one slip in six letters or more, or
    /// only the case or the separators differ.
    ///
    /// Names that differ in digits alone, such as `STAGE1` and `STAGE2`, are names of their own.
    static func isMisspelling(_ name: String, of other: String) -> Bool {
        guard name != other, name.utf8.count < 100, other.utf8.count < 100 else { return false }
        let left = Array(name.lowercased().unicodeScalars)
        let right = Array(other.lowercased().unicodeScalars)
        let leftLetters = left.filter { $0 != "_" }
        let rightLetters = right.filter { $0 != "_" }
        if leftLetters == rightLetters { return left.count > 3 }
        let isDigit: (Unicode.Scalar) -> Bool = { ("0"..."9").contains($0) }
        if leftLetters.filter({ !isDigit($0) }) == rightLetters.filter({ !isDigit($0) }) { return false }
        guard min(left.count, right.count) >= 6, abs(left.count - right.count) <= 1 else { return false }
        // A plural is a name of its own too.
        if left + ["s"] == right || right + ["s"] == left { return false }
        return distance(left, right) == 1
    }
}
