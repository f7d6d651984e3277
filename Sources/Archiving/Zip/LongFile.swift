import SystemPackage

/// A file that is taken apart into blocks, so that several threads can work at it and none has to hold it.
///
/// The descriptor is closed when the last user lets go.
final class LongFile: Sendable {
    /// Its place in the selection.
    let index: Int
    /// Its entry as far as it is known before it is read.
    let record: ZipRecord
    /// The first bytes of its content.
    let head: [UInt8]
    private let reader: PieceReader
    private let blockSize: Int

    /// Takes over the reader's descriptor.
    init(index: Int, record: ZipRecord, reader: PieceReader, blockSize: Int, head: [UInt8]) {
        self.index = index
        self.record = record
        self.reader = reader
        self.blockSize = blockSize
        self.head = head
    }

    deinit {
        try? reader.descriptor.close()
    }

    /// Whether it is stored as it is, which needs its CRC before its content.
    var isStored: Bool { record.method == .stored }

    /// Bytes when it was opened.
    var size: Int { reader.size }

    /// Where it lies, for messages.
    var path: String { reader.file.displayPath }

    /// The last block may be shorter than the others.
    var blockCount: Int { (size + blockSize - 1) / blockSize }

    /// Reads one of its blocks to the beginning of a buffer; all of it.
    ///
    /// - Throws: `changedWhileReading` when the file is shorter by now, `unreadable`.
    func read(
        block: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(ArchivingError) -> UnsafeRawBufferPointer {
        let start = block * blockSize
        return try reader.read(min(blockSize, size - start), at: start, into: buffer)
    }
}
