import CLibArchive

/// The owner of one reader of libarchive, used by one thread at a time.
final class LibraryReader {
    let pointer: OpaquePointer

    /// Makes a reader that knows no format and no compression yet.
    ///
    /// - Parameter name: what messages call the archive.
    /// - Throws: `missingLibrary`, `limitExceeded`.
    init(for name: String) throws(ArchivingError) {
        guard buildspec_archive_is_available() != 0 else {
            throw ArchivingError(.missingLibrary, name, "libarchive.so.13 cannot be loaded")
        }
        guard let pointer = buildspec_archive_read_new() else {
            throw ArchivingError(.limitExceeded, name, "no memory for a reader")
        }
        self.pointer = pointer
    }

    deinit {
        buildspec_archive_read_free(pointer)
    }

    /// What libarchive says about its last failure.
    var message: String {
        buildspec_archive_error_string(pointer).map { printable(String(cString: $0).utf8) }
            ?? "no reason is given"
    }
}
