package import SystemPackage

/// Writes zip archives: sorted entries without directories, deflate where it pays, zip64 where a number needs
/// it.
///
/// Memory holds one piece of a file at a time, and about a hundred bytes per entry for the central directory.
package struct ZipWriter: Sendable {
    /// How archives are written.
    package let options: ZipOptions
    /// Longer files are compressed in independent pieces of this many bytes.
    private let pieceSize: Int

    /// Makes a writer.
    package init(options: ZipOptions = ZipOptions()) {
        self.init(options: options, pieceSize: 4 << 20)
    }

    init(options: ZipOptions, pieceSize: Int) {
        self.options = options
        self.pieceSize = pieceSize
    }

    /// Writes a selection as one archive, beginning at the descriptor's position; a pipe will do.
    ///
    /// Does not sync or close.
    ///
    /// A file that grows meanwhile is stored as long as it was when opened; one that shrinks is an error.
    ///
    /// - Throws: `unreadable`, `changedWhileReading`, `limitExceeded` (a name), `unwritable`, `noSpace`,
    ///   `cancelled`. What was written by then is no archive.
    package func write(_ selection: Selection, to target: FileDescriptor) throws(ArchivingError) -> ZipSummary
    {
        guard let compressor = DeflateCompressor(level: options.level) else {
            throw ArchivingError(.limitExceeded, "the archive", "no memory for a compressor")
        }
        var output = ArchiveOutput(target)
        var directory: [UInt8] = []
        var summary = ZipSummary(entryCount: 0, byteCount: 0, unpackedByteCount: 0)
        let packer = ZipEntryPacker(
            selection: selection, options: options, piece: DeflatePiece(compressor: compressor),
            pieceSize: pieceSize)
        for file in selection.files {
            let record = try packer.pack(file, to: &output)
            directory += record.centralHeader
            summary.entryCount += 1
            summary.unpackedByteCount += Int64(clamping: record.size)
        }
        let end = ZipEnd(
            entryCount: UInt64(summary.entryCount), directoryOffset: output.offset,
            directorySize: UInt64(directory.count))
        try output.write(directory)
        try output.write(end.bytes)
        try output.flush()
        summary.byteCount = Int64(clamping: output.offset)
        return summary
    }
}
