/// Makes the packed forms of contents: compressed, copied from where the same content is in the archive
/// already, or left as they are.
///
/// Which of these it is depends on nothing but the content and the level. Used by one thread at a time; its
/// buffers are used again for every content.
final class ContentPacker {
    private let piece: DeflatePiece
    private let written: WrittenContents?
    private let packed: UnsafeMutableRawBufferPointer
    /// For comparing; the first repeated content makes it.
    private var check: (decompressor: DeflateDecompressor, room: UnsafeMutableRawBufferPointer)?
    private let looksForNoise: Bool

    /// Nil when there is no memory for a compressor.
    ///
    /// - Parameters:
    ///   - level: 1 (fastest) to 12 (smallest).
    ///   - blockSize: the bytes of the longest content.
    ///   - written: what the archive holds already.
    init?(level: Int, blockSize: Int, written: WrittenContents?) {
        guard let compressor = DeflateCompressor(level: level) else { return nil }
        piece = DeflatePiece(compressor: compressor)
        packed = .allocate(byteCount: blockSize, alignment: 16)
        self.written = written
        // Who asks for a higher level wants the last hundredth, too.
        looksForNoise = level <= ZipOptions.defaultLevel
    }

    deinit {
        packed.deallocate()
        check?.room.deallocate()
    }

    /// The deflate stream of a whole file, valid until the next call; nil when it is to be stored.
    func pack(file content: UnsafeRawBufferPointer, crc: UInt32) -> UnsafeRawBufferPointer? {
        if let copy = copy(of: content, crc: crc, .file) { return copy.count < content.count ? copy : nil }
        guard !content.isEmpty, !isNoise(content) else { return nil }
        let room = UnsafeMutableRawBufferPointer(rebasing: packed[..<(content.count - 1)])
        guard let length = piece.compressor.compress(content, into: room) else { return nil }
        return UnsafeRawBufferPointer(rebasing: packed[..<length])
    }

    /// The part of the deflate stream of a long file that stands for one of its blocks.
    func pack(block content: UnsafeRawBufferPointer, crc: UInt32, isLast: Bool) -> [UInt8] {
        if let copy = copy(of: content, crc: crc, isLast ? .lastBlock : .block) { return Array(copy) }
        return isNoise(content)
            ? StoredBlocks.encode(content, isLast: isLast) : piece.encode(content, isLast: isLast)
    }

    /// Whether a long file becomes smaller, from samples of it, for which a buffer is overwritten.
    ///
    /// - Throws: `changedWhileReading`, `unreadable`.
    func pays(_ reader: PieceReader, raw: UnsafeMutableRawBufferPointer) throws(ArchivingError) -> Bool {
        try DeflateSample(piece.compressor, raw: raw, packed: packed).pays(reader)
    }

    private func isNoise(_ content: UnsafeRawBufferPointer) -> Bool {
        guard looksForNoise, DeflateNoise.isLikely(content) else { return false }
        // Evenly spread bytes may still repeat.
        let sample = DeflateNoise.middle(of: content)
        let room = UnsafeMutableRawBufferPointer(rebasing: packed[..<(sample.count - sample.count / 100)])
        return piece.compressor.compress(sample, into: room) == nil
    }

    /// The packed form of a content that is in the archive already, compared byte by byte.
    private func copy(
        of content: UnsafeRawBufferPointer, crc: UInt32, _ form: WrittenContent.Form
    ) -> UnsafeRawBufferPointer? {
        guard content.count >= WrittenContent.leastSize, let written,
            let found = written.find(form, size: content.count, crc: crc),
            let read = written.read(found, into: packed)
        else { return nil }
        if check == nil, let decompressor = DeflateDecompressor() {
            check = (decompressor, .allocate(byteCount: packed.count, alignment: 16))
        }
        let bytes = UnsafeRawBufferPointer(read)
        if form == .file, bytes.count == content.count {
            return bytes.isEqual(to: content) ? bytes : nil
        }
        guard let check else { return nil }
        var stream = bytes
        if form == .block {
            // An empty last block makes the open part of a stream a whole one.
            guard bytes.count + StoredBlocks.emptyLast.count <= packed.count else { return nil }
            let end = bytes.count + StoredBlocks.emptyLast.count
            packed[bytes.count..<end].copyBytes(from: StoredBlocks.emptyLast)
            stream = UnsafeRawBufferPointer(rebasing: packed[..<end])
        }
        return check.decompressor.inflates(stream, to: content, using: check.room) ? bytes : nil
    }
}
