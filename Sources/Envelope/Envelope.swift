import CLinuxCalls

/// Seals files into messages of the AWS Encryption SDK, and opens them.
///
/// Memory is constant: a few frames, whatever the size of the file.
package enum Envelope {
    /// Content bytes in a frame that we write: large, because what each frame costs is then nothing beside its content,
    /// and still small enough for the memory of every reader.
    package static let defaultFrameByteCount = 1 << 20

    /// Most content bytes in a frame that we write.
    package static let frameByteLimit = 1 << 20

    /// What was sealed.
    package struct SealedSummary: Sendable, Hashable {
        /// Bytes of the content.
        package var contentByteCount: Int64
        /// Bytes of the message.
        package var messageByteCount: Int64
        /// The suite used.
        package var suite: AlgorithmSuite
        /// All pairs that are bound to the message.
        package var context: EncryptionContext
        /// The keys that can open it.
        package var keyNames: [String]
    }

    /// What was opened.
    package struct OpenedSummary: Sendable, Hashable {
        /// Bytes of the content.
        package var contentByteCount: Int64
        /// The suite found.
        package var suite: AlgorithmSuite
        /// All pairs that are bound to the message; authentic.
        package var context: EncryptionContext
        /// The key that opened it.
        package var keyName: String
    }

    /// Has the allocator keep the blocks of frames for the next frames.
    ///
    /// Otherwise each of them comes fresh from the kernel and goes back, which costs ten times as much as the encryption.
    static func prepareMemory() { buildspec_keep_freed_memory(4 << 20) }

    /// Has it give the last frames' blocks back, so that an upload that follows has room.
    static func releaseMemory() { buildspec_keep_freed_memory_no_longer() }
}
