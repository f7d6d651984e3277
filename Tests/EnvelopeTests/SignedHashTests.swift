import Crypto
import SystemPackage
import Testing

@testable import Envelope

/// The system's SHA-384 beside swift-crypto's.
@Suite struct SignedHashTests {
    /// Around the hash's blocks of 128 bytes, and the length that ends the last one.
    private static let sizes = [
        0, 1, 111, 112, 113, 127, 128, 129, 239, 240, 255, 256, 1000, 65_536, 1_000_003,
    ]

    @Test(arguments: sizes, [nil, 0] as [Int64?])
    func `hashes as swift-crypto does, in pieces of any size`(size: Int, expected: Int64?) {
        let content = sampleBytes(size)
        for piece in [1, 7, 64, 128, 129, 4096, 1 << 20] where size / piece < 20_000 {
            var hash = SignedHash(expecting: expected)
            for start in stride(from: 0, to: size, by: piece) {
                content[start..<min(size, start + piece)].withUnsafeBytes { hash.update($0) }
            }
            #expect(hash.finish().bytes == Array(SHA384.hash(data: content)))
        }
    }

    @Test func `goes on from a copy without changing it`() {
        var hash = SignedHash()
        sampleBytes(200).withUnsafeBytes { hash.update($0) }
        var copy = hash
        sampleBytes(300).withUnsafeBytes { copy.update($0) }
        #expect(hash.finish().bytes == Array(SHA384.hash(data: sampleBytes(200))))
        #expect(copy.finish().bytes == Array(SHA384.hash(data: sampleBytes(200) + sampleBytes(300))))
        #expect(hash.finish() == hash.finish())
        #expect(hash.finish() != copy.finish())
    }

    @Test func `asks the system for what is large or of unknown size only`() {
        #expect(!SignedHash(expecting: SignedHash.smallByteCount - 1).isSystem)
        #expect(SignedHash(expecting: SignedHash.smallByteCount).isSystem == SignedHash().isSystem)
    }

    @Test(arguments: [nil, 0] as [Int64?], [nil, 0] as [Int64?])
    func `signs what the other verifies`(signing: Int64?, verifying: Int64?) throws {
        let content = sampleBytes(5000)
        let signer = MessageSigner()
        let context = try EncryptionContext([:]).adding(EncryptionContext.publicKeyName, signer.publicKeyText)
        let verifier = try #require(try MessageVerifier(suite: .committingSigned, context: context))
        var signed = MessageDigest(for: .committingSigned, expecting: signing)
        signed.update(content, content.indices)
        var read = MessageDigest(for: .committingSigned, expecting: verifying)
        read.update(content, content.indices)
        let signature = try signer.sign(signed)
        #expect(verifier.isValid(signature, for: read))
        read.update([0], 0..<1)
        #expect(!verifier.isValid(signature, for: read))
    }
}
