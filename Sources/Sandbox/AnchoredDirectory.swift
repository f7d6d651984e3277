import CLinuxCalls
import Glibc
package import SystemPackage

/// A directory held open, below which files are reached by `openat2`: links of an untrusted tree never lead out of it.
///
/// Held by whoever prepares and runs one build; closed by ``close()``.
package struct AnchoredDirectory: Sendable {
    private let descriptor: FileDescriptor
    private let path: FilePath

    /// Opens `path` itself, which must be trusted.
    /// - Throws: ``SandboxError`` when it is no directory or cannot be opened.
    package init(_ path: FilePath) throws(SandboxError) {
        self.path = path
        do {
            descriptor = try FileDescriptor.open(path, .readOnly, options: [.directory, .closeOnExec])
        } catch let error as Errno {
            throw .fileSystem(path, error)
        } catch {
            throw SandboxError(code: .fileSystem, detail: "\(error)", path: path, hint: nil)
        }
    }

    /// Closes the directory.
    package func close() {
        try? descriptor.close()
    }

    /// Opens a file below the directory without following any link in its path, and without waiting for the other end
    /// of a pipe.
    /// - Throws: ``SandboxError`` when there is a link in the path, or the file cannot be opened.
    package func open(
        _ relative: FilePath, _ mode: FileDescriptor.AccessMode, options: FileDescriptor.OpenOptions = [],
        permissions: FilePermissions = [.ownerReadWrite]
    ) throws(SandboxError) -> FileDescriptor {
        let flags = mode.rawValue | options.rawValue | O_NOCTTY | O_NONBLOCK
        let resolve =
            buildspec_resolve_beneath | buildspec_resolve_no_symlinks | buildspec_resolve_no_magiclinks
        let result = relative.withPlatformString {
            buildspec_openat2(descriptor.rawValue, $0, flags, permissions.rawValue, resolve)
        }
        guard result >= 0 else { throw .fileSystem(path.pushing(relative), Errno(rawValue: errno)) }
        return FileDescriptor(rawValue: result)
    }

    /// Connects to a socket below the directory without following any link in its path.
    /// - Throws: ``SandboxError`` when there is no socket of that name, or nobody serves it.
    package func connect(to relative: FilePath) throws(SandboxError) -> FileDescriptor {
        let resolve = buildspec_resolve_beneath | buildspec_resolve_no_symlinks
        // O_PATH, which glibc's header shows with _GNU_SOURCE only.
        let found = relative.withPlatformString {
            buildspec_openat2(descriptor.rawValue, $0, 0o10_000_000 | O_NOFOLLOW, 0, resolve)
        }
        guard found >= 0 else { throw .fileSystem(path.pushing(relative), Errno(rawValue: errno)) }
        defer { Glibc.close(found) }
        let connection = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        // The descriptor's own name: it is what was looked up, whatever has its place by now, and it is short.
        guard var address = sockaddr_un(path: "/proc/self/fd/\(found)"), connection >= 0,
            address.withPointer({ Glibc.connect(connection, $0, $1) }) == 0
        else {
            let error = Errno(rawValue: errno)
            if connection >= 0 { Glibc.close(connection) }
            throw .fileSystem(path.pushing(relative), error)
        }
        return FileDescriptor(rawValue: connection)
    }

    /// Opens a file for reading, following links as the build itself would: the directory is taken for `/`.
    /// - Throws: ``SandboxError`` when there is no such file inside.
    package func openAsRoot(_ relative: FilePath) throws(SandboxError) -> FileDescriptor {
        let flags = O_RDONLY | O_NONBLOCK | O_NOCTTY
        let result = relative.withPlatformString {
            buildspec_openat2(
                descriptor.rawValue, $0, flags, 0, buildspec_resolve_in_root | buildspec_resolve_no_magiclinks
            )
        }
        guard result >= 0 else { throw .fileSystem(relative, Errno(rawValue: errno)) }
        return FileDescriptor(rawValue: result)
    }

    /// Replaces a file by one with this content.
    ///
    /// The old one is unlinked first, so a link or a running script of that name is left alone.
    /// - Throws: ``SandboxError`` when the file cannot be written.
    package func replace(
        _ relative: FilePath, with content: [UInt8], permissions: FilePermissions
    ) throws(SandboxError) {
        let parent = relative.removingLastComponent()
        let name = FilePath(root: nil, relative.lastComponent.map { [$0] } ?? [])
        let directory = try open(parent.isEmpty ? "." : parent, .readOnly, options: .directory)
        defer { try? directory.close() }
        _ = name.withPlatformString { unlinkat(directory.rawValue, $0, 0) }
        let file = try open(
            relative, .writeOnly, options: [.create, .exclusiveCreate, .noFollow], permissions: permissions)
        defer { try? file.close() }
        // The runner's umask has no say in what the build may do.
        _ = fchmod(file.rawValue, permissions.rawValue)
        try write(content, to: file, relative)
    }

    /// Appends to a file, creating it when it is not there.
    /// - Throws: ``SandboxError`` when the file cannot be written.
    package func append(_ content: [UInt8], to relative: FilePath) throws(SandboxError) {
        let file = try open(
            relative, .writeOnly, options: [.create, .append, .noFollow],
            permissions: FilePermissions(rawValue: 0o644))
        defer { try? file.close() }
        try write(content, to: file, relative)
    }

    /// Reads a file, at most `limit` bytes of it.
    /// - Throws: ``SandboxError`` when it cannot be read, or is larger.
    package func read(_ relative: FilePath, limit: Int) throws(SandboxError) -> [UInt8] {
        try read(open(relative, .readOnly, options: .noFollow), relative, limit: limit)
    }

    /// Reads a file as the build would see it (see ``openAsRoot(_:)``), at most `limit` bytes of it.
    /// - Throws: ``SandboxError`` when it cannot be read, or is larger.
    package func readAsRoot(_ relative: FilePath, limit: Int) throws(SandboxError) -> [UInt8] {
        try read(openAsRoot(relative), relative, limit: limit)
    }

    private func read(
        _ file: FileDescriptor, _ relative: FilePath, limit: Int
    ) throws(SandboxError) -> [UInt8] {
        defer { try? file.close() }
        var content: [UInt8] = []
        do {
            while content.count <= limit {
                let chunk = try [UInt8](unsafeUninitializedCapacity: 65536) { buffer, count in
                    count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
                }
                if chunk.isEmpty { return content }
                content += chunk
            }
        } catch let error as Errno {
            throw .fileSystem(path.pushing(relative), error)
        } catch {
            throw SandboxError(code: .fileSystem, detail: "\(error)", path: relative, hint: nil)
        }
        throw SandboxError(
            code: .outputTooLarge, detail: "more than \(limit) bytes", path: path.pushing(relative), hint: nil
        )
    }

    /// Moves a file or directory of the runner's own, on the same file system, below the directory.
    /// - Throws: ``SandboxError`` when there is a link in the path, or it cannot be moved.
    package func adopt(_ source: FilePath, as relative: FilePath) throws(SandboxError) {
        guard let name = relative.lastComponent else { return }
        let directory = try open(relative.removingLastComponent(), .readOnly, options: .directory)
        defer { try? directory.close() }
        guard renameat(AT_FDCWD, source.string, directory.rawValue, name.string) == 0 else {
            throw .fileSystem(path.pushing(relative), Errno(rawValue: errno))
        }
    }

    /// Moves what lies below the directory to a place of the runner's own on the same file system; what is not there is
    /// no error.
    /// - Throws: ``SandboxError`` when there is a link in the path, or it cannot be moved.
    package func release(_ relative: FilePath, to target: FilePath) throws(SandboxError) {
        guard let name = relative.lastComponent else { return }
        let directory: FileDescriptor
        do throws(SandboxError) {
            directory = try open(relative.removingLastComponent(), .readOnly, options: .directory)
        } catch {
            // Nothing has been laid there.
            guard error.code == .fileSystem, access(path.pushing(relative).string, F_OK) != 0 else {
                throw error
            }
            return
        }
        defer { try? directory.close() }
        guard renameat(directory.rawValue, name.string, AT_FDCWD, target.string) != 0, errno != ENOENT else {
            return
        }
        throw .fileSystem(path.pushing(relative), Errno(rawValue: errno))
    }

    /// How a regular file ends.
    enum FileEnd: Sendable, Hashable {
        case missing
        case empty
        case byte(UInt8)
    }

    /// How a regular file ends; what is no regular file is missing.
    func end(of relative: FilePath) -> FileEnd {
        guard let file = try? open(relative, .readOnly, options: .noFollow) else { return .missing }
        defer { try? file.close() }
        var status = stat()
        guard fstat(file.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return .missing }
        guard status.st_size > 0 else { return .empty }
        var byte: UInt8 = 0
        return pread(file.rawValue, &byte, 1, status.st_size - 1) == 1 ? .byte(byte) : .missing
    }

    /// Whether next to nothing can be written to its file system any more.
    var isFull: Bool {
        var status = statvfs()
        guard fstatvfs(descriptor.rawValue, &status) == 0, status.f_blocks > 0 else { return false }
        let most = 1 << 20
        let left = UInt(status.f_bavail).multipliedReportingOverflow(by: UInt(status.f_frsize))
        return (!left.overflow && left.partialValue < most) || (status.f_files > 0 && status.f_favail == 0)
    }

    /// Gives a file another name in the same directory, in place of what has that name.
    /// - Throws: ``SandboxError`` when it cannot be renamed.
    func rename(_ relative: FilePath, to other: FilePath) throws(SandboxError) {
        guard let old = relative.lastComponent, let new = other.lastComponent else { return }
        let directory = try open(relative.removingLastComponent(), .readOnly, options: .directory)
        defer { try? directory.close() }
        guard renameat(directory.rawValue, old.string, directory.rawValue, new.string) == 0 else {
            throw .fileSystem(path.pushing(other), Errno(rawValue: errno))
        }
    }

    /// Removes a file; a file that is not there is no error.
    package func remove(_ relative: FilePath) {
        guard let name = relative.lastComponent,
            let directory = try? open(relative.removingLastComponent(), .readOnly, options: .directory)
        else { return }
        defer { try? directory.close() }
        _ = FilePath(root: nil, [name]).withPlatformString { unlinkat(directory.rawValue, $0, 0) }
    }

    private func write(
        _ content: [UInt8], to file: FileDescriptor, _ relative: FilePath
    ) throws(SandboxError) {
        do {
            _ = try file.writeAll(content)
        } catch let error as Errno {
            throw .fileSystem(path.pushing(relative), error)
        } catch {
            throw SandboxError(code: .fileSystem, detail: "\(error)", path: relative, hint: nil)
        }
    }
}

/// Makes a directory, with exactly this mode, unless it is there already.
func makePrivateDirectory(_ path: FilePath, mode: mode_t) throws(SandboxError) {
    let result = path.withPlatformString { mkdir($0, mode) }
    if result != 0 {
        let error = Errno(rawValue: errno)
        guard error == .fileExists else { throw .fileSystem(path, error) }
    }
    guard path.withPlatformString({ chmod($0, mode) }) == 0 else {
        throw .fileSystem(path, Errno(rawValue: errno))
    }
}
