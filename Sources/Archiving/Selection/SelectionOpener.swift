import Glibc
import SystemPackage

/// Opens the files of a selection one after the other, and keeps the directory of the last one open: sorted
/// files mostly share it.
///
/// Used by one thread at a time.
struct SelectionOpener: ~Copyable {
    private let root: AnchoredRoot
    private var directory: (path: RootPath, descriptor: FileDescriptor)?

    init(root: AnchoredRoot) {
        self.root = root
    }

    deinit {
        try? directory?.descriptor.close()
    }

    /// Opens a file's content for reading, and what it is; the caller closes it.
    ///
    /// Links are never followed.
    ///
    /// - Throws: `unreadable`, or `changedWhileReading` when it is gone or no regular file by now.
    mutating func open(_ file: SelectedFile) throws(ArchivingError) -> (FileDescriptor, stat) {
        let parent = try open(file.directory, for: file)
        // O_NONBLOCK: a FIFO put in the file's place must not hang us.
        let flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC
        let opened = Self.open(file.fileName, in: parent, flags: flags)
        guard case .success(let descriptor) = opened else {
            throw Self.error(opened, file.displayPath)
        }
        var status = stat()
        guard fstat(descriptor.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            try? descriptor.close()
            throw ArchivingError(.changedWhileReading, file.displayPath, "it is not a regular file any more")
        }
        return (descriptor, status)
    }

    private mutating func open(
        _ path: RootPath, for file: SelectedFile
    ) throws(ArchivingError) -> FileDescriptor {
        if let directory, directory.path == path { return directory.descriptor }
        let opened = root.openExact(path, flags: openPathOnly | O_DIRECTORY)
        guard case .success(let descriptor) = opened else { throw Self.error(opened, file.displayPath) }
        try? directory?.descriptor.close()
        directory = (path, descriptor)
        return descriptor
    }

    private static func open(
        _ name: ArraySlice<UInt8>, in directory: FileDescriptor, flags: Int32
    ) -> Result<FileDescriptor, Errno> {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: name.count + 1) { characters in
            for (index, byte) in name.enumerated() { characters[index] = CChar(bitPattern: byte) }
            characters[name.count] = 0
            guard let text = characters.baseAddress else { return .failure(.invalidArgument) }
            while true {
                let opened = openat(directory.rawValue, text, flags)
                if opened >= 0 { return .success(FileDescriptor(rawValue: opened)) }
                let failure = Errno(rawValue: errno)
                guard failure == .interrupted else { return .failure(failure) }
            }
        }
    }

    private static func error(_ result: Result<FileDescriptor, Errno>, _ path: String) -> ArchivingError {
        guard case .failure(let errno) = result else { return .reading(path, .ioError) }
        let isGone: [Errno] = [.noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels]
        guard isGone.contains(errno) else { return .reading(path, errno) }
        return ArchivingError(.changedWhileReading, path, "it is not there any more", errno: errno)
    }
}
