import Archiving
import Crypto
import Glibc
import SystemPackage

/// What a tree of code is: the digest of names, contents, link targets and executable bits, and of nothing else.
struct CodeFingerprint {
    let tree: CodeTree
    /// SHA-256 over everything, hexadecimal; empty as long as contents are missing.
    private(set) var digest = ""
    /// Whether nothing of the tree is known, so that whoever packs it may as well hash it on the way.
    let isUnknown: Bool
    /// The digests of the files; nil for links, and for what is not known yet.
    private var contents: [ContentHash?] = []
    /// Whether something is to be written down.
    private var isNews: Bool

    private static let pieceSize = 256 << 10

    /// Takes from the memory what it knows unchanged; no file is opened.
    init(_ tree: CodeTree, memory: CodeMemory?) {
        self.tree = tree
        var known = memory?.contents(of: tree.path) ?? KnownContents()
        isUnknown = known.isEmpty
        contents.reserveCapacity(tree.entries.count)
        isNews = false
        for entry in tree.entries {
            let digest = entry.status.flatMap { known.digest(of: entry.file.name, $0) }
            if digest == nil, entry.status != nil { isNews = true }
            contents.append(digest)
        }
        isNews = isNews || known.hasMore
    }

    /// Reads the files that are not known, and writes down what is known then.
    ///
    /// - Parameters:
    ///   - packed: digests of some files, by their places in the tree, as they were found when they were packed.
    ///   - memory: where it is written down.
    /// - Throws: `ArchivingError`
    mutating func complete(_ packed: [Int: ContentHash] = [:], memory: CodeMemory?) throws(ArchivingError) {
        let selection = tree.selection
        for index in contents.indices where contents[index] == nil && tree.entries[index].status != nil {
            contents[index] =
                if let digest = packed[index] { digest } else {
                    try Self.digest(of: tree.entries[index].file, in: selection)
                }
        }
        digest = Self.digest(tree, contents)
        guard isNews, let memory else { return }
        memory.remember(
            zip(tree.entries, contents).compactMap { entry, digest in
                guard let status = entry.status, let digest, tree.isSettled(status) else { return nil }
                return (entry.file.name.bytes, status, digest)
            }, of: tree.path)
    }

    /// Whether the tree that was packed was one tree all the time; its files were what they were when they were packed.
    ///
    /// Contents are compared that could have been changed unseen, and names where directories have changed.
    ///
    /// - Parameter readAgain: reads the tree once more.
    /// - Returns: false when another tree may have been packed than the one that was read.
    /// - Throws: `ArchivingError`
    func stillHolds(_ readAgain: () throws(ArchivingError) -> CodeTree) throws(ArchivingError) -> Bool {
        if !tree.hasSameNames {
            guard try readAgain().entries == tree.entries else { return false }
        }
        let selection = tree.selection
        for (entry, digest) in zip(tree.entries, contents) {
            guard let status = entry.status, !tree.isSettled(status) else { continue }
            guard try Self.digest(of: entry.file, in: selection) == digest else { return false }
        }
        return true
    }

    private static func digest(_ tree: CodeTree, _ contents: [ContentHash?]) -> String {
        var hash = SHA256()
        var records = Array("buildspec code tree 1\n".utf8)
        records.reserveCapacity(min(tree.entries.count * 96, pieceSize))
        for (entry, content) in zip(tree.entries, contents) {
            if records.count > pieceSize {
                hash.update(data: records)
                records.removeAll(keepingCapacity: true)
            }
            let name = entry.file.name.bytes
            switch entry.file.content {
            case .file: records.append(UInt8(ascii: entry.status?.isExecutable == true ? "x" : "f"))
            case .link: records.append(UInt8(ascii: "l"))
            }
            append(length: name.count, to: &records)
            records += name
            if case .link(let target) = entry.file.content {
                append(length: target.count, to: &records)
                records += target
            } else {
                content?.withUnsafeBytes { records.append(contentsOf: $0) }
            }
        }
        hash.update(data: records)
        return hexadecimal(hash.finalize())
    }

    private static func append(length: Int, to bytes: inout [UInt8]) {
        for place in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: length >> (place * 8))) }
    }

    private static func digest(
        of file: SelectedFile, in selection: Selection
    ) throws(ArchivingError) -> ContentHash? {
        let opened = try selection.open(file)
        defer { try? opened.close() }
        var hash = SHA256()
        let size = FileStatus(descriptor: opened.rawValue)?.size
        try ContentReading.read(opened, file.displayPath, expecting: size) { hash.update(bufferPointer: $0) }
        return ContentHash(hash.finalize())
    }
}

/// Files read from beginning to end.
enum ContentReading {
    /// Calls `take` with each piece.
    ///
    /// - Parameters:
    ///   - file: where to read from.
    ///   - name: how messages call it.
    ///   - size: about how many bytes there are: a small file needs no large buffer.
    ///   - take: sees the pieces.
    /// - Throws: `ArchivingError`
    static func read(
        _ file: FileDescriptor, _ name: String, expecting size: UInt64? = nil,
        _ take: (UnsafeRawBufferPointer) -> Void
    ) throws(ArchivingError) {
        var buffer = [UInt8](repeating: 0, count: Int(min(size ?? .max, 128 << 10 - 1)) + 1)
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

extension ContentHash {
    /// Takes a digest over.
    init?(_ digest: SHA256.Digest) {
        guard let hash = digest.withUnsafeBytes({ Self($0) }) else { return nil }
        self = hash
    }
}
