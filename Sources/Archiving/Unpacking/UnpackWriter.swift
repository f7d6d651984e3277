import Glibc
import SystemPackage

/// Writes checked entries into a staging directory.
///
/// Links come last, so that no file can be written through one.
struct UnpackWriter {
    private struct Link {
        let path: EntryPath
        let target: [UInt8]
        let modified: Int64?
    }

    private let staging: StagingDirectory
    private let limits: UnpackLimits
    private let archiveSize: Int64?
    private var hardLinks: [Link] = []
    private var links: [Link] = []
    private var collisions = NameCollisions()
    private(set) var summary = UnpackSummary()

    init(staging: StagingDirectory, limits: UnpackLimits, archiveSize: Int64?) {
        self.staging = staging
        self.limits = limits
        self.archiveSize = archiveSize
    }

    /// Checks one entry and writes it, or remembers it for the end.
    mutating func write(_ entry: ArchiveStream.Entry, from stream: ArchiveStream) throws(ArchivingError) {
        let shown = printable(entry.name.prefix(256))
        summary.entryCount += 1
        guard summary.entryCount <= limits.entries else {
            throw ArchivingError(.unsafeArchive, shown, "the archive has more than \(limits.entries) entries")
        }
        let path = try EntryPath(entry.name, limits: limits)
        collisions.add(path.bytes)
        switch entry.kind {
        case .directory:
            try staging.makeDirectory(path, permissions: entry.permissions, modified: entry.modified)
        case .file:
            guard !path.components.isEmpty else {
                throw ArchivingError(.unsafeArchive, shown, "a file has no name")
            }
            try write(file: entry, at: path, from: stream)
        case .link(let target):
            guard !path.components.isEmpty else {
                throw ArchivingError(.unsafeArchive, shown, "a link has no name")
            }
            if let refusal = path.refusal(ofLinkTo: target) {
                throw ArchivingError(.unsafeArchive, shown, refusal)
            }
            links.append(Link(path: path, target: target, modified: entry.modified))
        case .hardLink(let target):
            guard !path.components.isEmpty else {
                throw ArchivingError(.unsafeArchive, shown, "a link has no name")
            }
            guard (entry.size ?? 0) == 0 else {
                throw ArchivingError(.unsafeArchive, shown, "it is a hard link with a content of its own")
            }
            hardLinks.append(Link(path: path, target: target, modified: nil))
        case .other:
            throw ArchivingError(.unsafeArchive, shown, "it is a device, a FIFO or of an unknown kind")
        }
    }

    /// Makes the links, checks where they lead, and gives directories their modes and times.
    mutating func finish() throws(ArchivingError) {
        for link in hardLinks {
            let shown = printable(link.path.bytes)
            let target: EntryPath
            do throws(ArchivingError) {
                target = try EntryPath(link.target, limits: limits)
            } catch {
                throw ArchivingError(.unsafeArchive, shown, "it is a hard link that leads out of the archive")
            }
            try staging.makeHardLink(link.path, to: target)
        }
        for link in links { try staging.makeLink(link.path, to: link.target, modified: link.modified) }
        for link in links { try staging.checkLink(link.path, target: link.target) }
        try staging.finishDirectories()
        summary.collisions = collisions.found
    }

    private mutating func write(
        file entry: ArchiveStream.Entry, at path: EntryPath, from stream: ArchiveStream
    ) throws(ArchivingError) {
        let shown = printable(path.bytes)
        let file = try staging.createFile(path)
        defer { try? file.close() }
        let before = summary.byteCount
        var length: Int64 = 0
        if let size = entry.size { try checkTotal(before, adding: size, shown) }
        try stream.content { block, offset throws(ArchivingError) in
            if Task.isCancelled { throw ArchivingError(.cancelled, shown, "the task was cancelled") }
            let (end, overflow) = offset.addingReportingOverflow(Int64(block.count))
            guard offset >= length, !overflow else {
                throw ArchivingError(.damagedArchive, shown, "its parts overlap")
            }
            try checkTotal(before, adding: end, shown)
            do {
                _ = try file.writeAll(toAbsoluteOffset: offset, block)
            } catch {
                throw .writing(shown, (error as? Errno) ?? .ioError)
            }
            length = end
        }
        if let size = entry.size, size > length { length = size }
        summary.byteCount = before + length
        guard ftruncate(file.rawValue, Int(length)) == 0,
            fchmod(file.rawValue, entry.permissions & 0o777) == 0
        else {
            throw .writing(shown, Errno(rawValue: errno))
        }
        StagingDirectory.setTime(entry.modified, of: file)
    }

    private func checkTotal(_ before: Int64, adding length: Int64, _ shown: String) throws(ArchivingError) {
        let (total, overflow) = before.addingReportingOverflow(max(0, length))
        guard !overflow, total <= limits.bytes else {
            throw ArchivingError(.unsafeArchive, shown, "the contents have more than \(limits.bytes) bytes")
        }
        guard let archiveSize, total > limits.ratioFloor else { return }
        guard total / limits.ratio.clampedAboveZero <= archiveSize else {
            throw ArchivingError(
                .unsafeArchive, shown,
                "the contents are more than \(limits.ratio) times as large as the archive")
        }
    }
}

extension Int64 {
    fileprivate var clampedAboveZero: Int64 { Swift.max(1, self) }
}
