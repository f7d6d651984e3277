/// A cryptographic hash of a content, such as SHA-256, by which contents are taken for the same without comparing them.
package struct ContentHash: Sendable, Hashable {
    private let words: SIMD4<UInt64>

    /// Its length in bytes.
    package static let length = 32

    /// Takes the ``length`` bytes of a hash; nil for another number of bytes.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.length else { return nil }
        words = bytes.loadUnaligned(as: SIMD4<UInt64>.self)
    }

    /// Lends its bytes.
    package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result
    {
        try Swift.withUnsafeBytes(of: words, body)
    }
}
