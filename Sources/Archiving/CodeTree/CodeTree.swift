import Glibc
package import SystemPackage

/// A directory of code, or one file, as it is packaged for deployment: everything in it, whatever its name.
///
/// Links that lead to something in the directory stay links, relative ones; so do links that lead nowhere. What
/// links to outside is stored as what it leads to. Sockets, FIFOs and devices cannot be packaged. `.buildspec` at the
/// top, where builds leave their records, is no code.
package struct CodeTree: Sendable {
    /// A file or link, and what was known of it when the tree was read.
    package struct Entry: Sendable, Hashable {
        /// Its name in the package, and where its content is.
        package let file: SelectedFile
        /// The status of a file's content; nil for links.
        package let status: FileStatus?
    }

    /// Everything, sorted by the bytes of the names.
    package let entries: [Entry]
    /// The real path of the directory or file.
    package let path: FilePath
    private let root: AnchoredRoot
    /// Its directories, and what each was before its names were read.
    private let directories: [Directory]
    /// When reading it began, in nanoseconds since 1970.
    private let started: UInt64
    /// The device whose times are this machine's own, if that of the tree's directory is such.
    private let localDevice: UInt64?

    /// A directory of a tree.
    struct Directory: Sendable, Hashable {
        let path: RootPath
        let status: FileStatus
    }

    /// Reads a directory, or takes one file under its own name.
    ///
    /// - Parameters:
    ///   - path: an absolute path; links in it are followed.
    ///   - excluded: the absolute path of a file that is no part of the tree wherever it lies.
    ///   - limits: when to refuse a tree.
    ///   - isCancelled: whether to end early; asked for now and then.
    /// - Throws: `invalidDirectory` when nothing is there, `unreadable`, `limitExceeded`, `unsuitableEntry` for
    ///   special files and for links that go in circles, `cancelled`.
    package init(
        _ path: FilePath, excluding excluded: FilePath? = nil, limits: SelectionLimits = SelectionLimits(),
        isCancelled: @escaping () -> Bool = { Task.isCancelled }
    ) throws(ArchivingError) {
        let root = try AnchoredRoot("/")
        started = FileStatus.now()
        let name = path.lastComponent?.string ?? "/"
        switch root.resolve(Array(path.string.utf8)) {
        case .failure(let errno):
            throw ArchivingError(.invalidDirectory, path.description, errno.description, errno: errno)
        case .success((.directory, let real)):
            self.path = Self.filePath(real)
            var walk = CodeWalk(root: root, top: real, limits: limits)
            walk.isCancelled = isCancelled
            walk.excluded = [real.appending(".buildspec".utf8)]
            if let excluded, let name = excluded.lastComponent,
                case .success((.directory, let parent)) = root.resolve(
                    Array(excluded.removingLastComponent().string.utf8))
            {
                walk.excluded.insert(parent.appending(name.string.utf8))
            }
            entries = try walk.run()
            directories = walk.directories
            localDevice = walk.localDevice
        case .success((.file, let real)):
            self.path = Self.filePath(real)
            entries = [try CodeWalk.file(root, real, named: RootPath(bytes: Array(name.utf8)))]
            directories = []
            localDevice = nil
        case .success:
            throw ArchivingError(.unsuitableEntry, path.description, "it is neither a file nor a directory")
        }
        self.root = root
    }

    /// Whether whatever was changed after the tree was read shows in a status that is another than this.
    package func isSettled(_ status: FileStatus) -> Bool {
        status.isSettled(before: started, isLocal: status.device == localDevice)
    }

    /// Whether nothing was added, removed or renamed since, as the directories alone can tell; their files are not looked at.
    package var hasSameNames: Bool {
        directories.allSatisfy { directory in
            guard isSettled(directory.status),
                case .success(let opened) = root.openExact(
                    directory.path, flags: openPathOnly | O_DIRECTORY)
            else { return false }
            defer { try? opened.close() }
            return FileStatus(descriptor: opened.rawValue) == directory.status
        }
    }

    /// The entries as what `ZipWriter` takes.
    package var selection: Selection {
        Selection(files: entries.map(\.file), baseDirectories: ["."], notes: [], root: root)
    }

    /// The bytes of its files; those of sparse ones may be more than can be counted, and are the largest number then.
    package var size: UInt64 {
        entries.reduce(0) { sum, entry in
            let (size, isTooMuch) = sum.addingReportingOverflow(entry.status?.size ?? 0)
            return isTooMuch ? .max : size
        }
    }

    /// What each of the entries was, for `ZipWriter`.
    package var statuses: [FileStatus?] { entries.map(\.status) }

    private static func filePath(_ path: RootPath) -> FilePath {
        FilePath("/" + String(decoding: path.bytes, as: UTF8.self))
    }
}
