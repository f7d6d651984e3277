import Synchronization

/// Contents of related archives that are kept in memory with their packed forms, the first ones that come: a few to begin
/// with, and as many bytes more as have been of use.
///
/// To compare a content with one in memory takes a tenth of the time of hashing it, and less than reading its packed form
/// back from an archive.
final class KeptContents: Sendable {
    /// A content, and what was found out about it.
    struct Content {
        fileprivate let bytes: [UInt8]
        /// A deflate stream; nil when it is to be stored.
        let packed: [UInt8]?
        /// Where somebody wanted it anyway.
        let digest: ContentHash?
    }

    private struct State {
        /// By length and CRC-32; of those that have both in common the first.
        var contents: [UInt64: Content] = [:]
        var byteCount = 0
        var usedByteCount = 0

        func hasRoom(for size: Int) -> Bool {
            byteCount + size <= min(KeptContents.firstBytes + usedByteCount, KeptContents.mostBytes)
        }
    }

    private let state = Mutex(State())

    /// Bytes of contents and of their packed forms, together.
    static let mostBytes = 32 << 20
    /// As long as nothing has come again.
    static let firstBytes = 4 << 20
    /// Beside a shorter content, what has to be noted of it counts.
    static let leastSize = 64

    /// The same content, as a comparison of all bytes says.
    func find(_ content: UnsafeRawBufferPointer, crc: UInt32) -> Content? {
        let key = Self.key(content, crc)
        guard let found = state.withLock({ $0.contents[key] }),
            found.bytes.withUnsafeBytes({ $0.isEqual(to: content) })
        else { return nil }
        state.withLock { $0.usedByteCount += content.count }
        return found
    }

    /// Keeps a content as long as there is room, unless there is one of the same length and CRC-32.
    func keep(
        _ content: UnsafeRawBufferPointer, packed: UnsafeRawBufferPointer?, crc: UInt32, digest: ContentHash?
    ) {
        let size = content.count + (packed?.count ?? 0)
        let key = Self.key(content, crc)
        guard content.count >= Self.leastSize, state.withLock({ $0.hasRoom(for: size) }) else { return }
        let kept = Content(bytes: Array(content), packed: packed.map { Array($0) }, digest: digest)
        state.withLock { state in
            guard state.contents[key] == nil, state.hasRoom(for: size) else { return }
            state.contents[key] = kept
            state.byteCount += size
        }
    }

    private static func key(_ content: UnsafeRawBufferPointer, _ crc: UInt32) -> UInt64 {
        UInt64(truncatingIfNeeded: content.count) << 32 | UInt64(crc)
    }
}
