/// Which messages may be opened, and how much memory they may ask for.
package struct OpenPolicy: Sendable, Hashable {
    /// Whether suites without key commitment (all of message version 1) are opened.
    package var allowsUncommitted = false
    /// Whether messages without frames are opened.
    ///
    /// They are held in memory as a whole, which ``unframedByteLimit`` bounds.
    package var allowsUnframed = true
    /// Most encrypted data keys in a message.
    package var encryptedDataKeyLimit = 64
    /// Most bytes of content in one frame.
    package var frameByteLimit = 16 << 20
    /// Most bytes of content in a message without frames.
    package var unframedByteLimit = 64 << 20

    /// Committing suites only.
    ///
    /// The default.
    package static let strict = OpenPolicy()

    /// Also opens what old releases of the AWS Encryption SDK wrote.
    package static let legacy = OpenPolicy(allowsUncommitted: true)
}
