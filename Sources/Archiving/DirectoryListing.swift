import Glibc
import SystemPackage

/// One name in a directory.
struct DirectoryEntry {
    let name: [UInt8]
    /// Nil when the file system does not tell; then it has to be asked for.
    let kind: AnchoredRoot.Kind?
}

extension AnchoredRoot {
    /// Calls `visit` with every name of a directory but `.` and `..`, in no particular order.
    ///
    /// - Throws: `unreadable`, `limitExceeded` for a path that is too long. A directory that is gone by now
    ///   has no names.
    func list(
        _ path: RootPath, _ visit: (DirectoryEntry) throws(ArchivingError) -> Void
    ) throws(ArchivingError) {
        let opened: FileDescriptor
        switch openExact(path, flags: O_RDONLY | O_DIRECTORY) {
        case .success(let descriptor): opened = descriptor
        case .failure(.noSuchFileOrDirectory), .failure(.notDirectory), .failure(.tooManySymbolicLinkLevels):
            return
        case .failure(.fileNameTooLong):
            throw ArchivingError(.limitExceeded, path.description, "its path is longer than Linux can open")
        case .failure(let errno): throw .reading(path.description, errno)
        }
        guard let stream = fdopendir(opened.rawValue) else {
            let failure = Errno(rawValue: Glibc.errno)
            try? opened.close()
            throw .reading(path.description, failure)
        }
        defer { closedir(stream) }
        while true {
            Glibc.errno = 0
            guard let entry = readdir(stream) else { break }
            let name = Self.name(of: entry)
            if name == [UInt8(ascii: ".")] || name == Array("..".utf8) { continue }
            try visit(DirectoryEntry(name: name, kind: Self.kind(type: entry.pointee.d_type)))
        }
        guard Glibc.errno == 0 else { throw .reading(path.description, Errno(rawValue: Glibc.errno)) }
    }

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

    static func name(of entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
        // The record is shorter than the struct, so the name is read where it lies, not through a copy.
        let offset = MemoryLayout<dirent>.offset(of: \dirent.d_name) ?? 19
        let start = UnsafeRawPointer(entry).advanced(by: offset)
        return Array(
            UnsafeRawBufferPointer(start: start, count: strlen(start.assumingMemoryBound(to: CChar.self))))
    }

    private static func kind(type: UInt8) -> Kind? {
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
