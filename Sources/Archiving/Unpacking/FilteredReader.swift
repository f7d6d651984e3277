import CLibArchive
import SystemPackage

/// Reads a file that xz, bzip2 or zstd has compressed, by libarchive, which checks what these formats let it check.
///
/// Used by one thread at a time.
final class FilteredReader: BlockSource {
    private let reader: LibraryReader
    private let name: String
    private let compression: Compression

    /// Begins to read at the descriptor's position; the descriptor stays open and the caller's.
    ///
    /// - Parameters:
    ///   - file: what to read.
    ///   - name: what messages call it.
    ///   - compression: what it begins as.
    /// - Throws: `damagedArchive`, `missingLibrary`; `unknownFormat` for a file that is compressed twice, because nobody
    ///   would count the bytes in between.
    init(_ file: FileDescriptor, name: String, compression: Compression) throws(ArchivingError) {
        reader = try LibraryReader(for: name)
        self.name = name
        self.compression = compression
        let archive = reader.pointer
        buildspec_archive_read_support_filter_xz(archive)
        buildspec_archive_read_support_filter_bzip2(archive)
        buildspec_archive_read_support_filter_zstd(archive)
        buildspec_archive_read_support_format_raw(archive)
        var entry: OpaquePointer?
        guard buildspec_archive_read_open_fd(archive, file.rawValue, 256 * 1_024) == ARCHIVE_OK else {
            throw damaged
        }
        // The file itself counts as one of them.
        guard buildspec_archive_filter_count(archive) <= 2 else {
            throw ArchivingError(.unknownFormat, name, "it is compressed more than once")
        }
        guard buildspec_archive_read_next_header(archive, &entry) == ARCHIVE_OK else { throw damaged }
    }

    func next() throws(ArchivingError) -> UnsafeRawBufferPointer {
        var start: UnsafeRawPointer?
        var count = 0
        var offset: Int64 = 0
        while true {
            let status = buildspec_archive_read_data_block(reader.pointer, &start, &count, &offset)
            if status == ARCHIVE_EOF { return UnsafeRawBufferPointer(start: nil, count: 0) }
            guard status == ARCHIVE_OK else { throw damaged }
            if count > 0 { return UnsafeRawBufferPointer(start: start, count: count) }
        }
    }

    private var damaged: ArchivingError {
        ArchivingError(
            .damagedArchive, name,
            "it is compressed by \(compression.rawValue), and damaged or cut short (\(reader.message))")
    }
}
