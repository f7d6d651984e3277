import SystemPackage

/// Reads a message from a descriptor, at most a buffer ahead, and keeps the hash over what it handed out.
struct MessageSource {
    private let descriptor: FileDescriptor
    private var buffer = [UInt8](repeating: 0, count: 128 << 10)
    private var unread = 0..<0
    /// Everything handed out is added to this.
    var digest = MessageDigest.none

    init(_ descriptor: FileDescriptor) {
        self.descriptor = descriptor
    }

    /// Reads exactly so many bytes.
    ///
    /// Memory grows with what is there, not with what a length field claims.
    mutating func read(_ count: Int, of part: MessagePart) throws(EnvelopeError) -> [UInt8] {
        let bytes = try readUpTo(count)
        guard bytes.count == count else { throw .truncated(part) }
        digest.update(bytes)
        return bytes
    }

    /// Reads an unsigned number, most significant byte first.
    mutating func readNumber<Number: FixedWidthInteger & UnsignedInteger>(
        _ type: Number.Type, of part: MessagePart
    ) throws(EnvelopeError) -> Number {
        Number(bigEndian: try read(Number.bitWidth / 8, of: part))
    }

    /// Reads so many bytes, fewer only at the end of the input.
    ///
    /// Not part of the digest.
    mutating func readUpTo(_ count: Int) throws(EnvelopeError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(count, 1 << 20))
        while bytes.count < count {
            if unread.isEmpty { try fill() }
            if unread.isEmpty { break }
            let taken = min(unread.count, count - bytes.count)
            bytes.append(contentsOf: buffer[unread.prefix(taken)])
            unread = unread.dropFirst(taken)
        }
        return bytes
    }

    /// Whether the input is used up.
    mutating func isAtEnd() throws(EnvelopeError) -> Bool {
        if unread.isEmpty { try fill() }
        return unread.isEmpty
    }

    private mutating func fill() throws(EnvelopeError) {
        do {
            let count = try buffer.withUnsafeMutableBytes { try descriptor.read(into: $0) }
            unread = 0..<count
        } catch {
            throw .inputOutput("cannot read", error)
        }
    }
}

/// Writes a message or a content to a descriptor, counts it and keeps the hash over it.
struct MessageSink {
    private let descriptor: FileDescriptor
    /// Bytes written.
    private(set) var byteCount: Int64 = 0
    /// Everything written is added to this.
    var digest = MessageDigest.none

    init(_ descriptor: FileDescriptor) {
        self.descriptor = descriptor
    }

    mutating func write(_ bytes: [UInt8]) throws(EnvelopeError) {
        digest.update(bytes)
        do {
            byteCount += Int64(try descriptor.writeAll(bytes))
        } catch {
            throw .inputOutput("cannot write", error)
        }
    }
}
