import Crypto
import Envelope
import Testing

@Suite struct KeyringTests {
    @Test func `any of several recipients opens a message`() async throws {
        let scratch = try EnvelopeScratch()
        let all = MultiKeyring(generator: try rawKeyring(1), others: [try rawKeyring(2), try rawKeyring(3)])
        let message = try await scratch.seal(sampleBytes(33), keyring: all)
        for keyring in [try rawKeyring(1), try rawKeyring(2), try rawKeyring(3), all] as [any Keyring] {
            #expect(try await scratch.open(message, keyring: keyring) == sampleBytes(33))
        }
    }

    @Test func `says which key is needed and which one was given`() async throws {
        let scratch = try EnvelopeScratch()
        let message = try await scratch.seal([1], keyring: try rawKeyring(1))
        let error = try await scratch.failure(opening: message, keyring: try rawKeyring(2))
        #expect(error?.code == .noUsableKey)
        #expect(error?.description.contains("tests/key-1") == true)
        #expect(error?.description.contains("tests/key-2") == true)
        #expect(!scratch.exists("opened"))
    }

    @Test func `refuses another key of the same name`() async throws {
        let scratch = try EnvelopeScratch()
        let message = try await scratch.seal([1], keyring: try rawKeyring(1, name: "same"))
        let error = try await scratch.failure(opening: message, keyring: try rawKeyring(2, name: "same"))
        #expect(error?.code == .tampered)
        #expect(error?.part == .header)
    }

    @Test func `a failing keyring does not hide one that works, and is reported when none does`() async throws
    {
        let scratch = try EnvelopeScratch()
        let message = try await scratch.seal([1], keyring: try rawKeyring(1))
        let both = MultiKeyring(generator: BrokenKeyring(), others: [try rawKeyring(1)])
        #expect(try await scratch.open(message, keyring: both) == [1])
        let error = try await scratch.failure(opening: message, keyring: BrokenKeyring())
        #expect(error?.code == .keyringFailed)
        #expect(error?.underlying is BrokenKeyring.Failure)
        let sealing = await #expect(throws: EnvelopeError.self) {
            _ = try await scratch.seal([1], keyring: BrokenKeyring())
        }
        #expect(sealing?.code == .keyringFailed)
    }

    @Test func `limits the number of recipients both ways`() async throws {
        let scratch = try EnvelopeScratch()
        let many = MultiKeyring(
            generator: try rawKeyring(0), others: try (1..<64).map { try rawKeyring(UInt8($0)) })
        let message = try await scratch.seal([1], keyring: many)
        #expect(try await scratch.open(message, keyring: try rawKeyring(63)) == [1])
        var policy = OpenPolicy.strict
        policy.encryptedDataKeyLimit = 63
        let refused = try await scratch.failure(opening: message, keyring: try rawKeyring(63), policy: policy)
        #expect(refused?.code == .limitExceeded)
        let error = await #expect(throws: EnvelopeError.self) {
            _ = try await scratch.seal(
                [1], keyring: MultiKeyring(generator: many, others: [try rawKeyring(64)]))
        }
        #expect(error?.code == .limitExceeded)
    }

    @Test func `a data key that does not fit the commitment is refused`() async throws {
        let scratch = try EnvelopeScratch()
        let message = try await scratch.seal([1], keyring: try rawKeyring(1))
        let error = try await scratch.failure(opening: message, keyring: ForeignDataKeyring())
        #expect(error?.code == .tampered)
        #expect(error?.part == .header)
    }

    @Test(arguments: [("", "name"), ("aws-kms", "name"), ("space", "")])
    func `refuses names that no raw keyring can have`(namespace: String, name: String) throws {
        let error = #expect(throws: EnvelopeError.self) {
            try rawKeyring(1, namespace: namespace, name: name)
        }
        #expect(error?.code == .invalidKey)
    }

    @Test(arguments: [0, 16, 31, 33])
    func `refuses wrapping keys of other lengths`(count: Int) throws {
        let error = #expect(throws: EnvelopeError.self) {
            try RawAESKeyring(
                namespace: "a", name: "b",
                wrappingKey: SymmetricKey(data: [UInt8](repeating: 1, count: count)))
        }
        #expect(error?.code == .invalidKey)
    }
}

private struct BrokenKeyring: Keyring {
    struct Failure: Error {}

    var keyNames: [String] { ["broken"] }

    func generateDataKey(for purpose: DataKeyPurpose) async throws -> GeneratedDataKey { throw Failure() }

    func encryptDataKey(
        _ dataKey: SymmetricKey, for purpose: DataKeyPurpose
    ) async throws -> [EncryptedDataKey] { throw Failure() }

    func decryptDataKey(
        _ encrypted: EncryptedDataKey, for purpose: DataKeyPurpose
    ) async throws -> SymmetricKey? { throw Failure() }
}

/// Answers with a data key that has nothing to do with the message.
private struct ForeignDataKeyring: Keyring {
    var keyNames: [String] { ["foreign"] }

    func generateDataKey(for purpose: DataKeyPurpose) async throws -> GeneratedDataKey {
        GeneratedDataKey(dataKey: SymmetricKey(size: .bits256), encrypted: [])
    }

    func encryptDataKey(
        _ dataKey: SymmetricKey, for purpose: DataKeyPurpose
    ) async throws -> [EncryptedDataKey] { [] }

    func decryptDataKey(
        _ encrypted: EncryptedDataKey, for purpose: DataKeyPurpose
    ) async throws -> SymmetricKey? { SymmetricKey(size: .bits256) }
}
