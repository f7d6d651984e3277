/// Says of a place in a text, from its next four bytes, that no pattern begins there, or that one may.
///
/// A bitmap over a hash of the four bytes, at most 128 KiB. The bytes of a log that begin nothing, nearly all of them,
/// cost one look each, independent of one another and of the number of patterns. What passes is looked at once more,
/// with four bytes more: dumps in hexadecimal or base64 hold four bytes of some secret's encoding everywhere.
struct PrefixFilter: Sendable {
    /// How many bytes it looks at; no pattern may be shorter.
    static let byteCount = 4

    private static let bitCountLimit = 20

    /// How many bytes the second look takes in.
    private static let longByteCount = 8

    private var bits: [UInt64]
    private let shift: UInt32
    /// The same over the first eight bytes of the words that have them.
    private var longBits: [UInt64]
    /// The same as ``bits``, of the words that are shorter.
    private var shortBits: [UInt64]

    /// A filter that lets the beginnings of these words pass.
    init(_ words: [[UInt8]]) {
        var exponent = 10
        while exponent < Self.bitCountLimit, 1 << exponent < words.count * 64 { exponent += 1 }
        bits = [UInt64](repeating: 0, count: 1 << (exponent - 6))
        longBits = bits
        shortBits = bits
        shift = UInt32(32 - exponent)
        for word in words where word.count >= Self.byteCount {
            let hash = Int(Self.hash(word.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }) >> shift)
            bits[hash >> 6] |= 1 << UInt64(hash & 63)
            guard word.count >= Self.longByteCount else {
                shortBits[hash >> 6] |= 1 << UInt64(hash & 63)
                continue
            }
            let long = Int(Self.hash(word.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }) >> shift)
            longBits[long >> 6] |= 1 << UInt64(long & 63)
        }
    }

    private static func hash(_ word: UInt32) -> UInt32 {
        word &* 0x9E37_79B1
    }

    private static func hash(_ word: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: (word &* 0x9E37_79B9_7F4A_7C15) &>> 32)
    }

    /// The first place in `range` where a pattern may begin, else the end of the range.
    ///
    /// After the last place of the range, `bytes` must have ``byteCount`` - 1 more.
    func firstCandidate(in bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int {
        var place = range.lowerBound
        while true {
            place = firstLook(in: bytes, place..<range.upperBound)
            guard place < range.upperBound, !mayGoOn(bytes, place) else { return place }
            place &+= 1
        }
    }

    /// Whether a pattern may begin at a place that the first look let pass.
    private func mayGoOn(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> Bool {
        guard place &+ Self.longByteCount <= bytes.count else { return true }
        // A wrapped text goes on behind the line break, which no word knows.
        for index in place &+ Self.byteCount..<place &+ Self.longByteCount
        where bytes[index] == 0x0A || bytes[index] == 0x0D { return true }
        let long = Int(Self.hash(bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)) >> shift)
        if longBits[long >> 6] &>> UInt64(long & 63) & 1 != 0 { return true }
        return shortBits.withUnsafeBufferPointer { Self.mayBegin(bytes, place, $0, shift) } != 0
    }

    /// The same, with the first look alone.
    private func firstLook(in bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int {
        bits.withUnsafeBufferPointer { bits in
            var place = range.lowerBound
            let end = range.upperBound
            while place &+ 4 <= end {
                let first = Self.mayBegin(bytes, place, bits, shift)
                let second = Self.mayBegin(bytes, place &+ 1, bits, shift)
                let third = Self.mayBegin(bytes, place &+ 2, bits, shift)
                let fourth = Self.mayBegin(bytes, place &+ 3, bits, shift)
                let found = first | second << 1 | third << 2 | fourth << 3
                if found != 0 { return place &+ found.trailingZeroBitCount }
                place &+= 4
            }
            while place < end {
                if Self.mayBegin(bytes, place, bits, shift) != 0 { return place }
                place &+= 1
            }
            return end
        }
    }

    /// 1 when a pattern may begin at a place, else 0.
    @inline(__always)
    private static func mayBegin(
        _ bytes: UnsafeRawBufferPointer, _ place: Int, _ bits: UnsafeBufferPointer<UInt64>, _ shift: UInt32
    ) -> UInt64 {
        let hash = Self.hash(bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)) >> shift
        return bits[Int(hash &>> 6)] &>> UInt64(hash & 63) & 1
    }
}
