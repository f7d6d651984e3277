/// A cryptographic hash of a content, such as SHA-256, by which contents are taken for the same without comparing them.
package struct ContentHash: Sendable, Hashable {
    private let first: UInt64
    private let second: UInt64
    private let third: UInt64
    private let fourth: UInt64

    /// Its length in bytes.
    package static let length = 32

    /// Takes the ``length`` bytes of a hash; nil for another number of bytes.
    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.length else { return nil }
        var words: [UInt64] = [0, 0, 0, 0]
        for (place, byte) in bytes.enumerated() { words[place / 8] |= UInt64(byte) << (place % 8 * 8) }
        (first, second, third, fourth) = (words[0], words[1], words[2], words[3])
    }
}
