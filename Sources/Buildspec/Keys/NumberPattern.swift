/// Whole numbers within bounds as a regular expression, for texts that hold numbers.
package enum NumberPattern {
    /// Matches the decimal digits of the numbers of a range, without leading zeros.
    ///
    /// Numbers below zero are left out.
    package static func digits(of range: ClosedRange<Int>) -> String {
        guard range.upperBound >= 0 else { return "[]" }
        let lower = digits(max(0, range.lowerBound))
        let upper = digits(range.upperBound)
        return (lower.count...upper.count).flatMap { length in
            between(
                length == lower.count ? lower : [1] + zeros(length - 1),
                length == upper.count ? upper : nines(length))
        }.joined(separator: "|")
    }

    /// Alternatives for the numbers from one to another of as many digits.
    private static func between(_ lower: [Int], _ upper: [Int]) -> [String] {
        guard let first = lower.first, let last = upper.first else { return [""] }
        let lowerRest = Array(lower.dropFirst())
        let upperRest = Array(upper.dropFirst())
        let length = lowerRest.count
        if first == last { return between(lowerRest, upperRest).map { "\(first)\($0)" } }
        var result: [String] = []
        var whole = first...last
        if lowerRest != zeros(length) {
            result += between(lowerRest, nines(length)).map { "\(first)\($0)" }
            whole = first + 1...last
        }
        let isWhole = upperRest == nines(length)
        let end = isWhole ? last : last - 1
        if whole.lowerBound <= end {
            let digit = whole.lowerBound == end ? "\(end)" : "[\(whole.lowerBound)-\(end)]"
            result.append(digit + String(repeating: "[0-9]", count: length))
        }
        if !isWhole { result += between(zeros(length), upperRest).map { "\(last)\($0)" } }
        return result
    }

    private static func digits(_ number: Int) -> [Int] { String(number).compactMap(\.wholeNumberValue) }
    private static func zeros(_ count: Int) -> [Int] { Array(repeating: 0, count: count) }
    private static func nines(_ count: Int) -> [Int] { Array(repeating: 9, count: count) }
}
