/// Says of a place in a text, from the bytes there, that no pattern begins there, or that one may.
///
/// Bitmaps over hashes, at most 128 KiB each. A pattern has several runs of four bytes at its beginning, and one of
/// ``stride`` places in a row falls on one of those: so only every second or third place of a text costs a look,
/// independent of the others and of the number of patterns. What passes is looked at once more, with eight bytes: dumps
/// in hexadecimal or base64 hold four bytes of some secret's encoding everywhere.
struct PrefixFilter: Sendable {
    /// How many bytes a look takes in; no pattern may be shorter.
    static let byteCount = 4

    private static let bitCountLimit = 20

    /// How many bytes the second look takes in.
    private static let longByteCount = 8

    /// Further apart, the rare beginnings of key ids would be too many to list.
    private static let longestStride = 3

    /// How far apart the places are that are looked at.
    let stride: Int
    /// The runs of four bytes at the first ``stride`` places of the words.
    private var runs: [UInt64]
    /// Those at the first place alone.
    private var bits: [UInt64]
    /// The same over the first eight bytes of the words that have them.
    private var longBits: [UInt64]
    /// The same as ``bits``, of the words that are shorter.
    private var shortBits: [UInt64]
    private let shift: UInt32

    /// A filter that lets the beginnings of these words pass.
    ///
    /// - Parameters:
    ///   - words: At least ``byteCount`` bytes each.
    ///   - markers: Words behind which nothing but followers is of interest.
    ///   - followers: The bytes that may come behind a marker.
    init(_ words: [[UInt8]], markers: [[UInt8]] = [], followers: [UInt8] = []) {
        let shortest = words.lazy.map(\.count).min() ?? Self.byteCount + Self.longestStride
        let stride = max(1, min(Self.longestStride, shortest - Self.byteCount + 1))
        var exponent = 10
        while exponent < Self.bitCountLimit, 1 << exponent < words.count * stride * 64 { exponent += 1 }
        runs = [UInt64](repeating: 0, count: 1 << (exponent - 6))
        (bits, longBits, shortBits) = (runs, runs, runs)
        shift = UInt32(32 - exponent)
        self.stride = stride
        for word in words + markers {
            let start = word.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
            Self.add(Self.hash(start) >> shift, to: &bits)
            if word.count >= Self.longByteCount {
                let start = word.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
                Self.add(Self.hash(start) >> shift, to: &longBits)
            } else {
                Self.add(Self.hash(start) >> shift, to: &shortBits)
            }
        }
        for word in words + markers.flatMap({ Self.extended($0, by: stride - 1, followers) }) {
            for place in 0..<stride {
                let run = word.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: UInt32.self) }
                Self.add(Self.hash(run) >> shift, to: &runs)
            }
        }
    }

    private static func extended(_ word: [UInt8], by count: Int, _ followers: [UInt8]) -> [[UInt8]] {
        count == 0 ? [word] : followers.flatMap { extended(word + [$0], by: count - 1, followers) }
    }

    private static func add(_ hash: UInt32, to bits: inout [UInt64]) {
        bits[Int(hash >> 6)] |= 1 << UInt64(hash & 63)
    }

    private static func hash(_ word: UInt32) -> UInt32 {
        word &* 0x9E37_79B1
    }

    private static func hash(_ word: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: (word &* 0x9E37_79B9_7F4A_7C15) &>> 32)
    }

    /// The first place in `range` where a pattern may begin, else the end of the range.
    ///
    /// After the last place of the range, `bytes` must have ``byteCount`` + ``stride`` - 2 more.
    func firstCandidate(in bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int {
        runs.withUnsafeBufferPointer { runs in
            let stride = stride
            var place = range.lowerBound
            // What begins at the last place of the range may be seen that much later.
            let end = range.upperBound &+ stride &- 1
            while place &+ 3 &* stride < end {
                let first = Self.has(bytes, place, runs, shift)
                let second = Self.has(bytes, place &+ stride, runs, shift)
                let third = Self.has(bytes, place &+ 2 &* stride, runs, shift)
                let fourth = Self.has(bytes, place &+ 3 &* stride, runs, shift)
                var found = first | second << 1 | third << 2 | fourth << 3
                while found != 0 {
                    let seen = place &+ found.trailingZeroBitCount &* stride
                    if let candidate = candidate(in: bytes, seenAt: seen, range) { return candidate }
                    found &= found &- 1
                }
                place &+= 4 &* stride
            }
            while place < end {
                if Self.has(bytes, place, runs, shift) != 0,
                    let candidate = candidate(in: bytes, seenAt: place, range)
                {
                    return candidate
                }
                place &+= stride
            }
            return range.upperBound
        }
    }

    /// The first place in the range, up to this one, whose pattern may have been seen there.
    private func candidate(
        in bytes: UnsafeRawBufferPointer, seenAt seen: Int, _ range: Range<Int>
    ) -> Int? {
        var place = max(range.lowerBound, seen &- stride &+ 1)
        while place <= seen, place < range.upperBound {
            let start = bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)
            if has(start, in: bits), mayGoOn(bytes, place) { return place }
            place &+= 1
        }
        return nil
    }

    /// How many places before a line break ``firstCandidate(in:_:)`` may not see what goes on behind it.
    var blindCount: Int { Self.byteCount - 1 + stride - 1 }

    /// Whether a pattern may begin in the last ``blindCount`` bytes before `end`, and go on at `next`, behind a line break.
    ///
    /// Before `end` and from `next` on, `bytes` must have ``crossingByteCount``.
    func mayCross(_ bytes: UnsafeRawBufferPointer, before end: Int, to next: Int) -> Bool {
        let head = bytes.loadUnaligned(fromByteOffset: next, as: UInt64.self)
        // With another break so soon, it may go on behind that.
        if Self.hasBreak(UInt32(truncatingIfNeeded: head)) || Self.hasBreak(UInt32(head >> 32)) {
            return true
        }
        let tail = bytes.loadUnaligned(fromByteOffset: end &- Self.crossingByteCount, as: UInt64.self)
        for count in 1...UInt64(blindCount) {
            let word = tail &>> (64 &- 8 &* count) | head &<< (8 &* count)
            if has(UInt32(truncatingIfNeeded: word), in: bits), mayBe(word) { return true }
        }
        return false
    }

    /// How many bytes ``mayCross(_:before:to:)`` looks at on each side of the line break.
    static let crossingByteCount = 8

    /// Whether a pattern may begin at a place, by all but the first four bytes.
    @inline(__always)
    private func mayGoOn(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> Bool {
        guard place &+ Self.longByteCount <= bytes.count else { return true }
        let word = bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
        // A wrapped text goes on behind the line break, which no word knows.
        return mayBe(word) || Self.hasBreak(UInt32(word >> 32))
    }

    /// Whether one of the words may begin with these eight bytes, or be one of the shorter ones.
    private func mayBe(_ word: UInt64) -> Bool {
        let long = Int(Self.hash(word) >> shift)
        return longBits[long >> 6] &>> UInt64(long & 63) & 1 != 0
            || has(UInt32(truncatingIfNeeded: word), in: shortBits)
    }

    private func has(_ word: UInt32, in bits: [UInt64]) -> Bool {
        let hash = Int(Self.hash(word) >> shift)
        return bits[hash >> 6] &>> UInt64(hash & 63) & 1 != 0
    }

    /// Whether CR or LF is among four bytes.
    private static func hasBreak(_ word: UInt32) -> Bool {
        let ones: UInt32 = 0x0101_0101
        let (lineFeeds, returns) = (word ^ (ones &* 0x0A), word ^ (ones &* 0x0D))
        // A byte is zero where taking one away borrows, and it was below 128.
        return ((lineFeeds &- ones) & ~lineFeeds | (returns &- ones) & ~returns) & (ones &* 0x80) != 0
    }

    /// 1 when the four bytes at a place are among the runs, else 0.
    @inline(__always)
    private static func has(
        _ bytes: UnsafeRawBufferPointer, _ place: Int, _ bits: UnsafeBufferPointer<UInt64>, _ shift: UInt32
    ) -> UInt64 {
        let hash = Self.hash(bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)) >> shift
        return bits[Int(hash &>> 6)] &>> UInt64(hash & 63) & 1
    }
}
