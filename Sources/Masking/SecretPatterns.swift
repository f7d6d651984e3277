/// Which byte sequences have to disappear from a log so that one secret does not show.
///
/// A value of several lines is looked for as a whole and line by line, because tools indent, prefix and cut lines
/// (behaviour reference, section 4.7). ``EncodedForms`` adds how tools write it otherwise.
enum SecretPatterns {
    /// Shortest pattern, in bytes: anything shorter would black out ordinary words all over a log.
    static let minimumByteCount = 4

    /// Longest value, in bytes: Secrets Manager stores at most 64 KiB, Parameter Store 8 KiB.
    static let maximumByteCount = 1 << 20

    /// The value without white space around it, which no tool keeps reliably and which is no secret.
    static func core(of value: some Collection<UInt8>) -> [UInt8] {
        Array(trimmed(Array(value)[...]))
    }

    /// The patterns of a value whose ``core(of:)`` is long enough.
    static func patterns(ofCore whole: [UInt8]) -> [[UInt8]] {
        guard hasSeveralLines(whole) else { return [whole] }
        let lineEnds = withLineFeeds(whole)
        return [whole, lineEnds, withCarriageReturns(lineEnds)] + lines(of: whole)
    }

    /// The encoded forms of such a value and of its lines.
    static func encodedPatterns(ofCore whole: [UInt8]) -> [[UInt8]] {
        var forms = EncodedForms.forms(of: whole)
        if whole.count <= EncodedForms.longestValue {
            for text in EchoEscapes.forms(of: whole).map({ core(of: $0) })
            where text.count >= minimumByteCount {
                forms += patterns(ofCore: text)
            }
        }
        guard hasSeveralLines(whole) else { return forms }
        forms += EncodedForms.forms(of: withLineFeeds(whole))
        for line in lines(of: whole) { forms += EncodedForms.forms(ofLine: line) }
        return forms
    }

    private static func hasSeveralLines(_ whole: [UInt8]) -> Bool {
        whole.contains { $0 == .lineFeed || $0 == .carriageReturn }
    }

    /// The lines of a value, as far as they are worth hiding.
    private static func lines(of whole: [UInt8]) -> [[UInt8]] {
        whole.split { $0 == .lineFeed || $0 == .carriageReturn }
            .map { trimmed($0) }.filter { isWorthHiding($0) }.map { Array($0) }
    }

    private static func withLineFeeds(_ value: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        for (index, byte) in value.enumerated() {
            let isPair = byte == .carriageReturn && index + 1 < value.count && value[index + 1] == .lineFeed
            if !isPair { result.append(byte) }
        }
        return result
    }

    /// A terminal turns each line feed into a pair.
    private static func withCarriageReturns(_ value: [UInt8]) -> [UInt8] {
        value.flatMap { $0 == .lineFeed ? [.carriageReturn, .lineFeed] : [$0] }
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var line = line
        while let first = line.first, first.isWhiteSpace { line.removeFirst() }
        while let last = line.last, last.isWhiteSpace { line.removeLast() }
        return line
    }

    /// Brackets and rulers inside a JSON or PEM value are not worth hiding; what has a letter or a digit is.
    private static func isWorthHiding(_ line: ArraySlice<UInt8>) -> Bool {
        line.count >= minimumByteCount && line.contains { $0.isLetterOrDigit || $0 >= 0x80 }
    }
}

extension UInt8 {
    fileprivate static let tab: UInt8 = 0x09
    fileprivate static let lineFeed: UInt8 = 0x0A
    fileprivate static let carriageReturn: UInt8 = 0x0D
    fileprivate static let space: UInt8 = 0x20

    fileprivate var isWhiteSpace: Bool {
        self == .space || self == .tab || self == .lineFeed || self == .carriageReturn
    }

    fileprivate var isLetterOrDigit: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }
}
