import Crypto
import Testing

@testable import Envelope

/// Messages that only somebody with the data key can make.
@Suite struct CommitmentTests {
    private struct OneDataKey: Keyring {
        var dataKey: SymmetricKey
        var keyNames: [String] { ["one"] }

        func generateDataKey(for purpose: DataKeyPurpose) async throws -> GeneratedDataKey {
            GeneratedDataKey(dataKey: dataKey, encrypted: try await encryptDataKey(dataKey, for: purpose))
        }

        func encryptDataKey(
            _ dataKey: SymmetricKey, for purpose: DataKeyPurpose
        ) async throws -> [EncryptedDataKey] {
            [EncryptedDataKey(providerID: "one", providerInfo: [1], ciphertext: [1])]
        }

        func decryptDataKey(
            _ encrypted: EncryptedDataKey, for purpose: DataKeyPurpose
        ) async throws -> SymmetricKey? { dataKey }
    }

    private let dataKey = SymmetricKey(data: [UInt8](repeating: 9, count: 32))
    private let messageID = [UInt8](repeating: 5, count: 32)

    private func message(
        _ suite: AlgorithmSuite, context: EncryptionContext = EncryptionContext(), commitment: [UInt8]? = nil,
        dataKeys: Int = 1
    ) throws -> [UInt8] {
        let cipher = try ContentCipher(dataKey: dataKey, suite: suite, messageID: messageID)
        let right = ContentCipher.commitment(to: dataKey, messageID: messageID).withUnsafeBytes { Array($0) }
        let header = try MessageHeader(
            suite: suite, messageID: messageID, context: context,
            dataKeys: (0..<dataKeys).map { _ in
                EncryptedDataKey(providerID: "one", providerInfo: [], ciphertext: [])
            },
            frameByteCount: 16, commitment: commitment ?? right
        ).serialized()
        let box = try cipher.seal([42], as: .finalFrame, number: 1)
        var frame: [UInt8] = [255, 255, 255, 255, 0, 0, 0, 1]
        frame += box.prefix(12) + [0, 0, 0, 1]
        frame += box.dropFirst(12)
        return header + (try cipher.headerTag(header)) + frame
    }

    @Test func `opens such a message when everything is right`() async throws {
        let scratch = try EnvelopeScratch()
        #expect(
            try await scratch.open(try message(.committing), keyring: OneDataKey(dataKey: dataKey)) == [42])
    }

    @Test func `refuses a wrong commitment under a right header tag`() async throws {
        let scratch = try EnvelopeScratch()
        let wrong = try message(.committing, commitment: [UInt8](repeating: 0, count: 32))
        let error = try await scratch.failure(opening: wrong, keyring: OneDataKey(dataKey: dataKey))
        #expect(error?.code == .tampered)
        #expect(error?.detail.contains("not sealed with the data key") == true)
    }

    @Test(arguments: ["", "AAAA", "no base64!"])
    func `refuses a signed message without a usable public key`(key: String) async throws {
        let scratch = try EnvelopeScratch()
        let context = try EncryptionContext().adding(EncryptionContext.publicKeyName, key)
        let error = try await scratch.failure(
            opening: try message(.committingSigned, context: context), keyring: OneDataKey(dataKey: dataKey))
        #expect(error?.code == .malformed)
        let none = try await scratch.failure(
            opening: try message(.committingSigned), keyring: OneDataKey(dataKey: dataKey))
        #expect(none?.code == .malformed)
    }

    @Test func `refuses a public key in a message that is not signed`() async throws {
        let scratch = try EnvelopeScratch()
        let context = try EncryptionContext().adding(
            EncryptionContext.publicKeyName, MessageSigner().publicKeyText)
        let error = try await scratch.failure(
            opening: try message(.committing, context: context), keyring: OneDataKey(dataKey: dataKey))
        #expect(error?.code == .malformed)
    }

    @Test func `refuses messages without any data key, and data keys of a wrong length`() async throws {
        let scratch = try EnvelopeScratch()
        let none = try await scratch.failure(
            opening: try message(.committing, dataKeys: 0), keyring: OneDataKey(dataKey: dataKey))
        #expect(none?.code == .malformed)
        let short = try await scratch.failure(
            opening: try message(.committing), keyring: OneDataKey(dataKey: SymmetricKey(size: .bits128)))
        #expect(short?.code == .invalidKey)
    }

    @Test func `signatures always have the same length`() throws {
        for _ in 0..<20 {
            let digest = MessageDigest(for: .committingSigned, expecting: 0)
            #expect(try MessageSigner().sign(digest).count == MessageSigner.signatureByteCount)
        }
    }
}
