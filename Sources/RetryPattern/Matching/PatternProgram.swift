/// A compiled expression.
///
/// It is instructions, and the characters divided into classes that no instruction tells apart.
struct PatternProgram: Sendable {
    /// Relative jumps; begins at 0 and ends with `match`.
    let code: [Instruction]
    /// How many classes there are; a class is a run of code points.
    let classCount: Int
    /// The class of each ASCII character.
    let classesOfASCII: [UInt32]

    /// The first code point of each class, sorted, beginning with 0.
    private let classStarts: [UInt32]
    /// What assertions know of each class.
    private let neighbours: [Neighbour]
    /// Ranges of classes; those of one set after the other.
    private let classRanges: [ClosedRange<UInt32>]
    /// Where the ranges of each set begin, and one more for the end.
    private let rangeStarts: [Int]

    init(_ builder: CodeBuilder) {
        code = builder.code
        let assertions = builder.code.contains { if case .assert = $0 { true } else { false } }
        var starts: Set<UInt32> = [0]
        let cuts = assertions ? [ScalarSet.word, ScalarSet([0xA...0xA])] : []
        for range in (builder.sets + cuts).lazy.flatMap({ $0.ranges }) {
            starts.insert(range.lowerBound)
            if range.upperBound < ScalarSet.last { starts.insert(range.upperBound + 1) }
        }
        let sorted = starts.sorted()
        classStarts = sorted
        classCount = sorted.count
        classesOfASCII = (0..<128).map { Self.classNumber(of: $0, in: sorted) }
        neighbours = sorted.map { start in
            guard assertions, start < 0x80, let scalar = Unicode.Scalar(start) else { return .other }
            return scalar == "\n" ? .newline : scalar.isWordCharacter ? .word : .other
        }
        var ranges: [ClosedRange<UInt32>] = []
        var rangeStarts = [0]
        for set in builder.sets {
            for range in set.ranges {
                let first = Self.classNumber(of: range.lowerBound, in: sorted)
                ranges.append(first...Self.classNumber(of: range.upperBound, in: sorted))
            }
            rangeStarts.append(ranges.count)
        }
        classRanges = ranges
        self.rangeStarts = rangeStarts
    }

    /// The class of any code point.
    func classNumber(of value: UInt32) -> UInt32 {
        Self.classNumber(of: value, in: classStarts)
    }

    private static func classNumber(of value: UInt32, in starts: [UInt32]) -> UInt32 {
        UInt32(truncatingIfNeeded: starts.partitionIndex { $0 > value } - 1)
    }

    func neighbour(_ classNumber: UInt32) -> Neighbour {
        neighbours[Int(classNumber)]
    }

    /// Whether a set has the characters of a class.
    func set(_ set: Int32, contains classNumber: UInt32) -> Bool {
        var low = rangeStarts[Int(set)]
        var high = rangeStarts[Int(set) + 1]
        while low < high {
            let middle = low + (high - low) / 2
            let range = classRanges[middle]
            if range.contains(classNumber) { return true }
            if classNumber < range.lowerBound { high = middle } else { low = middle + 1 }
        }
        return false
    }
}
