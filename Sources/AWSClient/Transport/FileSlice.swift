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

    /// The digests of the bytes, without keeping them.
    ///
    /// - Throws: `AWSError`: `file` when they can not be read or are fewer than said, `cancelled`.
    func digests(withMD5: Bool = false) async throws(AWSError) -> ContentDigests {
        var digests = ContentDigests(withMD5: withMD5)
        do {
            for try await chunk in FileChunks(slice: self) {
                try Task.checkCancellation()
                chunk.withUnsafeReadableBytes { digests.update($0) }
            }
        } catch let error as AWSError {
            throw error
        } catch {
            throw AWSError.cancelled(path.string)
        }
        return digests
    }

    /// Reads the bytes into memory, at most 2 GiB of them.
    ///
    /// - Throws: `AWSError` (`file`) when they can not be read or are fewer than said.
    func load(into memory: PartMemory = PartMemory()) async throws(AWSError) -> LoadedBytes {
        let slice = self
        do {
            // Reading may block on a slow disk, so it happens on a thread made for that. The buffer is taken there, for
            // one that is known in two places is copied when it is written to.
            return try await NIOThreadPool.singleton.runIfActive {
                var buffer = memory.take(Int(slice.length))
                var digests = ContentDigests()
                let reader = try FileReader(path: slice.path)
                try reader.append(slice, to: &buffer, &digests)
                return LoadedBytes(buffer: buffer, digests)
            }
        } catch let error as AWSError {
            throw error
        } catch {
            throw AWSError.cancelled(path.string)
        }
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
        while buffer.readableBytes < count {
            let position = offset + Int64(buffer.readableBytes)
            try read(at: position, most: count - buffer.readableBytes, into: &buffer) { _ in }
        }
        return buffer
    }

    /// All bytes of a slice, hashed while they are still in the processor's cache.
    func append(
        _ slice: FileSlice, to buffer: inout ByteBuffer, _ digests: inout ContentDigests
    ) throws(AWSError) {
        let pieceSize: Int64 = 128 << 10
        var done: Int64 = 0
        while done < slice.length {
            let most = Int(min(pieceSize, slice.length - done))
            done += Int64(
                try read(at: slice.offset + done, most: most, into: &buffer) { digests.update($0) })
        }
    }

    @discardableResult
    private func read(
        at position: Int64, most: Int, into buffer: inout ByteBuffer, _ see: (UnsafeRawBufferPointer) -> Void
    ) throws(AWSError) -> Int {
        let count: Int
        do {
            count = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: most) { space in
                let count = try file.read(
                    fromAbsoluteOffset: position, into: .init(rebasing: space[..<most]))
                see(UnsafeRawBufferPointer(rebasing: space[..<count]))
                return count
            }
        } catch {
            throw AWSError.file(path, error, "could not be read")
        }
        if count == 0 {
            throw AWSError(.file(path, nil), path.string, "it became shorter while it was being sent")
        }
        return count
    }
}
