extension Scanner {
    /// Whether `{..}` is what bash would make several words of, and not JSON or the shorthand of a program.
    func isBraceExpansion(_ range: Range<Int>) -> Bool {
        guard range.lowerBound == 0 || bytes[range.lowerBound - 1] != ShellBytes.dollar else { return false }
        let inner = bytes[(range.lowerBound + 1)..<(range.upperBound - 1)]
        var hasComma = false
        for byte in inner {
            switch byte {
            case UInt8(ascii: ","): hasComma = true
            case UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "*"),
                ShellBytes.dollar:
                break
            default: guard ShellBytes.isNameByte(byte) else { return false }
            }
        }
        if hasComma { return true }
        return isRange(inner)
    }

    /// Whether the text is a range as in `{1..3}` or `{a..z}`.
    private func isRange(_ inner: ArraySlice<UInt8>) -> Bool {
        let parts = inner.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3 || parts.count == 5, parts[1].isEmpty, parts.count == 3 || parts[3].isEmpty
        else {
            return false
        }
        let isLetters = parts[0].count == 1 && parts[2].count == 1
        let isNumbers = [parts[0], parts[2]].allSatisfy { part in
            let digits = part.first == UInt8(ascii: "-") ? part.dropFirst() : part
            return !digits.isEmpty && digits.allSatisfy(ShellBytes.isDigit)
        }
        return isLetters || isNumbers
    }
}
