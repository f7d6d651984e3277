import Archiving
import Crypto
import Glibc
import SystemPackage

/// What a tree of code is: the digest of names, contents, link targets and executable bits, and of nothing else.
struct CodeFingerprint {
    let tree: CodeTree
    /// SHA-256 over everything, hexadecimal.
    let digest: String
    /// The digests of the files; nil for links.
    private let contents: [[UInt8]?]
    /// When the tree was read, in nanoseconds since 1970.
    private let started: UInt64

    /// A file changed so shortly before it was read may change again within the same tick of the clock.
    private static let tick: UInt64 = 2_000_000_000

    /// Reads a tree; files that the memory knows unchanged are not opened.
    ///
    /// - Throws: `ArchivingError`
    init(_ tree: CodeTree, memory: CodeMemory?) throws(ArchivingError) {
        self.tree = tree
        started = Self.now()
        let known = memory?.contents(of: tree.path) ?? [:]
        var contents: [[UInt8]?] = []
        contents.reserveCapacity(tree.entries.count)
        var isNews = known.count != tree.entries.count { $0.status != nil }
        let selection = tree.selection
        for entry in tree.entries {
            guard let status = entry.status else {
                contents.append(nil)
                continue
            }
            if let memory = known[entry.file.name.bytes], memory.status == status {
                contents.append(memory.digest)
            } else {
                isNews = true
                contents.append(try Self.digest(of: entry.file, in: selection))
            }
        }
        self.contents = contents
        digest = Self.digest(tree, contents)
        guard isNews, let memory else { return }
        memory.remember(
            zip(tree.entries, contents).compactMap { entry, digest in
                guard let status = entry.status, let digest, isSettled(status) else { return nil }
                return (entry.file.name.bytes, status, digest)
            }, of: tree.path)
    }

    /// Whether the tree is still what it was: statuses are compared, and contents that could have changed unseen.
    ///
    /// - Throws: `ArchivingError`
    func stillHolds(_ again: CodeTree) throws(ArchivingError) -> Bool {
        guard again.entries == tree.entries else { return false }
        let selection = again.selection
        for (entry, digest) in zip(again.entries, contents) {
            guard let status = entry.status, !isSettled(status) else { continue }
            guard try Self.digest(of: entry.file, in: selection) == digest else { return false }
        }
        return true
    }

    private func isSettled(_ status: FileStatus) -> Bool {
        let latest = max(status.changed, status.modified)
        return latest &+ Self.tick < started && latest < started
    }

    private static func digest(_ tree: CodeTree, _ contents: [[UInt8]?]) -> String {
        var hash = SHA256()
        hash.update(data: Array("buildspec code tree 1\n".utf8))
        for (entry, content) in zip(tree.entries, contents) {
            let name = entry.file.name.bytes
            var record: [UInt8] = []
            switch entry.file.content {
            case .file: record.append(UInt8(ascii: entry.status?.isExecutable == true ? "x" : "f"))
            case .link: record.append(UInt8(ascii: "l"))
            }
            record += length(name.count) + name
            if case .link(let target) = entry.file.content {
                record += length(target.count) + target
            } else {
                record += content ?? []
            }
            hash.update(data: record)
        }
        return hexadecimal(hash.finalize())
    }

    private static func length(_ count: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) }
    }

    private static func digest(
        of file: SelectedFile, in selection: Selection
    ) throws(ArchivingError) -> [UInt8] {
        let opened = try selection.open(file)
        defer { try? opened.close() }
        var hash = SHA256()
        try ContentReading.read(opened, file.displayPath) { hash.update(bufferPointer: $0) }
        return Array(hash.finalize())
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(truncatingIfNeeded: time.tv_sec &* 1_000_000_000 &+ time.tv_nsec)
    }
}

/// Files read from beginning to end.
enum ContentReading {
    /// Calls `take` with each piece.
    ///
    /// - Throws: `ArchivingError`
    static func read(
        _ file: FileDescriptor, _ name: String, _ take: (UnsafeRawBufferPointer) -> Void
    ) throws(ArchivingError) {
        var buffer = [UInt8](repeating: 0, count: 128 << 10)
        while true {
            do {
                let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
                guard count > 0 else { return }
                buffer.withUnsafeBytes { take(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            } catch {
                throw ArchivingError.unreadable(name, (error as? Errno) ?? .ioError)
            }
        }
    }
}
