/// The hash over a message, computed on another core beside the work on the message's next blocks.
///
/// SHA-384 costs several times as much as AES-GCM, which processors have instructions for, so a signed message takes as
/// long as its hash. That one therefore never waits: while a block is being hashed the next one may already stand behind
/// it. More may not, so that memory stays bounded and three blocks can take turns.
struct RunningDigest {
    /// Blocks that take turns: one being hashed, one waiting, one being worked on.
    static let blockCount = 3

    /// Blocks below this size are not worth the way to another thread.
    private static let smallByteCount = 64 << 10

    /// The hash before the blocks under way.
    private var latest: MessageDigest
    /// The block before the last; no longer under way when another one is added.
    private var earlier: Task<MessageDigest, Never>?
    /// The last block.
    private var pending: Task<MessageDigest, Never>?

    init(_ digest: MessageDigest) {
        latest = digest
    }

    /// Adds bytes of a block; when this returns, only this block and the one before it are in use.
    mutating func update(_ block: [UInt8], _ range: Range<Int>) async {
        if case .none = latest { return }
        guard range.count >= Self.smallByteCount else {
            latest = await value
            (earlier, pending) = (nil, nil)
            latest.update(block, range)
            return
        }
        _ = await earlier?.value
        let (before, previous) = (latest, pending)
        earlier = previous
        pending = Task.detached {
            var digest = await previous?.value ?? before
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
