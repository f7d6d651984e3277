import CLibArchive
import Glibc
import SystemPackage

/// The entries of one archive.
///
/// This file, ``LibraryReader`` and ``FilteredReader`` are the only ones that know libarchive.
///
/// Reads zip (by its central directory) and tar, plain or compressed by gzip, xz, bzip2 or zstd.
final class ArchiveStream {
    /// One entry as the archive tells it; nothing of it is checked.
    struct Entry {
        enum Kind: Hashable {
            case file
            case directory
            case link(target: [UInt8])
            case hardLink(target: [UInt8])
            case other
        }

        let name: [UInt8]
        let kind: Kind
        let permissions: UInt32
        let modified: Int64?
        /// Nil when the archive does not tell beforehand.
        let size: Int64?
    }

    private enum Format {
        case tar
        case zip
    }

    private let reader: LibraryReader
    private let name: String
    private let locale: locale_t?
    private let isEmpty: Bool
    /// Where reading is, for messages.
    private var current = "its beginning"
    /// What the file holds when it is compressed as a whole.
    private let decompressed: DecompressedContent?
    /// The directory, when the archive is a zip.
    private var zipDirectory: ZipDirectory?
    private let descriptor: FileDescriptor

    /// Bytes of a tar file without entries; no program fills one up further than to its largest block.
    private static let largestEmpty = 16 << 20

    /// Begins to read at the beginning of a regular file; the descriptor stays open and the caller's.
    ///
    /// - Parameters:
    ///   - descriptor: a regular file.
    ///   - name: what messages call it.
    ///   - budget: how much it may become.
    /// - Throws: `unknownFormat`, `damagedArchive`, `unsafeArchive`, `missingLibrary`, `limitExceeded`.
    init(_ descriptor: FileDescriptor, name: String, budget: UnpackBudget) throws(ArchivingError) {
        self.name = name
        self.descriptor = descriptor
        // libarchive takes a zip without entries for nothing that it knows.
        isEmpty = ZipDirectory.isEmpty(descriptor)
        if isEmpty {
            (reader, decompressed, locale) = (try LibraryReader(for: name), nil, nil)
            return
        }
        let opened = try Self.open(descriptor, name, budget)
        (reader, decompressed) = (opened.reader, opened.decompressed)
        // libarchive turns names into the thread's character set. Names of tar stay as they are in this one, where it
        // finds none of their characters; in UTF-8 it would compose them. Zip's directory tells names itself.
        locale = newlocale(LC_CTYPE_MASK, opened.format == .tar ? "C" : "C.UTF-8", nil)
        if opened.format == .zip {
            zipDirectory = try ZipDirectory(descriptor, name: name, limits: budget.limits)
        }
    }

    /// Finds out what an archive is.
    private static func open(
        _ descriptor: FileDescriptor, _ name: String, _ budget: UnpackBudget
    ) throws(ArchivingError) -> (reader: LibraryReader, decompressed: DecompressedContent?, format: Format) {
        if let compression = Compression(of: descriptor, at: 0) {
            let reader = try LibraryReader(for: name)
            let content = try DecompressedContent(
                descriptor, name: name, compression: compression, budget: budget)
            buildspec_archive_read_support_format_tar(reader.pointer)
            guard Self.open(reader, content) else {
                if let failure = content.failure { throw failure }
                throw ArchivingError(
                    .unknownFormat, name,
                    "it is compressed by \(compression.rawValue), but holds no tar file (\(reader.message))")
            }
            return (reader, content, .tar)
        }
        var message = ""
        // Whatever a zip begins with, it is a tar file only when there is a header of one; zeros are its end.
        for format in beginsWithZeros(descriptor) ? [Format.zip, .tar] : [.tar, .zip] {
            let reader = try LibraryReader(for: name)
            switch format {
            case .tar: buildspec_archive_read_support_format_tar(reader.pointer)
            case .zip: buildspec_archive_read_support_format_zip_seekable(reader.pointer)
            }
            lseek(descriptor.rawValue, 0, SEEK_SET)
            let status = buildspec_archive_read_open_fd(reader.pointer, descriptor.rawValue, 256 * 1_024)
            if status == ARCHIVE_OK { return (reader, nil, format) }
            message = reader.message
        }
        throw unreadable(descriptor, name, message)
    }

