/// Makes the packed forms of contents: compressed, copied from where the same content is in the archive
/// already, or left as they are.
///
/// Which of these it is depends on nothing but the content and the level. Used by one thread at a time; its
/// buffers are used again for every content.
final class ContentPacker {
    private let piece: DeflatePiece
    private let written: WrittenContents?
    private let related: RelatedArchives?
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
    ///   - related: other archives whose contents may be the same.
    init?(level: Int, blockSize: Int, written: WrittenContents?, related: RelatedArchives? = nil) {
        guard let compressor = DeflateCompressor(level: level) else { return nil }
        piece = DeflatePiece(compressor: compressor)
        packed = .allocate(byteCount: blockSize, alignment: 16)
        self.written = written
        self.related = related?.level == level ? related : nil
        // Who asks for a higher level wants the last hundredth, too.
        looksForNoise = level <= ZipOptions.defaultLevel
    }

    deinit {
        packed.deallocate()
        check?.room.deallocate()
    }

    /// The deflate stream of a whole file, valid until the next call; nil when it is to be stored.
    func pack(
        file content: UnsafeRawBufferPointer, crc: UInt32, digest: ContentHash? = nil
    ) -> UnsafeRawBufferPointer? {
        if let copy = copy(of: content, crc: crc, digest, .file) {
            return copy.count < content.count ? copy : nil
        }
        guard !content.isEmpty, !isNoise(content) else { return nil }
        let room = UnsafeMutableRawBufferPointer(rebasing: packed[..<(content.count - 1)])
        guard let length = piece.compressor.compress(content, into: room) else { return nil }
        return UnsafeRawBufferPointer(rebasing: packed[..<length])
    }

    /// The part of the deflate stream of a long file that stands for one of its blocks.
    func pack(block content: UnsafeRawBufferPointer, crc: UInt32, isLast: Bool) -> [UInt8] {
        if let copy = copy(of: content, crc: crc, nil, isLast ? .lastBlock : .block) { return Array(copy) }
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
        guard looksForNoise, DeflateNoise.isLikely(content), !DeflateNoise.repeats(content) else {
            return false
        }
        let sample = DeflateNoise.middle(of: content)
        let room = UnsafeMutableRawBufferPointer(rebasing: packed[..<(sample.count - sample.count / 100)])
        return piece.compressor.compress(sample, into: room) == nil
    }

    /// The packed form of a content that is in an archive already.
    private func copy(
        of content: UnsafeRawBufferPointer, crc: UInt32, _ digest: ContentHash?, _ form: WrittenContent.Form
    ) -> UnsafeRawBufferPointer? {
        guard content.count >= WrittenContent.leastSize else { return nil }
        if let written, let copy = copy(of: content, crc: crc, digest, form, from: written) { return copy }
        for other in related?.written.reversed() ?? [] where other !== written {
            if let copy = copy(of: content, crc: crc, digest, form, from: other) { return copy }
        }
        return nil
    }

    /// The packed form of a content that is in this archive, as its digest or a comparison of all bytes says.
    private func copy(
        of content: UnsafeRawBufferPointer, crc: UInt32, _ digest: ContentHash?, _ form: WrittenContent.Form,
        from written: WrittenContents
    ) -> UnsafeRawBufferPointer? {
        guard let found = written.find(form, size: content.count, crc: crc) else { return nil }
        if let digest, let other = found.digest, digest != other { return nil }
        guard let read = written.read(found, into: packed) else { return nil }
        let bytes = UnsafeRawBufferPointer(read)
        if digest != nil, found.digest != nil { return bytes }
        if form == .file, bytes.count == content.count {
            return bytes.isEqual(to: content) ? bytes : nil
        }
        return inflates(read.count, to: content, form) ? bytes : nil
    }

    /// Whether the packed form at the beginning of the buffer is that of a content.
    private func inflates(
        _ count: Int, to content: UnsafeRawBufferPointer, _ form: WrittenContent.Form
    ) -> Bool {
        if check == nil, let decompressor = DeflateDecompressor() {
            check = (decompressor, .allocate(byteCount: packed.count, alignment: 16))
        }
        guard let check else { return false }
        var end = count
        if form == .block {
            // An empty last block makes the open part of a stream a whole one.
            guard end + StoredBlocks.emptyLast.count <= packed.count else { return false }
            end += StoredBlocks.emptyLast.count
            packed[count..<end].copyBytes(from: StoredBlocks.emptyLast)
        }
        let stream = UnsafeRawBufferPointer(rebasing: packed[..<end])
        return check.decompressor.inflates(stream, to: content, using: check.room)
    }
}
