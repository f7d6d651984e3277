import FoundationEssentials
import SystemPackage

/// Writes authenticated content to a descriptor, and counts it.
struct OpenedContent {
    /// Small pieces are collected up to this size.
    private static let blockByteCount = 256 << 10

    private let descriptor: FileDescriptor
    private var block: [UInt8] = []
    private(set) var byteCount: Int64 = 0

    init(_ descriptor: FileDescriptor) {
        self.descriptor = descriptor
    }

    mutating func write(_ piece: Data) throws(EnvelopeError) {
        byteCount += Int64(piece.count)
        if block.count + piece.count > Self.blockByteCount { try flush() }
        guard piece.count < Self.blockByteCount else {
            try writeAll(piece)
            return
        }
        block.append(contentsOf: piece)
    }

    mutating func flush() throws(EnvelopeError) {
        try writeAll(block)
        block.removeAll(keepingCapacity: true)
    }

    private func writeAll(_ bytes: some Sequence<UInt8>) throws(EnvelopeError) {
        do {
            try descriptor.writeAll(bytes)
        } catch {
            throw .inputOutput("cannot write", error)
        }
    }
}
