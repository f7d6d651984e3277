/// The hash over a message, computed on another core beside the work on the message's next block.
///
/// SHA-384 costs several times as much as AES-GCM, which processors have instructions for. At most one block is being
/// hashed at any time, so that memory stays bounded and blocks can take turns.
struct RunningDigest {
    /// Blocks below this size are not worth the way to another thread.
    private static let smallByteCount = 64 << 10

    private var latest: MessageDigest
    private var pending: Task<MessageDigest, Never>?

    init(_ digest: MessageDigest) {
        latest = digest
    }

    /// Adds bytes of a block; when this returns, no earlier block is in use any more.
    mutating func update(_ block: [UInt8], _ range: Range<Int>) async {
        latest = await value
        pending = nil
        if case .none = latest { return }
        guard range.count >= Self.smallByteCount else {
            latest.update(block, range)
            return
        }
        let before = latest
        pending = Task.detached {
            var digest = before
            digest.update(block, range)
            return digest
        }
    }

    /// The hash over everything added.
    var value: MessageDigest {
        get async {
            guard let pending else { return latest }
            return await pending.value
        }
    }
}
