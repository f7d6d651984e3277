import Glibc
import SystemPackage

/// Reads the content of a message frame by frame.
///
/// When the message takes the place of its content in the same file, frames are read before they are overwritten: the
/// message is a little longer than its content, so a few frames wait in memory, one more for every 32,768.
struct ContentSource {
    /// A frame's content, in the front of a buffer that is used again.
    struct Frame {
        var bytes: [UInt8]
        var count = 0
    }

    /// Frames below this size are cut from a block: a system call for each of them costs more than its encryption.
    private static let blockByteCount = 256 << 10

    private let descriptor: FileDescriptor
    private let frameByteCount: Int
    /// What was read for small frames, and how much of it is theirs already.
    private var block: [UInt8] = []
    private var blockRange = 0..<0
    /// Where the next frame is read; nil for a descriptor that is read in its own order.
    private var offset: Int64?
    private var isAtEnd = false
    private var waiting: [Frame] = []
    private var unused: [Frame] = []

    /// Reads a descriptor from where it stands, or with an offset from there, whatever its own position.
    init(_ descriptor: FileDescriptor, frameByteCount: Int, offset: Int64? = nil) {
        self.descriptor = descriptor
        self.frameByteCount = frameByteCount
        self.offset = offset
    }

    /// Bytes of the file that is read; nil for what is no file.
    var fileByteCount: Int64? { Self.fileByteCount(descriptor) }

    /// The next frame; only the last one is not full.
    mutating func next() throws(EnvelopeError) -> Frame {
        guard waiting.isEmpty else { return waiting.removeFirst() }
        return try readFrame()
    }

    /// Bytes of a regular file; nil for pipes, terminals and the like.
    static func fileByteCount(_ descriptor: FileDescriptor) -> Int64? {
        var status = stat()
        guard fstat(descriptor.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int64(status.st_size)
    }

    /// Takes the buffer of a frame back.
    mutating func reuse(_ frame: Frame) {
        unused.append(frame)
    }

    /// Reads ahead, so that the file can be overwritten up to `end`.
    mutating func readAhead(of end: Int64) throws(EnvelopeError) {
        while let offset, offset < end, !isAtEnd { waiting.append(try readFrame()) }
    }

    private mutating func readFrame() throws(EnvelopeError) -> Frame {
        var frame = unused.popLast() ?? Frame(bytes: [UInt8](repeating: 0, count: frameByteCount))
        frame.count = 0
        while frame.count < frameByteCount, !isAtEnd {
            let count: Int
            if frameByteCount < Self.blockByteCount {
                count = try takeFromBlock(into: &frame)
            } else {
                count = try read(into: &frame.bytes, frame.count..<frameByteCount)
                advance(count)
            }
            frame.count += count
            isAtEnd = count == 0
        }
        return frame
    }

    private mutating func takeFromBlock(into frame: inout Frame) throws(EnvelopeError) -> Int {
        if blockRange.isEmpty {
            // Out of `self`, which cannot be read while a part of it is written.
            var bytes = block.isEmpty ? [UInt8](repeating: 0, count: Self.blockByteCount) : block
            block = []
            let count = try read(into: &bytes, bytes.indices)
            advance(count)
            (block, blockRange) = (bytes, 0..<count)
        }
        let taken = blockRange.prefix(frameByteCount - frame.count)
        let start = frame.count
        frame.bytes.withUnsafeMutableBytes { target in
            block.withUnsafeBytes { source in
                let free = UnsafeMutableRawBufferPointer(rebasing: target[start..<(start + taken.count)])
                free.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[taken]))
            }
        }
        blockRange = taken.upperBound..<blockRange.upperBound
        return taken.count
    }

    private mutating func advance(_ count: Int) {
        if let offset { self.offset = offset + Int64(count) }
    }

    /// Reads once; 0 at the end.
    private func read(into bytes: inout [UInt8], _ range: Range<Int>) throws(EnvelopeError) -> Int {
        do {
            return try bytes.withUnsafeMutableBytes { bytes in
                let free = UnsafeMutableRawBufferPointer(rebasing: bytes[range])
                guard let offset else { return try descriptor.read(into: free) }
                return try descriptor.read(fromAbsoluteOffset: offset, into: free)
            }
        } catch {
            throw .inputOutput("cannot read", error)
        }
    }
}
