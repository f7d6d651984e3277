import SystemPackage

/// Reads a message from a descriptor in large blocks, and keeps the hash over what it handed out.
struct MessageSource {
    /// Bytes read at once, unless a piece is larger.
    private static let blockByteCount = 1 << 20
    /// Bytes read at first, which is all of a small message.
    private static let firstByteCount = 64 << 10

    private let descriptor: FileDescriptor
    /// What was read last; in use up to the end of `unread`.
    private(set) var block: [UInt8]
    /// Take turns with `block`, the longest unused first: the others may still be being hashed.
    private var spares = [[UInt8]](repeating: [], count: RunningDigest.blockCount - 1)
    private var unread = 0..<0
    /// Where in the block the hash goes on.
    private var undigested = 0
    private var digest: RunningDigest?

    init(_ descriptor: FileDescriptor) {
        self.descriptor = descriptor
        block = [UInt8](repeating: 0, count: Self.firstByteCount)
    }

    /// Takes so many bytes, all of them in one piece of ``block``, which stays there until more is taken.
    ///
    /// Memory grows with what is there, not with what a length field claims.
    mutating func take(_ count: Int, of part: MessagePart) async throws(EnvelopeError) -> Range<Int> {
        if unread.count < count { try await fill(count) }
        guard unread.count >= count else { throw .truncated(part) }
        let taken = unread.prefix(count)
        unread = taken.upperBound..<unread.upperBound
        return taken
    }

    /// Takes exactly so many bytes out of the message.
    mutating func read(_ count: Int, of part: MessagePart) async throws(EnvelopeError) -> [UInt8] {
        let taken = try await take(count, of: part)
        return Array(block[taken])
    }

    /// Reads an unsigned number, most significant byte first.
    mutating func readNumber<Number: FixedWidthInteger & UnsignedInteger>(
        _ type: Number.Type, of part: MessagePart
    ) async throws(EnvelopeError) -> Number {
        let taken = try await take(Number.bitWidth / 8, of: part)
        return Number(bigEndian: block[taken])
    }

    /// Whether the input is used up.
    mutating func isAtEnd() async throws(EnvelopeError) -> Bool {
        if unread.isEmpty { try await fill(1) }
        return unread.isEmpty
    }

    /// Starts the hash, over `start` and everything taken from now on.
    mutating func startDigest(_ digest: MessageDigest, with start: [UInt8]) {
        var digest = digest
        digest.update(start, start.indices)
        self.digest = RunningDigest(digest)
        undigested = unread.lowerBound
    }

    /// Ends the hash with what was taken last.
    mutating func finishDigest() async -> MessageDigest {
        await digestTaken()
        defer { digest = nil }
        return await digest?.value ?? .none
    }

    private mutating func digestTaken() async {
        await digest?.update(block, undigested..<unread.lowerBound)
        undigested = unread.lowerBound
    }

    /// Reads on until `wanted` bytes are unread, or the input ends.
    private mutating func fill(_ wanted: Int) async throws(EnvelopeError) {
        await digestTaken()
        let rest = Array(block[unread])
        // Large pieces are read alone: nothing of the next one has to be moved to the front of a block then.
        let goal = wanted > Self.blockByteCount / 2 ? wanted : Self.blockByteCount
        if unread.upperBound > 0 { resize(to: min(goal, Self.blockByteCount)) }
        if digest != nil {
            spares.append(block)
            block = spares.removeFirst()
        }
        resize(to: max(rest.count, min(goal, Self.firstByteCount)))
        block.replaceSubrange(0..<rest.count, with: rest)
        (unread, undigested) = (0..<rest.count, 0)
        while unread.count < wanted {
            if unread.count == block.count { resize(to: min(goal, 2 * block.count)) }
            if try readMore(upTo: min(block.count, goal)) == 0 { return }
        }
    }

    private mutating func resize(to count: Int) {
        guard block.count < count else { return }
        block += [UInt8](repeating: 0, count: count - block.count)
    }

    private mutating func readMore(upTo end: Int) throws(EnvelopeError) -> Int {
        let start = unread.upperBound
        do {
            let count = try block.withUnsafeMutableBytes {
                try descriptor.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[start..<end]))
            }
            unread = unread.lowerBound..<(start + count)
            return count
        } catch {
            throw .inputOutput("cannot read", error)
        }
    }
}
