import SystemPackage

/// A descriptor that is written from beginning to end, with a buffer for small pieces.
struct ArchiveOutput: ~Copyable {
    private let descriptor: FileDescriptor
    private let observer: ((UnsafeRawBufferPointer) -> Void)?
    private var buffer: [UInt8] = []
    private static let bufferSize = 256 * 1_024
    /// Bytes given to it so far.
    private(set) var offset: UInt64 = 0

    /// Writes to a descriptor; an observer sees every byte, in order.
    init(_ descriptor: FileDescriptor, observer: ((UnsafeRawBufferPointer) -> Void)? = nil) {
        self.descriptor = descriptor
        self.observer = observer
        buffer.reserveCapacity(Self.bufferSize)
    }

    mutating func write(_ bytes: [UInt8]) throws(ArchivingError) {
        try bytes.withRawBytes { raw throws(ArchivingError) in try write(raw) }
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer) throws(ArchivingError) {
        offset += UInt64(bytes.count)
        if buffer.count + bytes.count > Self.bufferSize { try flush() }
        if bytes.count >= Self.bufferSize {
            try send(bytes)
        } else {
            buffer += bytes
        }
    }

    mutating func flush() throws(ArchivingError) {
        guard !buffer.isEmpty else { return }
        try buffer.withRawBytes { raw throws(ArchivingError) in try send(raw) }
        buffer.removeAll(keepingCapacity: true)
    }

    private func send(_ bytes: UnsafeRawBufferPointer) throws(ArchivingError) {
        observer?(bytes)
        do {
            _ = try descriptor.writeAll(bytes)
        } catch let errno as Errno {
            throw .writing("the archive", errno)
        } catch {
            throw ArchivingError(.unwritable, "the archive", String(describing: error))
        }
    }
}
