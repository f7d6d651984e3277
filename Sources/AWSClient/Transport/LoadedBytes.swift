import Crypto
import NIOCore
import Synchronization

/// Bytes in memory that are about to be sent, with the digests that were taken while they were read.
///
/// Another attempt sends the very same bytes, whatever became of the file.
struct LoadedBytes: Sendable {
    var buffer: ByteBuffer
    let sha256: [UInt8]
    let crc32: CRC32

    var length: Int64 { Int64(buffer.readableBytes) }

    init(buffer: ByteBuffer, sha256: [UInt8], crc32: CRC32) {
        self.buffer = buffer
        self.sha256 = sha256
        self.crc32 = crc32
    }

    /// Bytes that are in memory already.
    init(_ bytes: [UInt8]) {
        var digests = ContentDigests()
        bytes.withUnsafeBytes { digests.update($0) }
        self.init(buffer: ByteBuffer(bytes: bytes), digests)
    }

    init(buffer: ByteBuffer, _ digests: ContentDigests) {
        self.init(buffer: buffer, sha256: digests.finishedSHA256, crc32: digests.crc32)
    }
}

/// What is computed of bytes in one pass: SHA-256 for the signature, CRC-32 for S3 to keep.
struct ContentDigests: Sendable {
    private var sha256 = SHA256()
    private(set) var crc32 = CRC32()
    private var md5: Insecure.MD5?

    /// Of no bytes; MD5 only where an entity tag has to be compared.
    init(withMD5: Bool = false) {
        if withMD5 { md5 = Insecure.MD5() }
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        md5?.update(bufferPointer: bytes)
        sha256.update(bufferPointer: bytes)
        crc32.update(bytes)
    }

    var finishedSHA256: [UInt8] { Array(sha256.finalize()) }

    var finishedMD5: String? { md5?.finalize().hexadecimal }
}

/// Pieces of a buffer, so that the time limit for the next bytes is one for a piece and not for the whole.
struct BufferPieces: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    let buffer: ByteBuffer
    static let pieceSize = 1 << 20

    struct AsyncIterator: AsyncIteratorProtocol {
        var rest: ByteBuffer

        mutating func next() async -> ByteBuffer? {
            rest.readSlice(length: Swift.min(rest.readableBytes, BufferPieces.pieceSize))
                .flatMap { $0.readableBytes == 0 ? nil : $0 }
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(rest: buffer) }
}

/// Memory for the parts of one transfer, used again and again: fresh memory costs the system more than reading a file.
final class PartMemory: Sendable {
    private struct State {
        var free: [ByteBuffer] = []
        var made = 0
    }

    private let state = Mutex(State())
    private let limit: Int

    /// Memory for so many parts under way.
    ///
    /// There is one buffer more: the connection lets go of the last one a moment after the answer is here.
    init(parallel: Int = 0) {
        limit = parallel + 1
    }

    /// An empty buffer with room for so many bytes.
    func take(_ capacity: Int) -> ByteBuffer {
        var buffer = state.withLock { state -> ByteBuffer in
            guard state.made >= limit, !state.free.isEmpty else {
                state.made += 1
                return ByteBuffer()
            }
            return state.free.removeFirst()
        }
        // Where somebody still holds the bytes, this makes a new buffer and leaves theirs alone.
        buffer.clear(minimumCapacity: capacity)
        return buffer
    }

    /// Gives a buffer back.
    func give(_ buffer: ByteBuffer) {
        state.withLock { $0.free.append(buffer) }
    }
}
