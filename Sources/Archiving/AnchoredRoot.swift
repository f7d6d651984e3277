import CLinuxCalls
import Glibc
import SystemPackage

/// O_PATH of open(2), which the Glibc module does not show; the number is the same on every architecture of
/// Linux we run on.
let openPathOnly: Int32 = 0o10_000_000

/// A directory that stands for `/`: every path is resolved below its descriptor, so that no link and no `..`
/// can lead out.
///
/// The descriptor is closed when the last user lets go.
final class AnchoredRoot: Sendable {
    /// What a path turned out to be.
    enum Kind: Sendable, Hashable {
        case file
        case directory
        case link
        case special(SpecialFileKind)
    }

    private let descriptor: FileDescriptor
    /// The host's own path of the directory, without a trailing slash.
    private let hostPath: [UInt8]
    /// Whether the root is the host's own root directory.
    var isHostRoot: Bool { hostPath.isEmpty }

    /// Opens a directory of the host.
    init(_ directory: FilePath) throws(ArchivingError) {
        let mode = FileDescriptor.AccessMode(rawValue: openPathOnly | O_DIRECTORY | O_CLOEXEC)
        do {
            descriptor = try FileDescriptor.open(directory, mode)
        } catch {
            throw ArchivingError(
                .invalidDirectory, directory.description, String(describing: error), errno: error as? Errno)
        }
        let real = Self.hostPath(of: descriptor) ?? []
        hostPath = real == [UInt8(ascii: "/")] ? [] : real
    }

    deinit {
        try? descriptor.close()
    }

    /// Opens without following any link at all, which is how everything that was looked at before is opened
    /// again.
    func openExact(_ path: RootPath, flags: Int32) -> Result<FileDescriptor, Errno> {
        open(path.bytes, flags: flags | O_NOFOLLOW, resolve: buildspec_resolve_no_symlinks)
    }

    /// Opens a path as the build would, links resolved inside the root.
    func openFollowing(_ path: [UInt8], flags: Int32) -> Result<FileDescriptor, Errno> {
        open(path, flags: flags, resolve: 0)
    }

    private func open(_ path: [UInt8], flags: Int32, resolve: UInt64) -> Result<FileDescriptor, Errno> {
        var terminated = path.isEmpty ? [UInt8(ascii: ".")] : path
        guard !terminated.contains(0) else { return .failure(.invalidArgument) }
        terminated.append(0)
        let anchored = resolve | buildspec_resolve_in_root | buildspec_resolve_no_magiclinks
        // openat2 answers EAGAIN when something was renamed while it resolved `..`.
        for _ in 0..<100 {
            let opened = terminated.withUnsafeBytes { bytes in
                bytes.withMemoryRebound(to: CChar.self) { characters in
                    characters.baseAddress.map {
                        buildspec_openat2(descriptor.rawValue, $0, flags, 0, anchored)
                    } ?? -1
                }
            }
            if opened >= 0 { return .success(FileDescriptor(rawValue: opened)) }
            let failure = Errno(rawValue: Glibc.errno)
            guard failure == .resourceTemporarilyUnavailable || failure == .interrupted else {
                return .failure(failure)
            }
        }
        return .failure(.resourceTemporarilyUnavailable)
    }

    /// Where a path leads: what it is and its real path inside the root.
    func resolve(_ path: [UInt8]) -> Result<(kind: Kind, path: RootPath), Errno> {
        openFollowing(path, flags: openPathOnly).flatMap { opened in
            defer { try? opened.close() }
            guard let kind = Self.kind(of: opened) else { return .failure(.badFileDescriptor) }
            guard let real = realPath(of: opened) else { return .failure(.noSuchFileOrDirectory) }
            return .success((kind, real))
        }
    }

    /// The target of a link, as written in it.
    func linkTarget(_ path: RootPath) -> [UInt8]? {
        guard case .success(let opened) = openExact(path, flags: openPathOnly) else { return nil }
        defer { try? opened.close() }
        return Self.readLink(directory: opened.rawValue, "")
    }

    private func realPath(of opened: FileDescriptor) -> RootPath? {
        guard let real = Self.hostPath(of: opened), real.starts(with: hostPath) else { return nil }
        let rest = real.dropFirst(hostPath.count)
        guard rest.first == UInt8(ascii: "/") else { return rest.isEmpty ? .root : nil }
        return RootPath(bytes: Array(rest.dropFirst()))
    }

    /// What a descriptor is open on; nil when it cannot be asked.
    static func kind(of opened: FileDescriptor) -> Kind? {
        var status = stat()
        guard fstat(opened.rawValue, &status) == 0 else { return nil }
        return kind(mode: status.st_mode)
    }

    /// What a `st_mode` says.
    static func kind(mode: mode_t) -> Kind {
        switch mode & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .directory
        case S_IFLNK: .link
        case S_IFIFO: .special(.fifo)
        case S_IFSOCK: .special(.socket)
        default: .special(.device)
        }
    }

    private static func hostPath(of opened: FileDescriptor) -> [UInt8]? {
        readLink(directory: AT_FDCWD, "/proc/self/fd/\(opened.rawValue)")
    }

    private static func readLink(directory: Int32, _ path: String) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX) + 1)
        let length = buffer.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                characters.baseAddress.map { readlinkat(directory, path, $0, characters.count) } ?? -1
            }
        }
        guard length >= 0, length <= PATH_MAX else { return nil }
        return Array(buffer[..<length])
    }
}
