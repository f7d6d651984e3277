import CLinuxCalls
import Glibc
import SystemPackage

/// A private directory beside a target, which becomes the target in one step or is removed.
final class StagingDirectory {
    private let parent: FileDescriptor
    private let name: String
    private let targetName: String
    private let target: FilePath
    let descriptor: FileDescriptor
    private var directories: [[UInt8]: DirectoryState] = [:]
    /// Directories that have been made because something lies in them, without an entry of their own so far.
    private(set) var impliedCount = 0
    private var lastDirectory: (path: [UInt8], descriptor: FileDescriptor)?

    /// What a directory gets in the end.
    private struct DirectoryState {
        let permissions: UInt32
        let modified: Int64?
    }

    /// Makes an empty directory beside `target`.
    ///
    /// - Throws: `targetNotEmpty`, `invalidDirectory`, `unwritable`, `noSpace`.
    init(for target: FilePath) throws(ArchivingError) {
        guard let last = target.lastComponent, last.kind == .regular else {
            throw ArchivingError(.invalidDirectory, target.description, "it has no name of its own")
        }
        let directory = target.removingLastComponent()
        let openDirectory = FileDescriptor.AccessMode(rawValue: O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        do {
            parent = try FileDescriptor.open(directory.isEmpty ? "." : directory, openDirectory)
        } catch {
            throw ArchivingError(
                .invalidDirectory, directory.description, String(describing: error), errno: error as? Errno)
        }
        self.target = target
        targetName = last.string
        name = ".\(String(last.string.prefix(64))).\(String(UInt64.random(in: 0 ... .max), radix: 36))"
        guard mkdirat(parent.rawValue, name, 0o700) == 0 else {
            let failure = Errno(rawValue: errno)
            try? parent.close()
            throw .writing(target.description, failure)
        }
        let opened = openat(parent.rawValue, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard opened >= 0 else {
            let failure = Errno(rawValue: errno)
            unlinkat(parent.rawValue, name, AT_REMOVEDIR)
            try? parent.close()
            throw .writing(target.description, failure)
        }
        descriptor = FileDescriptor(rawValue: opened)
        guard Self.isFree(targetName, in: parent) else {
            discard()
            throw ArchivingError(
                .targetNotEmpty, target.description, "it exists and is not an empty directory")
        }
    }

    deinit {
        try? lastDirectory?.descriptor.close()
        try? descriptor.close()
        try? parent.close()
    }

    /// Puts the directory in the target's place.
    func commit() throws(ArchivingError) {
        guard fchmod(descriptor.rawValue, 0o755) == 0,
            renameat(parent.rawValue, name, parent.rawValue, targetName) == 0
        else {
            let failure = Errno(rawValue: errno)
            guard failure == .directoryNotEmpty || failure == .fileExists || failure == .notDirectory else {
                throw .writing(target.description, failure)
            }
            throw ArchivingError(
                .targetNotEmpty, target.description, "it exists and is not an empty directory")
        }
    }

    /// Removes the directory and everything in it.
    func discard() {
        TreeRemoval.removeContents(of: descriptor)
        unlinkat(parent.rawValue, name, AT_REMOVEDIR)
    }

    private static func isFree(_ name: String, in parent: FileDescriptor) -> Bool {
        var status = stat()
        guard fstatat(parent.rawValue, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            return errno == ENOENT
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { return false }
        let opened = openat(parent.rawValue, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard opened >= 0 else { return false }
        defer { close(opened) }
        return TreeRemoval.names(in: FileDescriptor(rawValue: opened)).isEmpty
    }

    /// Makes a directory, or notes what an existing one gets in the end.
    func makeDirectory(_ path: EntryPath, permissions: UInt32, modified: Int64?) throws(ArchivingError) {
        guard !path.components.isEmpty else { return }
        let before = impliedCount
        _ = try directory(path.components)
        // The last of those that were made has an entry.
        if impliedCount > before { impliedCount -= 1 }
        // The owner keeps access, so that the directory can be used and removed.
        directories[path.bytes] = DirectoryState(permissions: permissions & 0o777 | 0o700, modified: modified)
    }

    /// Creates a file that does not exist yet.
    func createFile(_ path: EntryPath) throws(ArchivingError) -> FileDescriptor {
        let (parent, name) = try place(of: path)
        switch open(name, in: parent, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW) {
        case .success(let file): return file
        case .failure(let errno): throw refusal(path, errno)
        }
    }

    /// Gives directories the modes and times of their entries, innermost first.
    ///
    /// - Throws: `unwritable`, `cancelled`.
    func finishDirectories() throws(ArchivingError) {
        for (path, state) in directories.sorted(by: { $0.key.count > $1.key.count }) {
            try Self.checkCancellation(at: path)
            guard case .success(let opened) = open(path, in: descriptor, O_RDONLY | O_DIRECTORY) else {
                throw ArchivingError(.unwritable, printable(path), "it is no directory any more")
            }
            defer { try? opened.close() }
            guard fchmod(opened.rawValue, state.permissions) == 0 else {
                throw .writing(printable(path), Errno(rawValue: errno))
            }
            Self.setTime(state.modified, of: opened)
        }
    }

    /// Stops when the task was cancelled.
    ///
    /// - Parameter path: what is worked on.
    /// - Throws: `cancelled`.
    static func checkCancellation(at path: [UInt8]) throws(ArchivingError) {
        guard !Task.isCancelled else {
            throw ArchivingError(.cancelled, printable(path.prefix(256)), "the task was cancelled")
        }
    }

    /// Sets access and modification time; a file system that refuses odd times keeps its own.
    static func setTime(_ seconds: Int64?, of file: FileDescriptor) {
        guard let seconds else { return }
        var times = [timespec(tv_sec: Int(seconds), tv_nsec: 0), timespec(tv_sec: Int(seconds), tv_nsec: 0)]
        _ = futimens(file.rawValue, &times)
    }

    func place(of path: EntryPath) throws(ArchivingError) -> (parent: FileDescriptor, name: [UInt8]) {
        do throws(ArchivingError) {
            return (try directory(path.components.dropLast()), path.components.last ?? [])
        } catch {
            guard error.code == .unsafeArchive else { throw error }
            throw ArchivingError(.unsafeArchive, printable(path.bytes), "\(error.reason): \(error.subject)")
        }
    }

    /// The directory of this path, made if it is missing; open until the next call.
    private func directory(_ components: some Collection<[UInt8]>) throws(ArchivingError) -> FileDescriptor {
        guard !components.isEmpty else { return descriptor }
        let path = RootPath(components: components)
        if let lastDirectory, lastDirectory.path == path.bytes { return lastDirectory.descriptor }
        try? lastDirectory?.descriptor.close()
        lastDirectory = nil
        if case .success(let known) = open(path.bytes, in: descriptor, O_RDONLY | O_DIRECTORY) {
            lastDirectory = (path.bytes, known)
            return known
        }
        let made = try make(components)
        lastDirectory = (path.bytes, made)
        return made
    }

    private func make(_ components: some Collection<[UInt8]>) throws(ArchivingError) -> FileDescriptor {
        var current = descriptor
        var path = RootPath.root
        for component in components {
            path = path.appending(component)
            let parent = current
            let made = withPath(component) { mkdirat(parent.rawValue, $0, 0o700) }
            let failure = made == 0 ? nil : Errno(rawValue: errno)
            if failure == nil { impliedCount += 1 }
            let opened =
                failure == nil || failure == .fileExists
                ? open(component, in: parent, O_RDONLY | O_DIRECTORY) : .failure(failure ?? .ioError)
            if parent.rawValue != descriptor.rawValue { try? parent.close() }
            switch opened {
            case .success(let next):
                current = next
                // At once, so that nothing has to be remembered of those that have no entry.
                if failure == nil { fchmod(next.rawValue, 0o755) }
            case .failure(let errno): throw refusal(path.bytes, errno)
            }
        }
        return current
    }

    func open(
        _ path: [UInt8], in directory: FileDescriptor, _ flags: Int32, resolve: UInt64? = nil
    ) -> Result<FileDescriptor, Errno> {
        let resolve = resolve ?? (buildspec_resolve_beneath | buildspec_resolve_no_symlinks)
        let opened = withPath(path) { buildspec_openat2(directory.rawValue, $0, flags, 0o600, resolve) }
        return opened >= 0 ? .success(FileDescriptor(rawValue: opened)) : .failure(Errno(rawValue: errno))
    }

    func refusal(_ path: EntryPath, _ errno: Errno) -> ArchivingError {
        refusal(path.bytes, errno)
    }

    private func refusal(_ path: [UInt8], _ errno: Errno) -> ArchivingError {
        switch errno {
        case .fileExists: ArchivingError(.unsafeArchive, printable(path), "its name occurs twice")
        case .notDirectory: ArchivingError(.unsafeArchive, printable(path), "a file is used as a directory")
        case .tooManySymbolicLinkLevels:
            ArchivingError(.unsafeArchive, printable(path), "it lies below a link")
        default: .writing(printable(path), errno)
        }
    }

    func withPath<Result>(_ path: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
        (path.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map(body) ?? body("")
        }
    }
}
