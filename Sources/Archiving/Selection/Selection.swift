import Glibc
package import SystemPackage

/// One file of a selection: its name in the artifact, and where its content is.
package struct SelectedFile: Sendable, Hashable {
    /// What an artifact stores for it.
    package enum Content: Sendable, Hashable {
        /// The bytes of a regular file.
        case file
        /// A symbolic link with this target, relative to the link.
        case link(target: [UInt8])
    }

    /// The name in the artifact: relative, without `.` and `..`.
    package let name: EntryName
    /// File or link.
    package let content: Content
    /// The directory the content really lies in; shared by its files, so that a million files stay small.
    let directory: RootPath
    /// The content's name in that directory, when it is not the name's last component.
    let realName: [UInt8]?

    /// The content's name in its directory.
    var fileName: ArraySlice<UInt8> { realName.map { $0[...] } ?? name.lastComponent }

    /// Where the content really lies in the root.
    var path: RootPath { directory.appending(fileName) }

    /// Where the content really lies, as the build would call it; for messages.
    package var displayPath: String { path.description }
}

/// The files of an artifact, before they are packed.
package struct Selection: Sendable {
    /// The files, sorted by the bytes of their names; names are unique, and no name is the directory of
    /// another.
    package let files: [SelectedFile]
    /// The base directories that were walked: relative to the source directory where they lie below it (`.`
    /// for itself).
    package let baseDirectories: [String]
    /// What happened, in order.
    package let notes: [SelectionNote]
    let root: AnchoredRoot

    /// The same with only these of its files, in their order.
    package func keeping(_ files: [SelectedFile]) -> Selection {
        Selection(files: files, baseDirectories: baseDirectories, notes: notes, root: root)
    }

    /// The same with all files below a directory of the artifact, such as `python`.
    package func placed(below directory: String) -> Selection {
        let prefix = Array(directory.utf8) + [UInt8(ascii: "/")]
        return keeping(
            files.map { file in
                SelectedFile(
                    name: EntryName(bytes: prefix + file.name.bytes), content: file.content,
                    directory: file.directory, realName: file.realName ?? Array(file.name.lastComponent))
            })
    }

    /// The file of a name.
    package func file(named name: EntryName) -> SelectedFile? {
        var range = files.indices
        while !range.isEmpty {
            let middle = (range.lowerBound + range.upperBound) / 2
            if files[middle].name == name { return files[middle] }
            range = files[middle].name < name ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return nil
    }

    /// The content of a file, as far as `limit` bytes; empty for a link.
    ///
    /// - Throws: `unreadable`, `changedWhileReading`.
    package func content(of file: SelectedFile, limit: Int) throws(ArchivingError) -> [UInt8] {
        guard case .file = file.content else { return [] }
        var opener = SelectionOpener(root: root)
        let (opened, status) = try opener.open(file)
        defer { try? opened.close() }
        let size = min(limit, Int(status.st_size))
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
        defer { buffer.deallocate() }
        return Array(
            try PieceReader(descriptor: opened, file: file, size: size).read(size, at: 0, into: buffer))
    }

    /// Whether a file's owner may execute it.
    ///
    /// - Throws: `unreadable`, `changedWhileReading`.
    package func isExecutable(_ file: SelectedFile) throws(ArchivingError) -> Bool {
        var opener = SelectionOpener(root: root)
        let (opened, status) = try opener.open(file)
        try? opened.close()
        return status.st_mode & 0o100 != 0
    }

    /// Calls `body` with each file or link and the bytes of its content, as far as they can be asked for; nothing is read.
    package func forEachSize(_ body: (SelectedFile, UInt64) -> Void) {
        var opener = SelectionOpener(root: root)
        for file in files {
            switch file.content {
            case .link(let target): body(file, UInt64(target.count))
            case .file:
                guard let (opened, status) = try? opener.open(file) else { continue }
                try? opened.close()
                body(file, UInt64(clamping: status.st_size))
            }
        }
    }

    /// Opens a file's content for reading; the caller closes it.
    ///
    /// Links in the path are never followed any more.
    ///
    /// - Throws: `unreadable`, or `changedWhileReading` when it is gone or no regular file by now.
    package func open(_ file: SelectedFile) throws(ArchivingError) -> FileDescriptor {
        var opener = SelectionOpener(root: root)
        return try opener.open(file).0
    }

    /// When a kept link was last changed, in seconds since 1970.
    func linkModificationTime(_ file: SelectedFile) throws(ArchivingError) -> Int64 {
        let path = file.path
        switch root.openExact(path, flags: openPathOnly) {
        case .success(let opened):
            defer { try? opened.close() }
            var status = stat()
            guard fstat(opened.rawValue, &status) == 0 else { throw .reading(path.description, .ioError) }
            return Int64(status.st_mtim.tv_sec)
        case .failure(let errno):
            throw ArchivingError(
                .changedWhileReading, path.description, "it is not there any more", errno: errno)
        }
    }
}
