import Crypto
import NIOCore
import NIOPosix
package import SystemPackage

/// A range of a local file that is sent as a body.
package struct FileSlice: Sendable, Hashable {
    /// The file; it must not change while it is sent, and S3 refuses it if it does.
    package var path: FilePath
    /// First byte.
    package var offset: Int64
    /// Number of bytes.
    package var length: Int64

    /// A range of a file.
    package init(path: FilePath, offset: Int64, length: Int64) {
        self.path = path
        self.offset = offset
        self.length = length
    }

    /// The whole file as it is now.
    ///
    /// - Throws: `AWSError` (`file`) when it can not be opened.
    package init(wholeFile path: FilePath) throws(AWSError) {
        do {
            let file = try SystemPackage.FileDescriptor.open(path, .readOnly, options: .closeOnExec)
            self.init(
                path: path, offset: 0, length: try file.closeAfter { try file.seek(offset: 0, from: .end) })
        } catch {
            throw AWSError.file(path, error, "could not be read")
        }
    }

    /// SHA-256 of the bytes.
    ///
    /// - Throws: `AWSError`: `file` when they can not be read or are fewer than said, `cancelled`.
    func sha256() async throws(AWSError) -> [UInt8] {
        var hash = SHA256()
        do {
            for try await chunk in FileChunks(slice: self) {
                try Task.checkCancellation()
                chunk.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
            }
        } catch let error as AWSError {
            throw error
        } catch {
            throw AWSError.cancelled(path.string)
        }
        return Array(hash.finalize())
    }
}

/// The bytes of a slice in pieces of at most 256 KiB.
///
/// Each iterator opens the file anew, so a body can be sent again.
struct FileChunks: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    let slice: FileSlice
    static let chunkSize = 256 << 10

    struct AsyncIterator: AsyncIteratorProtocol {
        let slice: FileSlice
        private var reader: FileReader?
        private var sent: Int64 = 0

        init(slice: FileSlice) {
            self.slice = slice
        }

        mutating func next() async throws -> ByteBuffer? {
            let wanted = Int(Swift.min(slice.length - sent, Int64(FileChunks.chunkSize)))
            guard wanted > 0 else { return nil }
            let path = slice.path
            let known = reader
            let offset = slice.offset + sent
            // Reading may block on a slow disk, so it happens on a thread made for that.
            let (reader, chunk) = try await NIOThreadPool.singleton.runIfActive {
                let reader = try known ?? FileReader(path: path)
                return (reader, try reader.read(at: offset, count: wanted))
            }
            self.reader = reader
            sent += Int64(chunk.readableBytes)
            return chunk
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(slice: slice) }
}

/// An open file, closed when nobody needs it any more.
final class FileReader: Sendable {
    private let path: FilePath
    private let file: SystemPackage.FileDescriptor

    init(path: FilePath) throws(AWSError) {
        self.path = path
        do {
            file = try SystemPackage.FileDescriptor.open(path, .readOnly, options: .closeOnExec)
        } catch {
            throw AWSError.file(path, error, "could not be read")
        }
    }

    deinit {
        try? file.close()
    }

    /// Exactly `count` bytes.
    func read(at offset: Int64, count: Int) throws(AWSError) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        do {
            while buffer.readableBytes < count {
                let position = offset + Int64(buffer.readableBytes)
                let missing = count - buffer.readableBytes
                let read = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: missing) { space in
                    try file.read(fromAbsoluteOffset: position, into: .init(rebasing: space[..<missing]))
                }
                if read == 0 {
                    throw AWSError(.file(path, nil), path.string, "it became shorter while it was being sent")
                }
            }
        } catch let error as AWSError {
            throw error
        } catch {
            throw AWSError.file(path, error, "could not be read")
        }
        return buffer
    }
}
