import Masking

/// What masking must do, written down as simply as possible: mark, join, replace.
enum MaskingOracle {
    static func masked(_ text: [UInt8], hiding patterns: [[UInt8]]) -> [UInt8] {
        var occurrences = keyIdRanges(in: text)
        for pattern in patterns where !pattern.isEmpty && pattern.count <= text.count {
            for start in 0...(text.count - pattern.count)
            where text[start..<(start + pattern.count)].elementsEqual(pattern) {
                occurrences.append(start..<(start + pattern.count))
            }
        }
        var joined: [Range<Int>] = []
        for occurrence in occurrences.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = joined.last, occurrence.lowerBound < last.upperBound {
                joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, occurrence.upperBound)
            } else {
                joined.append(occurrence)
            }
        }
        var output: [UInt8] = []
        var position = 0
        for range in joined {
            output += text[position..<range.lowerBound] + Array("***".utf8)
            position = range.upperBound
        }
        return output + text[position...]
    }

    /// A part of what only the secret decides in an encoded text that can still be seen, if any.
    ///
    /// `other` is the same text with another secret: what both begin and end with is not the secret's.
    static func leak(of text: [UInt8], beside other: [UInt8], in visible: [UInt8], length: Int = 6) -> String?
    {
        let start = zip(text, other).prefix { $0 == $1 }.count
        let rest = zip(text.reversed(), other.reversed()).prefix { $0 == $1 }.count
        guard start + rest + length <= text.count else { return nil }
        let harmless = Set(windows(of: other, length))
        let seen = Set(windows(of: visible, length))
        let leaked = windows(of: Array(text[start..<(text.count - rest)]), length)
            .first { seen.contains($0) && !harmless.contains($0) }
        return leaked.map { String(decoding: $0, as: UTF8.self) }
    }

    private static func windows(of text: [UInt8], _ length: Int) -> [[UInt8]] {
        guard text.count >= length else { return [] }
        return (0...(text.count - length)).map { Array(text[$0..<($0 + length)]) }
    }

    private static func keyIdRanges(in text: [UInt8]) -> [Range<Int>] {
        let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)
        return text.indices.compactMap { start in
            let end = start + 20
            guard end <= text.count,
                ["AKIA", "ASIA"].contains(String(decoding: text[start..<(start + 4)], as: UTF8.self)),
                text[start..<end].allSatisfy({ allowed.contains($0) })
            else { return nil }
            return start..<end
        }
    }
}

/// A generator whose numbers are the same in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A set of secrets, all of which must be long enough.
func secretSet(_ secrets: [String], encoded: Bool = true) -> SecretSet {
    var set = SecretSet(encoded: encoded)
    _ = set.register(secrets.map { SecretText($0) })
    return set
}

/// Feeds a stream in the given pieces and returns all that comes out.
func mask(_ pieces: [[UInt8]], with secrets: SecretSet) -> [UInt8] {
    var masker = StreamMasker(secrets: secrets)
    var output: [UInt8] = []
    for piece in pieces { masker.feed(piece, into: &output) }
    masker.finish(into: &output)
    return output
}