    /// Lets libarchive read what a compressed file holds; `content` has to live as long as the reader is used.
    private static func open(_ reader: LibraryReader, _ content: DecompressedContent) -> Bool {
        let client = Unmanaged.passUnretained(content).toOpaque()
        return buildspec_archive_read_open(
            reader.pointer, client, nil,
            { _, client, start in
                guard let client, let start else { return -1 }
                let content = Unmanaged<DecompressedContent>.fromOpaque(client).takeUnretainedValue()
                do throws(ArchivingError) {
                    let block = try content.next()
                    start.pointee = block.baseAddress
                    return block.count
                } catch {
                    // The content keeps the reason.
                    return Int(ARCHIVE_FATAL)
                }
            }, nil) == ARCHIVE_OK
    }

    private static func beginsWithZeros(_ descriptor: FileDescriptor) -> Bool {
        var head = [UInt8](repeating: 0, count: 512)
        let count = head.withUnsafeMutableBytes { pread(descriptor.rawValue, $0.baseAddress, $0.count, 0) }
        return count == head.count && head.allSatisfy { $0 == 0 }
    }

    /// Why not even the first entry can be read: what the file begins with tells what it was to be.
    private static func unreadable(
        _ descriptor: FileDescriptor, _ name: String, _ message: String
    ) -> ArchivingError {
        var head = [UInt8](repeating: 0, count: 4)
        let count = head.withUnsafeMutableBytes { pread(descriptor.rawValue, $0.baseAddress, $0.count, 0) }
        guard count == head.count, head == [0x50, 0x4B, 3, 4] else {
            return ArchivingError(.unknownFormat, name, message)
        }
        return ArchivingError(
            .damagedArchive, name,
            "it begins as a zip file, but no directory is at its end: it may be cut short")
    }

    deinit {
        if let locale { freelocale(locale) }
    }

    /// The failure of the last call of libarchive, and where.
    private func failure(at place: String) -> ArchivingError {
        guard let failure = decompressed?.failure else {
            let message = reader.message
            // libarchive has no number for this.
            let isUnsupported = message.hasPrefix("Unsupported ZIP compression method")
            return ArchivingError(isUnsupported ? .unsupportedEntry : .damagedArchive, place, message)
        }
        guard failure.isAboutEntry else { return failure }
        return ArchivingError(failure.code, place, failure.reason)
    }

    /// The next entry, or nil at the end.
    ///
    /// - Throws: `damagedArchive`, `unsupportedEntry`, `unsafeArchive`, `unreadable`, `cancelled`.
    func next() throws(ArchivingError) -> Entry? {
        if isEmpty { return nil }
        let previous = locale.flatMap { uselocale($0) }
        defer { if let previous { uselocale(previous) } }
        var pointer: OpaquePointer?
        let status = buildspec_archive_read_next_header(reader.pointer, &pointer)
        if status == ARCHIVE_EOF {
            try finish()
            return nil
        }
        guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let pointer else {
            throw failure(at: zipDirectory?.upcomingName ?? following)
        }
        let name = try entryName(pointer)
        current = printable(name)
        guard buildspec_archive_entry_is_encrypted(pointer) == 0 else {
            throw ArchivingError(.unsupportedEntry, current, "it is encrypted")
        }
        return Entry(
            name: name, kind: try kind(pointer), permissions: Self.permissions(pointer),
            modified: buildspec_archive_entry_mtime_is_set(pointer) != 0
                ? Int64(buildspec_archive_entry_mtime(pointer)) : nil,
            size: buildspec_archive_entry_size_is_set(pointer) != 0
                ? buildspec_archive_entry_size(pointer) : nil)
    }

