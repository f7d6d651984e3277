import CLinuxCalls
import Glibc
import SystemPackage

/// The names in a directory, one behind the other in one buffer, each ended by a zero.
struct DirectoryListing {
    struct Entry {
        let start: Int
        let length: Int
        /// Nil when the file system does not tell; then it has to be asked for.
        let kind: AnchoredRoot.Kind?
    }

    private(set) var names: [UInt8] = []
    private(set) var entries: [Entry] = []

    /// Makes room for what so many bytes of directory records hold.
    mutating func reserve(records length: Int) {
        entries.reserveCapacity(length / 32)
        names.reserveCapacity(length / 2)
    }

    mutating func append(_ name: UnsafeBufferPointer<UInt8>, _ kind: AnchoredRoot.Kind?) {
        entries.append(Entry(start: names.count, length: name.count, kind: kind))
        names.append(contentsOf: name)
        names.append(0)
    }

    /// Sorts so that a walk that enters directories where they stand meets paths in byte order: a directory
    /// stands where its name followed by a slash would.
    mutating func sort() {
        names.withUnsafeBufferPointer { names in
            guard let base = names.baseAddress else { return }
            entries.sort { left, right in
                let shared = min(left.length, right.length)
                let order = memcmp(base + left.start, base + right.start, shared)
                if order != 0 { return order < 0 }
                return Self.next(left, after: shared, names) < Self.next(right, after: shared, names)
            }
        }
    }

    /// What follows in an entry's path; -1 for nothing.
    private static func next(
        _ entry: Entry, after length: Int, _ names: UnsafeBufferPointer<UInt8>
    ) -> Int {
        if length < entry.length { return Int(names[entry.start + length]) }
        return entry.kind == .directory ? Int(UInt8(ascii: "/")) : -1
    }
}

/// Reads directories; its buffer is used again for each.
final class DirectoryReader {
    private let root: AnchoredRoot
    // As large as libc's own. Memory of 128 KiB would come from the system each time, and go back to it.
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 << 10, alignment: 16)

    init(root: AnchoredRoot) {
        self.root = root
    }

    deinit {
        buffer.deallocate()
    }

    /// All names of a directory but `.` and `..`, in no particular order.
    ///
    /// - Throws: `unreadable`, `limitExceeded` for a path that is too long. A directory that is gone by now
    ///   has no names.
    func list(_ path: RootPath) throws(ArchivingError) -> DirectoryListing {
        let opened: FileDescriptor
        switch root.openExact(path, flags: O_RDONLY | O_DIRECTORY) {
        case .success(let descriptor): opened = descriptor
        case .failure(.noSuchFileOrDirectory), .failure(.notDirectory), .failure(.tooManySymbolicLinkLevels):
            return DirectoryListing()
        case .failure(.fileNameTooLong):
            throw ArchivingError(.limitExceeded, path.description, "its path is longer than Linux can open")
        case .failure(let errno): throw .reading(path.description, errno)
        }
        defer { try? opened.close() }
        return try list(opened, path)
    }

    /// All names of a directory that is open; its path is for messages.
    ///
    /// - Throws: `unreadable`.
    func list(_ opened: FileDescriptor, _ path: RootPath) throws(ArchivingError) -> DirectoryListing {
        var listing = DirectoryListing()
        guard let base = buffer.baseAddress else { return listing }
        while true {
            let length = buildspec_directory_entries(opened.rawValue, base, buffer.count)
            guard length >= 0 else {
                // The directory was removed meanwhile.
                if errno == ENOENT { return listing }
                throw .reading(path.description, Errno(rawValue: errno))
            }
            if length == 0 { return listing }
            if listing.entries.isEmpty { listing.reserve(records: length) }
            Self.take(UnsafeRawBufferPointer(start: base, count: length), &listing)
        }
    }

    /// Takes records of `struct linux_dirent64` apart: two 8-byte numbers, the record's length (2), the kind
    /// (1), and the name, ended by a zero.
    private static func take(_ records: UnsafeRawBufferPointer, _ listing: inout DirectoryListing) {
        let nameOffset = 19
        var position = 0
        while position + nameOffset < records.count {
            let length = Int(records.loadUnaligned(fromByteOffset: position + 16, as: UInt16.self))
            guard length > nameOffset, position + length <= records.count else { return }
            let kind = kind(type: records[position + 18])
            let field = UnsafeRawBufferPointer(
                rebasing: records[(position + nameOffset)..<(position + length)])
            position += length
            let name = UnsafeRawBufferPointer(rebasing: field[..<strnlen(field)])
            if name.count <= 2, name.allSatisfy({ $0 == UInt8(ascii: ".") }) { continue }
            name.withMemoryRebound(to: UInt8.self) { listing.append($0, kind) }
        }
    }

    private static func strnlen(_ field: UnsafeRawBufferPointer) -> Int {
        guard let start = field.baseAddress, let end = memchr(start, 0, field.count) else {
            return field.count
        }
        return UnsafeRawPointer(end) - start
    }

    private static func kind(type: UInt8) -> AnchoredRoot.Kind? {
        switch Int(type) {
        case Int(DT_REG): .file
        case Int(DT_DIR): .directory
        case Int(DT_LNK): .link
        case Int(DT_FIFO): .special(.fifo)
        case Int(DT_SOCK): .special(.socket)
        case Int(DT_CHR), Int(DT_BLK): .special(.device)
        default: nil
        }
    }
}

extension AnchoredRoot {
    /// What a name in a directory is, links not followed; nil when it does not exist (any more).
    func kind(of path: RootPath) throws(ArchivingError) -> Kind? {
        switch openExact(path, flags: openPathOnly) {
        case .success(let opened):
            defer { try? opened.close() }
            return Self.kind(of: opened)
        case .failure(.noSuchFileOrDirectory), .failure(.notDirectory), .failure(.tooManySymbolicLinkLevels):
            return nil
        case .failure(.fileNameTooLong), .failure(.invalidArgument): return nil
        case .failure(let errno): throw .reading(path.description, errno)
        }
    }
}

extension AnchoredRoot {
    /// The name in a record of readdir(3).
    static func name(of entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
        // The record is shorter than the struct, so the name is read where it lies, not through a copy.
        let offset = MemoryLayout<dirent>.offset(of: \dirent.d_name) ?? 19
        let start = UnsafeRawPointer(entry).advanced(by: offset)
        return Array(
            UnsafeRawBufferPointer(start: start, count: strlen(start.assumingMemoryBound(to: CChar.self))))
    }
}
