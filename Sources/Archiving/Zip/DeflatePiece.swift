/// Turns pieces of a file into parts of one deflate stream, each independent of the others.
///
/// libdeflate only makes complete streams. A piece that is not the last therefore has the "final" mark of its
/// last block taken away, and an empty stored block added that brings it to a byte boundary; so pieces can be
/// joined as they are, whoever compressed them and in whichever order.
struct DeflatePiece {
    let compressor: DeflateCompressor

    /// The part of the stream for one piece.
    ///
    /// Every part starts and ends at a byte boundary.
    func encode(_ raw: UnsafeRawBufferPointer, isLast: Bool) -> [UInt8] {
        let storedLength = StoredBlocks.length(of: raw.count)
        if let stream = compressor.compress(raw, limit: storedLength) {
            if isLast { return stream }
            if let open = Self.unfinished(stream, rawLength: raw.count) { return open }
        }
        return StoredBlocks.encode(raw, isLast: isLast)
    }

    /// The stream without its end; nil when it is not as expected, which the caller answers by not
    /// compressing.
    static func unfinished(_ stream: [UInt8], rawLength: Int) -> [UInt8]? {
        guard let last = DeflateReader.lastBlock(of: stream), last.rawLength == rawLength else { return nil }
        var bytes = stream
        bytes.removeLast(bytes.count - (last.endBit + 7) / 8)
        bytes[last.headerBit / 8] &= ~(1 << UInt8(last.headerBit % 8))
        if last.endBit % 8 != 0 { bytes[bytes.count - 1] &= (1 << UInt8(last.endBit % 8)) - 1 }
        // The header of a stored block that is not the last is three zero bits, then zeros to the byte
        // boundary.
        if (last.endBit + 3 + 7) / 8 > bytes.count { bytes.append(0) }
        bytes += [0x00, 0x00, 0xFF, 0xFF]
        return bytes
    }
}

/// Deflate blocks without compression (RFC 1951, section 3.2.4), for bytes that cannot be made smaller.
enum StoredBlocks {
    private static let maximum = 65_535
    /// The last block of a stream that has nothing more to say.
    static let emptyLast: [UInt8] = [0x01, 0x00, 0x00, 0xFF, 0xFF]

    /// How many bytes so many raw bytes become.
    static func length(of rawLength: Int) -> Int {
        rawLength + 5 * max(1, (rawLength + maximum - 1) / maximum)
    }

    static func encode(_ raw: UnsafeRawBufferPointer, isLast: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length(of: raw.count))
        var position = 0
        repeat {
            let count = min(raw.count - position, maximum)
            let isFinal = isLast && position + count == raw.count
            bytes.append(isFinal ? 1 : 0)
            bytes.append(littleEndian: UInt16(count))
            bytes.append(littleEndian: ~UInt16(count))
            bytes += raw[position..<(position + count)]
            position += count
        } while position < raw.count
        return bytes
    }
}
