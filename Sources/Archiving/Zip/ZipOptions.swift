/// How an archive is written.
///
/// The same files and options make the same bytes, on any number of processors.
package struct ZipOptions: Sendable, Hashable {
    /// The level that makes archives as small as Info-ZIP's, several times as fast.
    package static let defaultLevel = 5

    /// 1 (fastest) to 12 (smallest).
    package var level: Int
    /// A modification time for all entries, in seconds since 1970 (UTC), instead of the files' own.
    package var fixedTime: Int64?
    /// Modes become 0755 for files that their owner may execute and 0644 for others.
    package var normalizesModes: Bool
    /// Directories on the way to files get entries of their own (mode 0755).
    package var listsDirectories: Bool
    /// Whether a file that is written to while it is read ends it all, instead of being packed as it was found: what is cut
    /// off at the length it had when it was opened may be of no use to anybody.
    package var refusesChanges = false
    /// Bytes that all contents may have together before compression; with more it ends before much more is read than these.
    package var mostBytes: Int64?

    /// Makes options; the defaults keep times and modes.
    package init(
        level: Int = defaultLevel, fixedTime: Int64? = nil, normalizesModes: Bool = false,
        listsDirectories: Bool = false
    ) {
        self.level = level
        self.fixedTime = fixedTime
        self.normalizesModes = normalizesModes
        self.listsDirectories = listsDirectories
    }
}

/// What was written.
package struct ZipSummary: Sendable, Hashable {
    /// Entries of the archive.
    package var entryCount: Int
    /// Bytes of the archive.
    package var byteCount: Int64
    /// Bytes of all contents before compression.
    package var unpackedByteCount: Int64
}

/// One entry that was written.
package struct ZipEntry: Sendable {
    /// Its name.
    package let name: EntryName
    /// Bytes of its content before compression.
    package let size: UInt64
    /// The first bytes of a file's content, at most ``headLength``; empty for links and directories.
    package let head: [UInt8]

    /// What tells most kinds of files apart.
    package static let headLength = 20
}

/// Who wants to see an archive while it is written.
package struct ZipObserver {
    /// See ``content``.
    package typealias Content = @Sendable (Int, UnsafeRawBufferPointer, ContentHash?) -> ContentHash?

    /// Sees every byte of the archive, in order, on the thread that writes.
    package var bytes: ((UnsafeRawBufferPointer) -> Void)?
    /// Sees every entry, in order, on the thread that writes.
    package var entry: ((ZipEntry) -> Void)?
    /// Sees the contents of the files that are packed in one piece, which are those of up to 4 MiB, with their places in
    /// the selection, and with the hash that was returned for the same content before, if it is known to be the same; in
    /// any order, on several threads at a time.
    ///
    /// Who makes a hash of a content returns it: it spares comparing, and hashing, contents that come again.
    package var content: Content?
    /// Whether writing is to end early; asked for now and then on the thread that writes.
    package var isCancelled: () -> Bool = { Task.isCancelled }

    /// Makes an observer.
    package init(
        bytes: ((UnsafeRawBufferPointer) -> Void)? = nil, entry: ((ZipEntry) -> Void)? = nil
    ) {
        self.bytes = bytes
        self.entry = entry
    }
}
