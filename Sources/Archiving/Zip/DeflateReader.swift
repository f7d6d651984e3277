/// Reads through a deflate stream without making its output, to find where its last block lies (RFC 1951).
struct DeflateReader {
    /// Where a stream's last block begins and ends, in bits, and how many bytes the whole stream stands for.
    struct LastBlock: Equatable {
        let headerBit: Int
        let endBit: Int
        let rawLength: Int
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private var next = 0
    private var bits: UInt64 = 0
    private var bitCount = 0
    private var rawLength = 0

    private init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    /// Nil for anything that is not one whole stream.
    static func lastBlock(of stream: [UInt8]) -> LastBlock? {
        stream.withUnsafeBufferPointer { bytes in
            var reader = DeflateReader(bytes)
            return reader.lastBlock()
        }
    }

    private var bitPosition: Int { next * 8 - bitCount }
    private var isPastEnd: Bool { bitPosition > bytes.count * 8 }

    private mutating func lastBlock() -> LastBlock? {
        while !isPastEnd {
            let headerBit = bitPosition
            let isFinal = take(1) == 1
            let isSound: Bool
            switch take(2) {
            case 0: isSound = skipStored()
            case 1:
                isSound = skipCodes(
                    literals: HuffmanTable.fixedLiterals, distances: HuffmanTable.fixedDistances)
            case 2: isSound = skipDynamic()
            default: isSound = false
            }
            guard isSound, !isPastEnd else { return nil }
            if isFinal { return LastBlock(headerBit: headerBit, endBit: bitPosition, rawLength: rawLength) }
        }
        return nil
    }

    /// Makes at least 56 bits available; beyond the end they are zeros, which ``isPastEnd`` finds out.
    @inline(__always)
    private mutating func fill() {
        guard next &+ 8 > bytes.count else {
            let word = UnsafeRawBufferPointer(bytes).loadUnaligned(fromByteOffset: next, as: UInt64.self)
            bits |= UInt64(littleEndian: word) &<< UInt64(bitCount)
            next &+= (63 &- bitCount) &>> 3
            bitCount |= 56
            return
        }
        while bitCount <= 56 {
            if next < bytes.count { bits |= UInt64(bytes[next]) << UInt64(bitCount) }
            next += 1
            bitCount += 8
        }
    }

    @inline(__always)
    private mutating func drop(_ count: Int) {
        bits &>>= UInt64(count)
        bitCount &-= count
    }

    @inline(__always)
    private mutating func take(_ count: Int) -> Int {
        if bitCount < count { fill() }
        let value = Int(bits & ((1 << UInt64(count)) - 1))
        drop(count)
        return value
    }

    private mutating func skipStored() -> Bool {
        drop(bitCount % 8)
        let length = take(16)
        guard take(16) == ~length & 0xFFFF else { return false }
        let start = bitPosition / 8
        guard start + length <= bytes.count else { return false }
        next = start + length
        bits = 0
        bitCount = 0
        rawLength += length
        return true
    }

    private mutating func skipDynamic() -> Bool {
        let literalCount = take(5) + 257
        let distanceCount = take(5) + 1
        let lengthCount = take(4) + 4
        var lengths = [UInt8](repeating: 0, count: 19)
        for index in 0..<lengthCount { lengths[DeflateTables.lengthOrder[index]] = UInt8(take(3)) }
        guard let table = HuffmanTable(lengths) else { return false }
        var all: [UInt8] = []
        while all.count < literalCount + distanceCount {
            guard let symbol = decode(table) else { return false }
            switch symbol {
            case 0...15: all.append(UInt8(symbol))
            case 16:
                guard let last = all.last else { return false }
                all += repeatElement(last, count: 3 + take(2))
            case 17: all += repeatElement(0, count: 3 + take(3))
            default: all += repeatElement(0, count: 11 + take(7))
            }
        }
        guard all.count == literalCount + distanceCount,
            let literals = HuffmanTable(Array(all[..<literalCount])),
            let distances = HuffmanTable(Array(all[literalCount...]))
        else { return false }
        return skipCodes(literals: literals, distances: distances)
    }

    @inline(__always)
    private mutating func decode(_ table: HuffmanTable) -> Int? {
        if bitCount < 15 { fill() }
        let entry = table.entries[Int(bits & table.mask)]
        guard entry != 0 else { return nil }
        drop(Int(entry & 15))
        return Int(entry >> 4)
    }

    private mutating func skipCodes(literals: HuffmanTable, distances: HuffmanTable) -> Bool {
        while !isPastEnd {
            guard let symbol = decode(literals) else { return false }
            if symbol < 256 {
                rawLength += 1
            } else if symbol == 256 {
                return true
            } else {
                guard symbol < 286 else { return false }
                rawLength +=
                    DeflateTables.lengthBase[symbol - 257] + take(DeflateTables.lengthExtra[symbol - 257])
                guard let distance = decode(distances), distance < 30 else { return false }
                _ = take(distance < 4 ? 0 : distance / 2 - 1)
            }
        }
        return false
    }
}

/// A canonical Huffman code as a table: the next bits, lowest first, to symbol and length.
struct HuffmanTable: Sendable {
    /// `symbol << 4 | length`; 0 where no code is.
    let entries: [UInt16]
    let mask: UInt64

    static let fixedLiterals = HuffmanTable(
        fixed: [UInt8](repeating: 8, count: 144) + [UInt8](repeating: 9, count: 112)
            + [UInt8](repeating: 7, count: 24) + [UInt8](repeating: 8, count: 8))
    static let fixedDistances = HuffmanTable(fixed: [UInt8](repeating: 5, count: 32))

    private init(fixed lengths: [UInt8]) {
        self = HuffmanTable(lengths) ?? HuffmanTable(entries: [0], mask: 0)
    }

    private init(entries: [UInt16], mask: UInt64) {
        self.entries = entries
        self.mask = mask
    }

    /// Nil when more codes are asked for than the lengths leave room for.
    init?(_ lengths: [UInt8]) {
        let longest = max(1, Int(lengths.max() ?? 0))
        guard longest <= 15 else { return nil }
        var entries = [UInt16](repeating: 0, count: 1 << longest)
        var code = 0
        for length in 1...longest {
            for (symbol, symbolLength) in lengths.enumerated() where symbolLength == length {
                guard code < 1 << length else { return nil }
                var slot = Int(UInt16(truncatingIfNeeded: code).bitReversed >> UInt16(16 - length))
                while slot < entries.count {
                    entries[slot] = UInt16(symbol << 4 | length)
                    slot += 1 << length
                }
                code += 1
            }
            code <<= 1
        }
        self.init(entries: entries, mask: UInt64(entries.count - 1))
    }
}

extension UInt16 {
    fileprivate var bitReversed: UInt16 {
        var value = self
        value = (value & 0x5555) << 1 | (value >> 1) & 0x5555
        value = (value & 0x3333) << 2 | (value >> 2) & 0x3333
        value = (value & 0x0F0F) << 4 | (value >> 4) & 0x0F0F
        return value << 8 | value >> 8
    }
}

/// The constants of RFC 1951, sections 3.2.5 and 3.2.7.
private enum DeflateTables {
    static let lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    static let lengthBase = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163,
        195, 227, 258,
    ]
    static let lengthExtra = [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ]
}
