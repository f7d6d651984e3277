/// Which characters are equal without regard to case.
///
/// This is Unicode's simple case folding, as in Go's `unicode.SimpleFold`.
enum CaseFolding {
    /// Appends the equals of each member of a range, and perhaps some members again.
    static func append(equalsOf range: ClosedRange<UInt32>, to ranges: inout [ClosedRange<UInt32>]) {
        if range.upperBound < 0x80 {
            // The table is not built for the expressions that nearly everybody writes.
            for scalar in range.clamped(to: 0x41...0x7A) where range.contains(scalar) {
                appendEquals(ofASCII: scalar, to: &ranges)
            }
            return
        }
        let first = table.partitionIndex { $0.scalar >= range.lowerBound }
        for entry in table[first...].prefix(while: { $0.scalar <= range.upperBound }) {
            for equal in orbits[entry.orbit] { ranges.append(equal...equal) }
        }
    }

    private static func appendEquals(ofASCII scalar: UInt32, to ranges: inout [ClosedRange<UInt32>]) {
        guard 0x41...0x5A ~= scalar || 0x61...0x7A ~= scalar else { return }
        let other = scalar ^ 0x20
        ranges.append(other...other)
        // The Kelvin sign and the long s.
        if scalar | 0x20 == 0x6B { ranges.append(0x212A...0x212A) }
        if scalar | 0x20 == 0x73 { ranges.append(0x017F...0x017F) }
    }

    /// A character that has equals, and its place in `orbits`.
    private struct Entry {
        var scalar: UInt32
        var orbit: Int
    }

    private static let orbits: [[UInt32]] = {
        var members: [UInt32: [UInt32]] = [:]
        for value in 0x41...0x1E943 as ClosedRange<UInt32> {
            // The dotless i has a capital, but folds to nothing else.
            guard value != 0x131, let scalar = Unicode.Scalar(value),
                scalar.properties.changesWhenCaseMapped || scalar.properties.changesWhenCaseFolded
            else { continue }
            members[key(scalar), default: []].append(value)
        }
        return members.values.filter { $0.count > 1 }
    }()

    private static let table: [Entry] = orbits.indices
        .flatMap { orbit in orbits[orbit].map { Entry(scalar: $0, orbit: orbit) } }
        .sorted { $0.scalar < $1.scalar }

    /// The small letter of the capital letter, which is one for all that are equal.
    private static func key(_ scalar: Unicode.Scalar) -> UInt32 {
        let capital = single(scalar.properties.uppercaseMapping) ?? scalar
        return (single(capital.properties.lowercaseMapping) ?? capital).value
    }

    private static func single(_ mapping: String) -> Unicode.Scalar? {
        mapping.unicodeScalars.count == 1 ? mapping.unicodeScalars.first : nil
    }
}

extension Array {
    /// The index of the first element that meets a condition which all later ones meet as well.
    func partitionIndex(where meets: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = low + (high - low) / 2
            if meets(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
