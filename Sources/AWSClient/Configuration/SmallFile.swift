import Glibc
import SystemPackage

/// Files read as a whole because they are small by nature: configuration, tokens.
enum SmallFile {
    /// The file's text, invalid UTF-8 replaced.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - limit: Most bytes.
    ///   - isOwn: Whether somebody else who can write the file makes it worthless.
    /// - Returns: The text.
    /// - Throws: `AWSError` (`file`) when it can not be read or has more than `limit` bytes; `configuration` when it has
    ///   to be one's own and others can write it.
    static func text(at path: FilePath, limit: Int, isOwn: Bool = false) throws(AWSError) -> String {
        do {
            let file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
            return try file.closeAfter {
                if isOwn { try requireOwn(file, path) }
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
        } catch let error as AWSError {
            throw error
        } catch {
            throw AWSError.file(path, error, "could not be read")
        }
    }

    private static func requireOwn(_ file: FileDescriptor, _ path: FilePath) throws {
        var status = stat()
        guard fstat(file.rawValue, &status) == 0 else { throw Errno(rawValue: errno) }
        guard status.st_uid == geteuid() || status.st_uid == 0, status.st_mode & 0o022 == 0 else {
            throw AWSError(
                .configuration, path.string, "others can write it, and so choose for whom you act",
                hint: "chmod 600 it, or remove it and sign in again")
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
