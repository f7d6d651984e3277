/// Tells whether a long file becomes smaller, from samples of it: compressing gigabytes of film to find that
/// out would take minutes.
struct DeflateSample {
    private let compressor: DeflateCompressor
    private let raw: UnsafeMutableRawBufferPointer
    private let packed: UnsafeMutableRawBufferPointer

    private static let places = 16
    private static let length = 64 << 10

    /// Uses buffers of at least 64 KiB.
    init(
        _ compressor: DeflateCompressor, raw: UnsafeMutableRawBufferPointer,
        packed: UnsafeMutableRawBufferPointer
    ) {
        self.compressor = compressor
        self.raw = raw
        self.packed = packed
    }

    /// Whether any of the samples, which are spread evenly from the beginning to the end, becomes smaller by
    /// a hundredth.
    ///
    /// - Throws: `changedWhileReading`, `unreadable`.
    func pays(_ reader: PieceReader) throws(ArchivingError) -> Bool {
        let length = min(Self.length, reader.size, raw.count)
        for place in 0..<Self.places {
            let offset = (reader.size - length) / (Self.places - 1) * place
            let content = try reader.read(length, at: offset, into: raw)
            let room = UnsafeMutableRawBufferPointer(rebasing: packed[..<(length - length / 100)])
            if compressor.compress(content, into: room) != nil { return true }
        }
        return false
    }
}
