import SystemPackage

/// Files read as a whole because they are small by nature: configuration, tokens.
enum SmallFile {
    /// The file's text, invalid UTF-8 replaced.
    ///
    /// - Throws: `AWSError` (`file`) when it can not be read or has more than `limit` bytes.
    static func text(at path: FilePath, limit: Int) throws(AWSError) -> String {
        do {
            let file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
            return try file.closeAfter {
                var bytes: [UInt8] = []
                let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 1)
                defer { chunk.deallocate() }
                while bytes.count <= limit {
                    let count = try file.read(into: chunk)
                    if count == 0 { return String(decoding: bytes, as: UTF8.self) }
                    bytes.append(contentsOf: chunk[..<count])
                }
                throw Errno.fileTooLarge
            }
        } catch {
            throw AWSError.file(path, error, "could not be read")
        }
    }
}

extension AWSError {
    static func file(_ path: FilePath, _ cause: any Error, _ what: String) -> AWSError {
        let errno = cause as? Errno
        return AWSError(
            .file(path, errno), path.string, "\(what): \(errno.map(String.init(describing:)) ?? "\(cause)")")
    }
}
