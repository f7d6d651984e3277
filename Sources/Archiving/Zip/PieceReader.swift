import SystemPackage

/// Reads a file whose length was fixed when it was opened.
struct PieceReader {
    let descriptor: FileDescriptor
    let file: SelectedFile
    let size: Int
    /// What it must still be after each reading, where that is known.
    var expected: FileStatus?

    /// Exactly `count` bytes, to the beginning of a buffer that has room for them.
    ///
    /// - Throws: `changedWhileReading` when the file is shorter by now, or not what was expected; `unreadable`.
    func read(
        _ count: Int, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(ArchivingError) -> UnsafeRawBufferPointer {
        var filled = 0
        while filled < count {
            let read: Int
            do {
                let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<count])
                read = try descriptor.read(fromAbsoluteOffset: Int64(offset + filled), into: rest)
            } catch {
                throw .reading(file.displayPath, (error as? Errno) ?? .ioError)
            }
            guard read > 0 else {
                throw ArchivingError(
                    .changedWhileReading, file.displayPath,
                    "it had \(size) bytes and now has \(offset + filled)")
            }
            filled += read
        }
        if let expected, FileStatus(descriptor: descriptor.rawValue) != expected { throw isAnother }
        return UnsafeRawBufferPointer(rebasing: buffer[..<count])
    }

    /// A file has at most so many bytes: with what an archive needs besides they are still countable.
    ///
    /// Sparse files may be longer on some file systems, such as tmpfs and XFS.
    private static let mostBytes = 1 << 60

    /// Looks whether it is as long as was expected, so that buffers made for that length will do.
    ///
    /// - Throws: `limitExceeded` for what is too long for any archive, `changedWhileReading`.
    func checkSize() throws(ArchivingError) {
        guard size <= Self.mostBytes else {
            throw ArchivingError(
                .limitExceeded, file.displayPath,
                "it has \(size) bytes, and at most \(Self.mostBytes) can be packed")
        }
        if let expected, UInt64(size) != expected.size { throw isAnother }
    }

    private var isAnother: ArchivingError {
        ArchivingError(
            .changedWhileReading, file.displayPath, "its size, times or permissions are others than before")
    }
}
