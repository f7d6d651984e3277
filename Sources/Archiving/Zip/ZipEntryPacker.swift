import Glibc
import SystemPackage

/// Writes single entries: local header, content, and what follows it.
struct ZipEntryPacker {
    let selection: Selection
    let options: ZipOptions
    let piece: DeflatePiece
    let pieceSize: Int

    /// Writes one entry; its record for the central directory.
    func pack(_ file: SelectedFile, to output: inout ArchiveOutput) throws(ArchivingError) -> ZipRecord {
        guard file.name.bytes.count <= Int(UInt16.max) else {
            throw ArchivingError(.limitExceeded, file.name.description, "its name has more than 65535 bytes")
        }
        switch file.content {
        case .link(let target):
            return try pack(link: target, of: file, to: &output)
        case .file:
            let opened = try selection.open(file)
            defer { try? opened.close() }
            return try pack(opened, of: file, to: &output)
        }
    }

    private func pack(
        link target: [UInt8], of file: SelectedFile, to output: inout ArchiveOutput
    ) throws(ArchivingError) -> ZipRecord {
        let modified = try selection.linkModificationTime(file)
        var record = record(file, mode: S_IFLNK | 0o777, modified: modified, output.offset)
        try target.withRawBytes { raw throws(ArchivingError) in
            try store(raw, packed: nil, in: &record, to: &output)
        }
        return record
    }

    private func pack(
        _ opened: FileDescriptor, of file: SelectedFile, to output: inout ArchiveOutput
    ) throws(ArchivingError) -> ZipRecord {
        var status = stat()
        guard fstat(opened.rawValue, &status) == 0 else {
            throw .reading(file.displayPath, Errno(rawValue: errno))
        }
        let permissions =
            options.normalizesModes ? (status.st_mode & 0o100 != 0 ? 0o755 : 0o644) : status.st_mode & 0o777
        var record = record(
            file, mode: S_IFREG | permissions, modified: Int64(status.st_mtim.tv_sec), output.offset)
        let reader = PieceReader(descriptor: opened, path: file.displayPath, size: Int(status.st_size))
        guard reader.size > pieceSize else {
            let content = try reader.read(reader.size, at: 0)
            try content.withRawBytes { raw throws(ArchivingError) in
                let packed = raw.isEmpty ? nil : piece.compressor.compress(raw, limit: raw.count - 1)
                try store(raw, packed: packed, in: &record, to: &output)
            }
            return record
        }
        try stream(reader, in: &record, to: &output)
        return record
    }

    private func record(_ file: SelectedFile, mode: UInt32, modified: Int64, _ offset: UInt64) -> ZipRecord {
        var record = ZipRecord(
            name: file.name, mode: mode, time: ZipTime(seconds: options.fixedTime ?? modified))
        record.offset = offset
        return record
    }

    /// An entry whose content is in memory as a whole.
    private func store(
        _ raw: UnsafeRawBufferPointer, packed: [UInt8]?, in record: inout ZipRecord,
        to output: inout ArchiveOutput
    ) throws(ArchivingError) {
        record.crc = DeflateCompressor.crc32(raw)
        record.size = UInt64(raw.count)
        record.method = packed == nil ? .stored : .deflated
        record.packedSize = UInt64(packed?.count ?? raw.count)
        try output.write(record.localHeader)
        if let packed { try output.write(packed) } else { try output.write(raw) }
    }

    /// An entry that is read and written piece by piece.
    private func stream(
        _ reader: PieceReader, in record: inout ZipRecord, to output: inout ArchiveOutput
    ) throws(ArchivingError) {
        record.method = .deflated
        record.isStreamed = true
        let worstPieces = reader.size / pieceSize + 1
        record.reservesZip64 =
            UInt64(StoredBlocks.length(of: reader.size) + worstPieces * 5) >= ZipRecord.limit32
        try output.write(record.localHeader)
        let start = output.offset
        var position = 0
        while position < reader.size {
            if Task.isCancelled { throw ArchivingError(.cancelled, reader.path, "the task was cancelled") }
            let count = min(pieceSize, reader.size - position)
            let content = try reader.read(count, at: position)
            position += count
            let isLast = position == reader.size
            let part = content.withUnsafeBytes { raw in
                record.crc = DeflateCompressor.crc32(raw, continuing: record.crc)
                return piece.encode(raw, isLast: isLast)
            }
            try output.write(part)
        }
        record.size = UInt64(reader.size)
        record.packedSize = output.offset - start
        try output.write(record.dataDescriptor)
    }
}

/// Reads a file whose length was fixed when it was opened.
struct PieceReader {
    let descriptor: FileDescriptor
    let path: String
    let size: Int

    /// Exactly `count` bytes.
    ///
    /// - Throws: `changedWhileReading` when the file is shorter by now, `unreadable`.
    func read(_ count: Int, at offset: Int) throws(ArchivingError) -> [UInt8] {
        var failure: ArchivingError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            do {
                while filled < count {
                    let rest = UnsafeMutableRawBufferPointer(
                        rebasing: UnsafeMutableRawBufferPointer(buffer)[filled..<count])
                    let read = try descriptor.read(fromAbsoluteOffset: Int64(offset + filled), into: rest)
                    guard read > 0 else {
                        failure = ArchivingError(
                            .changedWhileReading, path, "it had \(size) bytes and now has \(offset + filled)")
                        return
                    }
                    filled += read
                }
            } catch {
                failure = .reading(path, (error as? Errno) ?? .ioError)
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
