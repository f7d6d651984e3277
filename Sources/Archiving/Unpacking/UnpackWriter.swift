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
    private let budget: UnpackBudget
    private var limits: UnpackLimits { budget.limits }
    private var hardLinks: [Link] = []
    private var links: [Link] = []
    private var collisions = NameCollisions()
    private(set) var summary = UnpackSummary()

    init(staging: StagingDirectory, budget: UnpackBudget) {
        self.staging = staging
        self.budget = budget
    }

    /// Checks one entry and writes it, or remembers it for the end.
    mutating func write(_ entry: ArchiveStream.Entry, from stream: ArchiveStream) throws(ArchivingError) {
        let shown = printable(entry.name.prefix(256))
        summary.entryCount += 1
        try checkCount(shown)
        let path = try EntryPath(entry.name, limits: limits)
        collisions.add(path)
        switch entry.kind {
        case .directory:
            // Some kinds of tar's directories have a content, which is read over.
            let size = max(0, entry.size ?? 0)
            try budget.check(summary.byteCount, adding: size, shown)
            summary.byteCount += size
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
        try checkCount(shown)
    }

    /// Refuses too many entries; a directory that has none, but something in it, counts as one.
    private func checkCount(_ shown: String) throws(ArchivingError) {
        guard summary.entryCount + staging.impliedCount <= limits.entries else {
            throw ArchivingError(
                .unsafeArchive, shown,
                "the archive has more than \(limits.entries) entries and directories")
        }
        // Some bytes of a name can imply a hundred directories, each a block of the disk.
        try budget.check(
            summary.byteCount, adding: Int64(staging.impliedCount) * UnpackLimits.impliedDirectoryBytes, shown
        )
    }

    /// Makes the links, checks where they lead, and gives directories their modes and times.
    ///
    /// - Throws: `unsafeArchive`, `unwritable`, `noSpace`, `cancelled`.
    mutating func finish() throws(ArchivingError) {
        var targets = Dictionary(links.map { ($0.path.components, $0) }) { first, _ in first }
        for link in hardLinks {
            try StagingDirectory.checkCancellation(at: link.path.bytes)
            let shown = printable(link.path.bytes)
            let target: EntryPath
            do throws(ArchivingError) {
                target = try EntryPath(link.target, limits: limits)
            } catch {
                throw ArchivingError(.unsafeArchive, shown, "it is a hard link that leads out of the archive")
            }
            if let known = targets[target.components] {
                // A second name of a link, as tar stores copies made of hard links, is a link that says the same.
                if let refusal = link.path.refusal(ofLinkTo: known.target) {
                    throw ArchivingError(.unsafeArchive, shown, refusal)
                }
                let second = Link(path: link.path, target: known.target, modified: known.modified)
                links.append(second)
                targets[link.path.components] = second
                continue
            }
            try staging.makeHardLink(link.path, to: target)
            try checkCount(shown)
        }
        for link in links {
            try StagingDirectory.checkCancellation(at: link.path.bytes)
            try staging.makeLink(link.path, to: link.target, modified: link.modified)
            try checkCount(printable(link.path.bytes))
        }
        for link in links {
            try StagingDirectory.checkCancellation(at: link.path.bytes)
            try staging.checkLink(link.path, target: link.target)
        }
        try staging.finishDirectories()
        summary.collisions = collisions.found
        summary.comparesAllNames = collisions.isComplete
    }

    private mutating func write(
        file entry: ArchiveStream.Entry, at path: EntryPath, from stream: ArchiveStream
    ) throws(ArchivingError) {
        let shown = printable(path.bytes)
        let file = try staging.createFile(path)
        defer { try? file.close() }
        let before = summary.byteCount
        var length: Int64 = 0
        if let size = entry.size { try budget.check(before, adding: size, shown) }
        try stream.content { block, offset throws(ArchivingError) in
            if Task.isCancelled { throw ArchivingError(.cancelled, shown, "the task was cancelled") }
            let (end, overflow) = offset.addingReportingOverflow(Int64(block.count))
            guard offset >= length, !overflow else {
                throw ArchivingError(.damagedArchive, shown, "its parts overlap")
            }
            try budget.check(before, adding: end, shown)
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
}
