import FoundationEssentials
import SystemPackage

/// Sees the bytes of a message in their order, so that nobody has to read it again for another hash.
package typealias MessageObserver = (UnsafeRawBufferPointer) -> Void

/// Collects a message in blocks, writes them to a descriptor, counts them and keeps the hash over them.
struct MessageSink {
    /// Blocks are written when they have so many bytes.
    private static let blockByteCount = 1 << 20

    private let descriptor: FileDescriptor
    /// Where the next block goes; nil for a descriptor that is written in its own order.
    private var offset: Int64?
    /// What is not written yet.
    private var block: [UInt8] = []
    /// Take turns with `block`, the longest unused first: the others may still be being hashed.
    private var spares = [[UInt8]](repeating: [], count: RunningDigest.blockCount - 1)
    private var digest: RunningDigest
    private var writtenByteCount: Int64 = 0
    /// Sees every byte of the message before it is written.
    private let observer: MessageObserver?

    /// Writes a descriptor from where it stands, or with an offset from there, whatever its own position.
    init(
        _ descriptor: FileDescriptor, digest: MessageDigest, offset: Int64? = nil,
        observer: MessageObserver? = nil
    ) {
        self.descriptor = descriptor
        self.digest = RunningDigest(digest)
        self.offset = offset
        self.observer = observer
    }

    /// Bytes of the message so far.
    var byteCount: Int64 { writtenByteCount + Int64(block.count) }

    /// Where the message ends so far, in a file that is written at an offset.
    var end: Int64 { (offset ?? 0) + Int64(block.count) }

    /// Whether it is time to write.
    var isFull: Bool { block.count >= Self.blockByteCount }

    mutating func append(_ bytes: some DataProtocol) {
        block.append(contentsOf: bytes)
    }

    mutating func append(bigEndian value: UInt32) {
        block.append(bigEndian: value)
    }

    /// Writes what was collected, while the hash over it is computed elsewhere.
    mutating func flush() async throws(EnvelopeError) {
        await digest.update(block, block.indices)
        if let observer { block.withUnsafeBytes(observer) }
        let count: Int
        do {
            guard let offset else {
                count = try descriptor.writeAll(block)
                finish(count)
                return
            }
            count = try descriptor.writeAll(toAbsoluteOffset: offset, block)
            self.offset = offset + Int64(count)
        } catch {
            throw .inputOutput("cannot write", error)
        }
        finish(count)
    }

    /// The hash over everything that was flushed.
    var digestValue: MessageDigest {
        get async { await digest.value }
    }

    private mutating func finish(_ count: Int) {
        writtenByteCount += Int64(count)
        spares.append(block)
        block = spares.removeFirst()
        block.removeAll(keepingCapacity: true)
    }
}
