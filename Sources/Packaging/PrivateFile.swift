import Glibc
package import SystemPackage

/// A file that appears under its name complete or not at all.
package enum PrivateFile {
    /// Writes to a file without a name, which takes the target's name in the end.
    ///
    /// Whatever ends the process before, nothing is left behind; where the file system has no files without names, it
    /// is a hidden one beside the target. It does not wait for the disk: packages and templates can be made again at
    /// any time.
    ///
    /// A link is followed. A device, pipe or socket keeps its place and is written to as it is; and so is a file that is
    /// open already, such as `/dev/stdout`: what others write before and after stays.
    ///
    /// - Parameters:
    ///   - target: the file to write or replace.
    ///   - permissions: what the file has in the end; where nothing is said, what the one it replaces has, or what the
    ///     user's mask leaves.
    ///   - body: writes the content; what it throws is passed on, and nothing is left behind.
    /// - Returns: what `body` returns.
    /// - Throws: `unwritable`, and what `body` throws.
    package static func write<Result>(
        _ target: FilePath, permissions: FilePermissions? = nil,
        _ body: (FileDescriptor) throws(PackagingError) -> Result
    ) throws(PackagingError) -> Result {
        guard let last = target.lastComponent, last.kind == .regular else {
            throw PackagingError(.unwritable, target.description, "it is no name of a file")
        }
        if let open = openDescriptor(target) { return try body(open) }
        var status = stat()
        let isThere = stat(target.string, &status) == 0
        if isThere, status.st_mode & S_IFMT == S_IFDIR { throw failure(target, .isDirectory) }
        if isThere, status.st_mode & S_IFMT != S_IFREG { return try writeThrough(target, body) }
        if isLink(target) {
            if !isThere { return try write(try missingTarget(of: target), permissions: permissions, body) }
            // What has no name of its own any more, such as a deleted standard output, can only be written to.
            guard let real = realPath(target) else { return try writeThrough(target, body) }
            return try write(real, permissions: permissions, body)
        }
        let mode = permissions ?? (isThere ? FilePermissions(rawValue: status.st_mode & 0o777) : nil)
        let file = try TemporaryFile(besides: target, name: last.string)
        defer { file.close() }
        let result = try body(file.descriptor)
        if let mode, fchmod(file.descriptor.rawValue, mode.rawValue) != 0 {
            throw failure(target, Errno(rawValue: errno))
        }
        try file.take(nameOf: target)
        return result
    }

    /// Where a link leads that leads to nothing yet.
    private static func missingTarget(of link: FilePath) throws(PackagingError) -> FilePath {
        var path = link
        // As many as the kernel follows.
        for _ in 0..<40 {
            guard isLink(path) else { return path }
            guard let text = linkText(path.string) else { break }
            path = path.removingLastComponent().pushing(FilePath(text))
        }
        throw failure(link, .tooManySymbolicLinkLevels)
    }

    private static func linkText(_ path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                characters.baseAddress.map { readlink(path, $0, characters.count) } ?? -1
            }
        }
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }

    private static func writeThrough<Result>(
        _ target: FilePath, _ body: (FileDescriptor) throws(PackagingError) -> Result
    ) throws(PackagingError) -> Result {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(target, .writeOnly, options: [.truncate, .closeOnExec])
        } catch {
            throw failure(target, error as? Errno)
        }
        defer { try? file.close() }
        return try body(file)
    }

    /// The descriptor that a path such as `/dev/stdout`, `/dev/fd/3` or `/proc/self/fd/3` stands for, when it is open for
    /// writing.
    private static func openDescriptor(_ target: FilePath) -> FileDescriptor? {
        var path = target.lexicallyNormalized().string
        for _ in 0..<8 {
            for prefix in ["/proc/self/fd/", "/dev/fd/"] where path.hasPrefix(prefix) {
                guard let number = Int32(path.dropFirst(prefix.count)) else { return nil }
                let flags = fcntl(number, F_GETFL)
                return flags >= 0 && flags & O_ACCMODE != O_RDONLY ? FileDescriptor(rawValue: number) : nil
            }
            guard let text = linkText(path), text.hasPrefix("/") else { return nil }
            path = text
        }
        return nil
    }

    private static func isLink(_ target: FilePath) -> Bool {
        var status = stat()
        return lstat(target.string, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    private static func realPath(_ target: FilePath) -> FilePath? {
        guard let resolved = realpath(target.string, nil) else { return nil }
        defer { free(resolved) }
        return FilePath(platformString: resolved)
    }

    /// Writes bytes.
    ///
    /// A file that has them already stays, and is as new as one that is written now.
    ///
    /// - Throws: `unwritable`.
    package static func write(
        _ bytes: [UInt8], to target: FilePath, permissions: FilePermissions? = nil
    ) throws(PackagingError) {
        if renew(target, bytes, permissions) { return }
        try write(target, permissions: permissions) { file throws(PackagingError) in
            do {
                _ = try file.writeAll(bytes)
            } catch {
                throw failure(target, error as? Errno)
            }
        }
    }

    /// Makes a directory with a new name, which nobody else may enter.
    ///
    /// - Parameter parent: the directory in which it is to be.
    /// - Returns: its path; whoever asked for it removes it.
    /// - Throws: `Errno` where it cannot be made.
    package static func makeDirectory(in parent: FilePath) throws(Errno) -> FilePath {
        var template = Array(parent.appending(".buildspec-XXXXXX").string.utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        return FilePath(String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    /// Where a file of one's own is just what would be written, makes it as new as if it were.
    ///
    /// To replace a file takes longer: the file system begins to write the new one to the disk at once.
    private static func renew(_ target: FilePath, _ bytes: [UInt8], _ permissions: FilePermissions?) -> Bool {
        let options: FileDescriptor.OpenOptions = [.noFollow, .nonBlocking, .closeOnExec]
        guard let file = try? FileDescriptor.open(target, .readOnly, options: options) else { return false }
        defer { try? file.close() }
        var status = stat()
        guard fstat(file.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            permissions.map({ status.st_mode == S_IFREG | $0.rawValue }) ?? true, status.st_nlink == 1,
            status.st_uid == geteuid(), status.st_size == bytes.count
        else { return false }
        let found = try? [UInt8](unsafeUninitializedCapacity: bytes.count) { buffer, count in
            count = try file.read(fromAbsoluteOffset: 0, into: UnsafeMutableRawBufferPointer(buffer))
        }
        return found == bytes && futimens(file.rawValue, nil) == 0
    }

    static func failure(_ target: FilePath, _ errno: Errno?) -> PackagingError {
        PackagingError(.unwritable, target.description, (errno ?? .ioError).description)
    }
}
