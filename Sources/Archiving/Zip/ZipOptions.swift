/// How an archive is written.
///
/// The same files and options make the same bytes.
package struct ZipOptions: Sendable, Hashable {
    /// 1 (fastest) to 12 (smallest).
    package var level: Int
    /// A modification time for all entries, in seconds since 1970 (UTC), instead of the files' own.
    package var fixedTime: Int64?
    /// Modes become 0755 for files that their owner may execute and 0644 for others.
    package var normalizesModes: Bool

    /// Makes options; the defaults keep times and modes.
    package init(level: Int = 6, fixedTime: Int64? = nil, normalizesModes: Bool = false) {
        self.level = level
        self.fixedTime = fixedTime
        self.normalizesModes = normalizesModes
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
