/// How much an archive may hold before it is refused as a whole.
package struct UnpackLimits: Sendable, Hashable {
    /// Entries of any kind, and directories that have no entry but something in them.
    package var entries = 2_000_000
    /// Bytes of all contents, holes of sparse files included; and all bytes of what a compressed tar file holds.
    package var bytes: Int64 = 64 << 30
    /// How many times larger than the archive its contents may be; looked at beyond ``ratioFloor``.
    package var ratio: Int64 = 250
    /// Contents up to this many bytes may have any ratio.
    package var ratioFloor: Int64 = 256 << 20
    /// What a directory without an entry counts as, beside all contents.
    static let impliedDirectoryBytes: Int64 = 4_096
    /// Bytes of a whole name.
    package var nameLength = 4_095
    /// Directories in one another.
    package var depth = 128

    /// The defaults.
    package init() {}
}

/// What was unpacked.
package struct UnpackSummary: Sendable, Hashable {
    /// Entries of any kind.
    package var entryCount = 0
    /// Bytes of all contents.
    package var byteCount: Int64 = 0
    /// Names that differ from an earlier one only in case or in the form of Unicode, so that other systems take both
    /// for one file; the first few.
    package var collisions: [NameCollision] = []
    /// Whether all names have been compared for that, or only as many as fit into a bounded memory.
    package var comparesAllNames = true

    /// What whoever takes these files to other systems should know, in sentences.
    package var remarks: [String] {
        let rest = "it has too many names to compare all of them for case and the form of Unicode"
        return collisions.map(\.description) + (comparesAllNames ? [] : [rest])
    }
}

/// Two names of one archive that macOS and Windows do not keep apart.
package struct NameCollision: Sendable, Hashable, CustomStringConvertible {
    /// The one that came first.
    package let first: EntryName
    /// The other one.
    package let second: EntryName

    /// Both names, in a sentence.
    package var description: String {
        "\(first) and \(second) differ only in case or in the form of Unicode: macOS and Windows keep one of them"
    }
}