    /// What nobody has a name for yet.
    private var following: String {
        buildspec_archive_file_count(reader.pointer) <= 1 ? current : "the entry after \(current)"
    }

    /// Checks what stands behind the last entry.
    private func finish() throws(ArchivingError) {
        guard zipDirectory?.isFinished ?? true else {
            throw ArchivingError(.damagedArchive, current, "entries after it are missing")
        }
        do throws(ArchivingError) {
            try decompressed?.finish()
        } catch {
            throw failure(at: "its end")
        }
        guard zipDirectory != nil || buildspec_archive_file_count(reader.pointer) > 0 || isOnlyZeros else {
            throw ArchivingError(
                .unknownFormat, name,
                "it begins with zeros, which end a tar file, and is something else, such as the image of a disk"
            )
        }
    }

    /// Whether a tar file without entries is that and no more.
    private var isOnlyZeros: Bool {
        if let decompressed { return decompressed.isOnlyZeros }
        var block = [UInt8](repeating: 0, count: 256 << 10)
        var place = 0
        while place <= Self.largestEmpty {
            let count = block.withUnsafeMutableBytes {
                pread(descriptor.rawValue, $0.baseAddress, $0.count, off_t(place))
            }
            if count == 0 { return true }
            guard count > 0, block[..<count].allSatisfy({ $0 == 0 }) else { return false }
            place += count
        }
        return false
    }

    private func entryName(_ entry: OpaquePointer) throws(ArchivingError) -> [UInt8] {
        let name = Self.bytes(
            buildspec_archive_entry_pathname(entry) ?? buildspec_archive_entry_pathname_utf8(entry))
        if let own = try zipDirectory?.next(readAs: name) { return own }
        guard let name else {
            throw ArchivingError(.damagedArchive, following, "it has a name that cannot be read")
        }
        return name
    }

    /// Calls `body` with each block of the current entry's content and its place; what lies between blocks is
    /// zeros.
    ///
    /// - Throws: `damagedArchive`, `unsupportedEntry`, `unsafeArchive`, `unreadable`, `cancelled`, and what `body` throws.
    func content(
        _ body: (UnsafeRawBufferPointer, Int64) throws(ArchivingError) -> Void
    ) throws(ArchivingError) {
        while true {
            var start: UnsafeRawPointer?
            var count = 0
            var offset: Int64 = 0
            let status = buildspec_archive_read_data_block(reader.pointer, &start, &count, &offset)
            if status == ARCHIVE_EOF { return }
            guard status == ARCHIVE_OK else { throw failure(at: current) }
            try body(UnsafeRawBufferPointer(start: start, count: count), offset)
        }
    }

    private func kind(_ entry: OpaquePointer) throws(ArchivingError) -> Entry.Kind {
        if let target = Self.bytes(buildspec_archive_entry_hardlink(entry)) {
            return .hardLink(target: target)
        }
        switch mode_t(buildspec_archive_entry_filetype(entry)) & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .directory
        case S_IFLNK:
            let target = Self.bytes(buildspec_archive_entry_symlink(entry)) ?? []
            // As with names, libarchive composes characters; and it stops at NUL.
            return .link(target: try zipDirectory?.linkTarget(readAs: target) ?? target)
        default: return .other
        }
    }

    /// Writers that know no permissions store none at all; nobody means a file that cannot be read.
    private static func permissions(_ entry: OpaquePointer) -> UInt32 {
        let permissions = UInt32(buildspec_archive_entry_perm(entry)) & 0o777
        guard permissions == 0 else { return permissions }
        return mode_t(buildspec_archive_entry_filetype(entry)) & S_IFMT == S_IFDIR ? 0o755 : 0o644
    }

    private static func bytes(_ text: UnsafePointer<CChar>?) -> [UInt8]? {
        text.map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
    }
}
