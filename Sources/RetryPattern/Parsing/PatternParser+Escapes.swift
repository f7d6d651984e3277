extension PatternParser {
    /// Reads what begins with a backslash, outside a class.
    mutating func parseBackslash() throws(InvalidPattern) {
        switch peek(1) {
        case "A": try addAtom(.assert(.textStart), length: 2)
        case "z": try addAtom(.assert(.textEnd), length: 2)
        case "b": try addAtom(.assert(.wordBoundary), length: 2)
        case "B": try addAtom(.assert(.noWordBoundary), length: 2)
        case "C": throw mistake(.invalidEscape, from: position, to: position + 2)
        case "Q": try parseQuotation()
        default:
            guard let set = try parseEscapedClass() else {
                return try addLiteral(try parseEscapedScalar())
            }
            try charge(ranges: set.ranges.count)
            try addAtom(taking: set)
        }
    }

    /// Reads `\Q...\E`, whose end may be missing.
    private mutating func parseQuotation() throws(InvalidPattern) {
        position += 2
        while let scalar = take() {
            if scalar == "\\", peek() == "E" {
                position += 1
                return
            }
            try addLiteral(scalar.value)
        }
    }

    /// Reads the escape of a single character, in a class or outside.
    mutating func parseEscapedScalar() throws(InvalidPattern) -> UInt32 {
        let start = position
        position += 1
        guard let scalar = take() else {
            throw InvalidPattern(code: .trailingBackslash, piece: "", offset: start)
        }
        let value: UInt32? =
            switch scalar {
            case "0": readOctal(after: scalar)
            // A single digit that is not zero would be a backreference.
            case "1"..."7": isOctalDigit(peek()) ? readOctal(after: scalar) : nil
            case "x": readHexadecimal()
            case "a": 0x07
            case "f": 0x0C
            case "n": 0x0A
            case "r": 0x0D
            case "t": 0x09
            case "v": 0x0B
            default: scalar.isASCII && !scalar.isASCIIAlphanumeric ? scalar.value : nil
            }
        guard let value else { throw mistake(.invalidEscape, from: start) }
        return value
    }

    private func isOctalDigit(_ scalar: Unicode.Scalar?) -> Bool {
        scalar.map { "0"..."7" ~= $0 } ?? false
    }

    private mutating func readOctal(after first: Unicode.Scalar) -> UInt32 {
        var value = first.value - 0x30
        for _ in 1..<3 {
            guard let digit = peek(), isOctalDigit(digit) else { break }
            position += 1
            value = value * 8 + digit.value - 0x30
        }
        return value
    }

    /// Reads what follows `\x`; on failure what Go would have read has been taken.
    private mutating func readHexadecimal() -> UInt32? {
        guard let first = take() else { return nil }
        guard first == "{" else {
            let second = take()
            guard let high = hexadecimal(first), let low = second.flatMap({ hexadecimal($0) }) else {
                return nil
            }
            return high * 16 + low
        }
        var value: UInt32 = 0
        var digits = 0
        while let scalar = take() {
            if scalar == "}" { return digits > 0 ? value : nil }
            guard let digit = hexadecimal(scalar) else { return nil }
            value = value * 16 + digit
            digits += 1
            guard value <= ScalarSet.last else { return nil }
        }
        return nil
    }

    private func hexadecimal(_ scalar: Unicode.Scalar) -> UInt32? {
        switch scalar {
        case "0"..."9": scalar.value - 0x30
        case "a"..."f": scalar.value - 0x61 + 10
        case "A"..."F": scalar.value - 0x41 + 10
        default: nil
        }
    }
}
