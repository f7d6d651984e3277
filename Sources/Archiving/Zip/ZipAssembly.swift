import SystemPackage

/// An archive while it grows: writes parts one behind the other, and the central directory after them.
struct ZipAssembly: ~Copyable {
    private var output: ArchiveOutput
    private let observer: ZipObserver
    private let blockSize: Int
    private let written: WrittenContents?
    private var directory: [UInt8] = []
    private var summary = ZipSummary(entryCount: 0, byteCount: 0, unpackedByteCount: 0)
    /// The long file whose blocks are coming.
    private var current: (file: LongFile, record: ZipRecord)?

    /// Writes to a descriptor, or to memory when there is none, of which so many bytes are reserved.
    init(
        _ target: FileDescriptor?, room: Int, observer: ZipObserver, blockSize: Int,
        written: WrittenContents?
    ) {
        output = ArchiveOutput(target, room: room, observer: observer.bytes)
        self.observer = observer
        self.blockSize = blockSize
        self.written = written
    }

    /// Writes the next part.
    ///
    /// - Throws: the part's failure, `unwritable`, `noSpace`, `changedWhileReading`.
    mutating func add(_ part: ZipPart) throws(ArchivingError) {
        let start = output.offset
        if !part.bytes.isEmpty { try output.write(part.bytes) }
        for var content in part.contents {
            content.offset += start
            written?.note(content)
        }
        for (record, head) in part.entries {
            var record = record
            record.offset += start
            list(record, head: head)
        }
        if let failure = part.failure { throw failure }
        if let file = part.long {
            var record = file.record
            record.offset = start
            if !file.isStored { try writeHeader(record) }
            record.size = 0
            record.packedSize = 0
            current = (file, record)
        } else if part.rawLength > 0 {
            try add(block: part)
        }
    }

    private mutating func add(block part: ZipPart) throws(ArchivingError) {
        guard let file = current?.file, var record = current?.record else { return }
        record.crc = CRCJoin.join(record.crc, part.crc, lengthOfSecond: part.rawLength)
        record.size += UInt64(part.rawLength)
        record.packedSize += UInt64(part.bytes.count)
        current = (file, record)
        guard record.size == UInt64(file.size) else { return }
        current = nil
        if file.isStored {
            record.packedSize = record.size
            try writeHeader(record)
            try copy(file, crc: record.crc)
        } else {
            try output.write(record.dataDescriptor)
        }
        list(record, head: file.head)
    }

    private mutating func writeHeader(_ record: ZipRecord) throws(ArchivingError) {
        var header: [UInt8] = []
        record.appendLocalHeader(to: &header)
        try output.write(header)
    }

    /// Writes a file as it is, which must be what its CRC was made of.
    private mutating func copy(_ file: LongFile, crc expected: UInt32) throws(ArchivingError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: blockSize, alignment: 16)
        defer { buffer.deallocate() }
        var crc: UInt32 = 0
        for block in 0..<file.blockCount {
            if observer.isCancelled() {
                throw ArchivingError(.cancelled, file.path, "the task was cancelled")
            }
            let content = try file.read(block: block, into: buffer)
            crc = DeflateCompressor.crc32(content, continuing: crc)
            try output.write(content)
        }
        guard crc == expected else {
            throw ArchivingError(.changedWhileReading, file.path, "it was written to between two readings")
        }
    }

    private mutating func list(_ record: ZipRecord, head: [UInt8]) {
        record.appendCentralHeader(to: &directory)
        summary.entryCount += 1
        summary.unpackedByteCount += Int64(clamping: record.size)
        observer.entry?(ZipEntry(name: record.name, size: record.size, head: head))
    }

    /// Writes the central directory and what ends an archive.
    ///
    /// - Throws: `unwritable`, `noSpace`.
    mutating func finish() throws(ArchivingError) -> ZipSummary {
        let end = ZipEnd(
            entryCount: UInt64(summary.entryCount), directoryOffset: output.offset,
            directorySize: UInt64(directory.count))
        try output.write(directory)
        try output.write(end.bytes)
        try output.flush()
        summary.byteCount = Int64(clamping: output.offset)
        return summary
    }

    /// What was written to memory, which is free for something else then.
    mutating func takeBytes() -> [UInt8] { output.takeBytes() }
}
