extension PatternParser {
    /// The counts of a repetition.
    private struct Counts {
        var minimum: Int
        /// Nil when there is no limit.
        var maximum: Int?
    }

    /// Reads a repetition when one stands here; a `{` may be a mere character.
    mutating func parseOperator(_ scalar: Unicode.Scalar) throws(InvalidPattern) -> Bool {
        let start = position
        switch scalar {
        case "*": try applyRepetition(Counts(minimum: 0), length: 1)
        case "+": try applyRepetition(Counts(minimum: 1), length: 1)
        case "?": try applyRepetition(Counts(minimum: 0, maximum: 1), length: 1)
        case "{":
            guard let (counts, end) = readCounts() else { return false }
            let maximum = counts.maximum ?? counts.minimum
            guard counts.minimum <= NodeShape.maximumRepeats, maximum <= NodeShape.maximumRepeats,
                counts.minimum <= maximum
            else { throw mistake(.invalidRepeatCount, from: start, to: end) }
            try applyRepetition(counts, length: end - start, isCounted: true)
        default: return false
        }
        return true
    }

    private mutating func applyRepetition(
        _ counts: Counts, length: Int, isCounted: Bool = false
    ) throws(InvalidPattern) {
        let start = position
        position += length
        if peek() == "?" { position += 1 }
        if let lastRepetition { throw mistake(.invalidNestedRepetition, from: lastRepetition) }
        guard let atom = group.atom else { throw mistake(.missingRepetitionArgument, from: start) }
        var shape = atom.shape.wrapped()
        if isCounted {
            shape = atom.shape.wrapped(repeats: max(1, counts.maximum ?? counts.minimum))
            if counts.maximum == 0 { shape.repeats = 1 }
        }
        try check(shape)
        if isCounted, max(counts.minimum, counts.maximum ?? 0) >= 2,
            shape.repeats > NodeShape.maximumRepeats
        {
            throw mistake(.invalidRepeatCount, from: start)
        }
        do throws(CodeBuilder.TooLarge) {
            try builder.repeatCode(from: atom.start, minimum: counts.minimum, maximum: counts.maximum)
        } catch {
            throw tooLarge
        }
        group.atom?.shape = shape
    }

    /// Reads `{n}`, `{n,}` or `{n,m}` without taking it.
    private func readCounts() -> (Counts, end: Int)? {
        var place = position + 1
        guard let minimum = readNumber(&place) else { return nil }
        var maximum: Int? = minimum
        if place < scalars.count, scalars[place] == "," {
            place += 1
            if place < scalars.count, scalars[place] == "}" {
                maximum = nil
            } else {
                guard let number = readNumber(&place) else { return nil }
                maximum = number
            }
        }
        guard place < scalars.count, scalars[place] == "}" else { return nil }
        return (Counts(minimum: minimum, maximum: maximum), place + 1)
    }

    /// Reads digits without a leading zero; beyond the limit their value is of no interest.
    private func readNumber(_ place: inout Int) -> Int? {
        let start = place
        var number = 0
        while place < scalars.count, case "0"..."9" = scalars[place] {
            let digit = Int(scalars[place].value) - 0x30
            number = min(number * 10 + digit, NodeShape.maximumRepeats + 1)
            place += 1
        }
        guard place > start, scalars[start] != "0" || place == start + 1 else { return nil }
        return number
    }
}
