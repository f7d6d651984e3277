/// A set of code points: what one place of an expression may match.
///
/// Surrogates may be members, as in Go; no text has them.
struct ScalarSet: Sendable, Hashable {
    /// The last code point there is.
    static let last: UInt32 = 0x10_FFFF

    /// Sorted ranges that neither overlap nor touch.
    private(set) var ranges: [ClosedRange<UInt32>] = []

    /// Joins ranges of any order.
    init(_ unsorted: [ClosedRange<UInt32>]) {
        for range in unsorted.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let previous = ranges.last, range.lowerBound <= previous.upperBound + 1 {
                let end = max(previous.upperBound, range.upperBound)
                ranges[ranges.count - 1] = previous.lowerBound...end
            } else {
                ranges.append(range)
            }
        }
    }

    /// Every code point that this set lacks.
    var inverted: ScalarSet {
        var gaps: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if next < range.lowerBound { gaps.append(next...(range.lowerBound - 1)) }
            next = range.upperBound + 1
        }
        if next <= Self.last { gaps.append(next...Self.last) }
        return ScalarSet(gaps)
    }

    /// The set with all that equals a member without regard to case.
    var folded: ScalarSet {
        var all = ranges
        for range in ranges { CaseFolding.append(equalsOf: range, to: &all) }
        return ScalarSet(all)
    }

    /// Everything, which is `.` with the flag `s`.
    static let any = ScalarSet([0...last])
    /// Everything but a line feed, which is `.`.
    static let anyButNewline = ScalarSet([0...9, 11...last])
    /// `\w`.
    static let word = ScalarSet(ascii("09AZaz__"))
    /// `\d`.
    static let digit = ScalarSet(ascii("09"))
    /// `\s`, which in Go lacks the vertical tab.
    static let space = ScalarSet(ascii("\t\n\u{c}\r  "))

    /// The class named in `[[:name:]]`, nil when there is none.
    static func posix(_ name: String) -> ScalarSet? {
        switch name {
        case "alnum": ScalarSet(ascii("09AZaz"))
        case "alpha": ScalarSet(ascii("AZaz"))
        case "ascii": ScalarSet([0...0x7F])
        case "blank": ScalarSet(ascii("\t\t  "))
        case "cntrl": ScalarSet([0...0x1F, 0x7F...0x7F])
        case "digit": digit
        case "graph": ScalarSet(ascii("!~"))
        case "lower": ScalarSet(ascii("az"))
        case "print": ScalarSet(ascii(" ~"))
        case "punct": ScalarSet(ascii("!/:@[`{~"))
        case "space": ScalarSet(ascii("\t\r  "))
        case "upper": ScalarSet(ascii("AZ"))
        case "word": word
        case "xdigit": ScalarSet(ascii("09AFaf"))
        default: nil
        }
    }

    /// Reads pairs of first and last characters.
    private static func ascii(_ pairs: String) -> [ClosedRange<UInt32>] {
        let bounds = pairs.unicodeScalars.map { $0.value }
        return stride(from: 0, to: bounds.count - 1, by: 2).map { bounds[$0]...bounds[$0 + 1] }
    }
}
