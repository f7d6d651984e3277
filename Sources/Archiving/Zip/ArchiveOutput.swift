import SystemPackage

/// What is written from beginning to end: a descriptor, with a buffer for small pieces, or memory.
struct ArchiveOutput: ~Copyable {
    /// Nil for memory: the buffer then holds everything.
    private let descriptor: FileDescriptor?
    private let observer: ((UnsafeRawBufferPointer) -> Void)?
    private var buffer: [UInt8] = []
    private static let bufferSize = 256 * 1_024
    /// Bytes given to it so far.
    private(set) var offset: UInt64 = 0

    /// Writes to a descriptor, or to memory when there is none; an observer sees every byte, in order.
    ///
    /// - Parameters:
    ///   - descriptor: nil for memory.
    ///   - room: of memory, what is reserved.
    ///   - observer: sees the bytes.
    init(
        _ descriptor: FileDescriptor?, room: Int = 0, observer: ((UnsafeRawBufferPointer) -> Void)? = nil
    ) {
        self.descriptor = descriptor
        self.observer = observer
        buffer.reserveCapacity(descriptor == nil ? room : Self.bufferSize)
    }

    /// What was written to memory, which is free for something else then.
    mutating func takeBytes() -> [UInt8] {
        defer { buffer = [] }
        return buffer
    }

    mutating func write(_ bytes: [UInt8]) throws(ArchivingError) {
        try bytes.withRawBytes { raw throws(ArchivingError) in try write(raw) }
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer) throws(ArchivingError) {
        offset += UInt64(bytes.count)
        guard let descriptor else {
            observer?(bytes)
            buffer += bytes
            return
        }
        if buffer.count + bytes.count > Self.bufferSize { try flush() }
        if bytes.count >= Self.bufferSize {
            try send(bytes, to: descriptor)
        } else {
            buffer += bytes
        }
    }

    mutating func flush() throws(ArchivingError) {
        guard let descriptor, !buffer.isEmpty else { return }
        try buffer.withRawBytes { raw throws(ArchivingError) in try send(raw, to: descriptor) }
        buffer.removeAll(keepingCapacity: true)
    }

    private func send(
        _ bytes: UnsafeRawBufferPointer, to descriptor: FileDescriptor
    ) throws(ArchivingError) {
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
