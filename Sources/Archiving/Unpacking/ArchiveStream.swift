import CLibArchive
import Glibc
import SystemPackage

/// The owner of one libarchive reader.
///
/// This file is the only one that knows libarchive.
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

    private let archive: OpaquePointer
    private let name: String
    private let locale: locale_t?
    private let descriptor: FileDescriptor
    private let limits: UnpackLimits
    private let isEmpty: Bool
    private var current = "its beginning"
    /// The directory, as soon as the archive is known to be a zip.
    private var zipDirectory: ZipDirectory?

    /// Begins to read at the descriptor's position; the descriptor stays open and the caller's.
    ///
    /// - Throws: `unknownFormat`, `missingLibrary`.
    init(_ descriptor: FileDescriptor, name: String, limits: UnpackLimits) throws(ArchivingError) {
        guard buildspec_archive_is_available() != 0 else {
            throw ArchivingError(.missingLibrary, name, "libarchive.so.13 cannot be loaded")
        }
        guard let archive = buildspec_archive_read_new() else {
            throw ArchivingError(.limitExceeded, name, "no memory for a reader")
        }
        self.archive = archive
        self.name = name
        self.descriptor = descriptor
        self.limits = limits
        // libarchive turns names into the thread's character set; only in this one they stay as they are.
        locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nil)
        buildspec_archive_read_support_filter_gzip(archive)
        buildspec_archive_read_support_filter_xz(archive)
        buildspec_archive_read_support_filter_bzip2(archive)
        buildspec_archive_read_support_filter_zstd(archive)
        buildspec_archive_read_support_format_tar(archive)
        buildspec_archive_read_support_format_zip_seekable(archive)
        // libarchive takes a zip without entries for nothing that it knows.
        isEmpty = ZipDirectory.isEmpty(descriptor)
        guard
            isEmpty || buildspec_archive_read_open_fd(archive, descriptor.rawValue, 256 * 1_024) == ARCHIVE_OK
        else {
            throw unreadable()
        }
    }

    /// Why not even the first entry can be read: what the file begins with tells what it was to be.
    private func unreadable() -> ArchivingError {
        var head = [UInt8](repeating: 0, count: 6)
        let count = head.withUnsafeMutableBytes { pread(descriptor.rawValue, $0.baseAddress, $0.count, 0) }
        head.removeLast(head.count - max(count, 0))
        if head.starts(with: [0x50, 0x4B, 3, 4]) {
            return ArchivingError(
                .damagedArchive, name,
                "it begins as a zip file, but no directory is at its end: it may be cut short")
        }
        let compressions: [([UInt8], String)] = [
            ([0x1F, 0x8B], "gzip"), ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "xz"), ([0x42, 0x5A, 0x68], "bzip2"),
            ([0x28, 0xB5, 0x2F, 0xFD], "zstd"),
        ]
        guard let (_, compression) = compressions.first(where: { head.starts(with: $0.0) }) else {
            return ArchivingError(.unknownFormat, name, message)
        }
        return ArchivingError(
            .unknownFormat, name,
            "it is compressed by \(compression), but holds no tar file, or is damaged or cut short (\(message))"
        )
    }

    deinit {
        buildspec_archive_read_free(archive)
        if let locale { freelocale(locale) }
    }

    /// The next entry, or nil at the end.
    ///
    /// - Throws: `unknownFormat`, `damagedArchive`.
    func next() throws(ArchivingError) -> Entry? {
        if isEmpty { return nil }
        let previous = locale.flatMap { uselocale($0) }
        defer { if let previous { uselocale(previous) } }
        var pointer: OpaquePointer?
        let status = buildspec_archive_read_next_header(archive, &pointer)
        if status == ARCHIVE_EOF {
            guard zipDirectory?.isFinished ?? true else {
                throw ArchivingError(.damagedArchive, current, "entries after it are missing")
            }
            return nil
        }
        guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let pointer else {
            let isFirst = buildspec_archive_file_count(archive) <= 1 && buildspec_archive_format(archive) == 0
            throw isFirst ? unreadable() : ArchivingError(.damagedArchive, current, message)
        }
        let name = try entryName(pointer)
        current = printable(name)
        guard buildspec_archive_entry_is_encrypted(pointer) == 0 else {
            throw ArchivingError(.damagedArchive, current, "it is encrypted")
        }
        return Entry(
            name: name, kind: kind(pointer), permissions: Self.permissions(pointer),
            modified: buildspec_archive_entry_mtime_is_set(pointer) != 0
                ? Int64(buildspec_archive_entry_mtime(pointer)) : nil,
            size: buildspec_archive_entry_size_is_set(pointer) != 0
                ? buildspec_archive_entry_size(pointer) : nil)
    }

    private func entryName(_ entry: OpaquePointer) throws(ArchivingError) -> [UInt8] {
        guard
            let name = Self.bytes(
                buildspec_archive_entry_pathname(entry) ?? buildspec_archive_entry_pathname_utf8(entry))
        else {
            throw ArchivingError(
                .damagedArchive, current, "the entry after it has a name that cannot be read")
        }
        guard buildspec_archive_format(archive) & ARCHIVE_FORMAT_BASE_MASK == ARCHIVE_FORMAT_ZIP else {
            return name
        }
        if zipDirectory == nil {
            zipDirectory = try ZipDirectory(descriptor, name: self.name, limits: limits)
        }
        return try zipDirectory?.next(readAs: name) ?? name
    }

    /// Calls `body` with each block of the current entry's content and its place; what lies between blocks is
    /// zeros.
    ///
    /// - Throws: `damagedArchive`, and what `body` throws.
    func content(
        _ body: (UnsafeRawBufferPointer, Int64) throws(ArchivingError) -> Void
    ) throws(ArchivingError) {
        while true {
            var start: UnsafeRawPointer?
            var count = 0
            var offset: Int64 = 0
            let status = buildspec_archive_read_data_block(archive, &start, &count, &offset)
            if status == ARCHIVE_EOF { return }
            guard status == ARCHIVE_OK else { throw ArchivingError(.damagedArchive, current, message) }
            try body(UnsafeRawBufferPointer(start: start, count: count), offset)
        }
    }

    private func kind(_ entry: OpaquePointer) -> Entry.Kind {
        if let target = Self.bytes(buildspec_archive_entry_hardlink(entry)) {
            return .hardLink(target: target)
        }
        switch mode_t(buildspec_archive_entry_filetype(entry)) & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .directory
        case S_IFLNK:
            let target = Self.bytes(buildspec_archive_entry_symlink(entry)) ?? []
            // As with names, libarchive composes characters; and it stops at NUL.
            return .link(target: zipDirectory?.shortContent ?? target)
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

    private var message: String {
        buildspec_archive_error_string(archive).map { printable(String(cString: $0).utf8) }
            ?? "no reason is given"
    }
}
