/// A gzip stream (RFC 1952) that is made piece by piece, with memory for one piece.
package struct GzipStream: Sendable {
    private var crc: UInt32 = 0
    private var length: UInt32 = 0
    private var hasBegun = false
    private let level: Int

    /// Begins a stream.
    /// - Parameter level: 1 (fastest) to 12 (smallest).
    package init(level: Int = 6) {
        self.level = level
    }

    /// The part of the stream for the next piece.
    package mutating func encode(_ piece: [UInt8]) -> [UInt8] {
        piece.withUnsafeBytes { encode($0, isLast: false) }
    }

    /// The end of the stream.
    package mutating func finish() -> [UInt8] {
        var bytes = [UInt8]().withUnsafeBytes { encode($0, isLast: true) }
        bytes.append(littleEndian: crc)
        bytes.append(littleEndian: length)
        return bytes
    }

    private mutating func encode(_ raw: UnsafeRawBufferPointer, isLast: Bool) -> [UInt8] {
        // No name, no time, and the system unknown: the same log gives the same bytes.
        var bytes: [UInt8] = hasBegun ? [] : [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]
        hasBegun = true
        crc = DeflateCompressor.crc32(raw, continuing: crc)
        length &+= UInt32(truncatingIfNeeded: raw.count)
        if !raw.isEmpty, let compressor = DeflateCompressor(level: level) {
            bytes += DeflatePiece(compressor: compressor).encode(raw, isLast: isLast)
        } else if !raw.isEmpty || isLast {
            bytes += StoredBlocks.encode(raw, isLast: isLast)
        }
        return bytes
    }
}
