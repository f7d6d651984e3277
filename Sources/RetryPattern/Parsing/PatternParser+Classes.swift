extension PatternParser {
    /// A class that has a name, as the expression writes it, and whether case counts.
    struct NamedClass: Hashable {
        var written: String
        var foldsCase: Bool
    }

    /// Reads a class in brackets.
    mutating func parseClass() throws(InvalidPattern) -> ScalarSet {
        let start = position
        position += 1
        let isNegated = peek() == "^"
        if isNegated { position += 1 }
        var ranges: [ClosedRange<UInt32>] = []
        var isFirst = true
        while peek() != "]" || isFirst {
            isFirst = false
            var named = try parsePOSIXClass()
            if named == nil { named = try parseEscapedClass() }
            if let named {
                try append(named.ranges, to: &ranges)
                continue
            }
            let range = try parseClassRange(classStart: start)
            try append([range], to: &ranges)
            if flags.foldsCase {
                var equals: [ClosedRange<UInt32>] = []
                CaseFolding.append(equalsOf: range, to: &equals)
                try append(equals, to: &ranges)
            }
        }
        position += 1
        let set = ScalarSet(ranges)
        return isNegated ? set.inverted : set
    }

    private mutating func append(
        _ added: [ClosedRange<UInt32>], to ranges: inout [ClosedRange<UInt32>]
    ) throws(InvalidPattern) {
        try charge(ranges: added.count)
        ranges.append(contentsOf: added)
    }

    /// Counts ranges of classes, of which there must not be too many.
    mutating func charge(ranges: Int) throws(InvalidPattern) {
        do throws(CodeBuilder.TooLarge) { try builder.charge(ranges: ranges) } catch { throw tooLarge }
    }

    /// Reads a single character or a range of characters.
    private mutating func parseClassRange(classStart: Int) throws(InvalidPattern) -> ClosedRange<UInt32> {
        let start = position
        let low = try parseClassScalar(classStart: classStart)
        guard peek() == "-", let next = peek(1), next != "]" else { return low...low }
        position += 1
        let high = try parseClassScalar(classStart: classStart)
        guard low <= high else { throw mistake(.invalidCharacterRange, from: start) }
        return low...high
    }

    private mutating func parseClassScalar(classStart: Int) throws(InvalidPattern) -> UInt32 {
        if peek() == "\\" { return try parseEscapedScalar() }
        guard let scalar = take() else {
            throw mistake(.missingBracket, from: classStart, to: scalars.count)
        }
        return scalar.value
    }

    /// Reads `[:name:]` in a class; without its `:]` it is something else.
    private mutating func parsePOSIXClass() throws(InvalidPattern) -> ScalarSet? {
        guard peek() == "[", peek(1) == ":" else { return nil }
        let start = position
        guard !isPOSIXEndMissing else { return nil }
        var end = start + 2
        while end + 1 < scalars.count, scalars[end] != ":" || scalars[end + 1] != "]" { end += 1 }
        guard end + 1 < scalars.count else {
            // Searching to the end once is enough, however often `[:` occurs.
            isPOSIXEndMissing = true
            return nil
        }
        position = end + 2
        var name = text((start + 2)..<end)
        let isNegated = name.hasPrefix("^")
        if isNegated { name.removeFirst() }
        guard let set = ScalarSet.posix(name) else { throw mistake(.invalidCharacterRange, from: start) }
        return adapted(set, isNegated: isNegated)
    }

    /// Reads `\d`, `\pL` and the like, in a class or outside.
    mutating func parseEscapedClass() throws(InvalidPattern) -> ScalarSet? {
        guard peek() == "\\", let letter = peek(1) else { return nil }
        let set: ScalarSet
        switch letter {
        case "d", "D": set = .digit
        case "s", "S": set = .space
        case "w", "W": set = .word
        case "p", "P": return try parseUnicodeClass()
        default: return nil
        }
        position += 2
        return adapted(set, isNegated: "A"..."Z" ~= letter)
    }

    private func adapted(_ set: ScalarSet, isNegated: Bool) -> ScalarSet {
        let wide = flags.foldsCase ? set.folded : set
        return isNegated ? wide.inverted : wide
    }

    private mutating func parseUnicodeClass() throws(InvalidPattern) -> ScalarSet {
        let start = position
        var isNegated = peek(1) == "P"
        position += 2
        var nameStart = position
        var nameEnd = position
        if take() == "{" {
            guard let end = find("}", from: position) else {
                throw mistake(.invalidCharacterRange, from: start, to: scalars.count)
            }
            (nameStart, nameEnd, position) = (nameStart + 1, end, end + 1)
        } else {
            nameEnd = position
        }
        let key = NamedClass(written: text(start..<position), foldsCase: flags.foldsCase)
        if let known = namedSets[key] { return known }
        if nameStart < nameEnd, scalars[nameStart] == "^" {
            isNegated.toggle()
            nameStart += 1
        }
        switch UnicodeClass.named(text(nameStart..<nameEnd)) {
        case .unknown: throw mistake(.invalidCharacterRange, from: start)
        case .script: throw mistake(.unsupportedScript, from: start)
        case .set(let set):
            let result = adapted(set, isNegated: isNegated)
            namedSets[key] = result
            return result
        }
    }
}
