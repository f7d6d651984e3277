package import Crypto

/// What a data key is for; keyrings bind it to this.
package struct DataKeyPurpose: Sendable {
    /// The suite of the message; says how long the data key is.
    package var suite: AlgorithmSuite
    /// The encryption context of the message, with the pairs of the message format.
    package var context: EncryptionContext

    /// Describes a message's need.
    package init(suite: AlgorithmSuite, context: EncryptionContext) {
        self.suite = suite
        self.context = context
    }
}

/// A new data key and its encrypted forms, one for each recipient.
package struct GeneratedDataKey: Sendable {
    /// The key itself; never written anywhere.
    package var dataKey: SymmetricKey
    /// What goes into the message.
    package var encrypted: [EncryptedDataKey]

    /// Pairs a key with its encrypted forms.
    package init(dataKey: SymmetricKey, encrypted: [EncryptedDataKey]) {
        self.dataKey = dataKey
        self.encrypted = encrypted
    }
}

/// Makes, encrypts and decrypts data keys under a key that stays where it is: in KMS, or in a local file.
///
/// Whatever a keyring throws ends up as the `underlying` error of an ``EnvelopeError``.
package protocol Keyring: Sendable {
    /// The keys it stands for, as people name them; for messages.
    var keyNames: [String] { get }

    /// Makes a data key of `purpose.suite.dataKeyByteCount` bytes and encrypts it.
    /// - Throws: Whatever the place of the key refuses with.
    func generateDataKey(for purpose: DataKeyPurpose) async throws -> GeneratedDataKey

    /// Encrypts a data key that another keyring made, so that one more recipient can open the message.
    /// - Throws: Whatever the place of the key refuses with.
    func encryptDataKey(
        _ dataKey: SymmetricKey, for purpose: DataKeyPurpose
    ) async throws -> [EncryptedDataKey]

    /// Decrypts a data key.
    /// - Returns: nil when the data key was encrypted under a key that is not in this keyring.
    /// - Throws: Whatever the place of the key refuses with.
    func decryptDataKey(
        _ encrypted: EncryptedDataKey, for purpose: DataKeyPurpose
    ) async throws -> SymmetricKey?
}

/// Several keyrings as one: each of them can open what it seals.
package struct MultiKeyring: Keyring {
    private let generator: any Keyring
    private let others: [any Keyring]

    /// The first keyring makes the data keys, the others encrypt them too.
    package init(generator: any Keyring, others: [any Keyring]) {
        self.generator = generator
        self.others = others
    }

    /// The keys of all keyrings.
    package var keyNames: [String] { ([generator] + others).flatMap { $0.keyNames } }

    /// Lets the first keyring make a data key and all others encrypt it.
    /// - Throws: Whatever the place of the key refuses with.
    package func generateDataKey(for purpose: DataKeyPurpose) async throws -> GeneratedDataKey {
        var generated = try await generator.generateDataKey(for: purpose)
        for keyring in others {
            generated.encrypted += try await keyring.encryptDataKey(generated.dataKey, for: purpose)
        }
        return generated
    }

    /// Lets all keyrings encrypt the data key.
    /// - Throws: Whatever the place of the key refuses with.
    package func encryptDataKey(
        _ dataKey: SymmetricKey, for purpose: DataKeyPurpose
    ) async throws -> [EncryptedDataKey] {
        var encrypted: [EncryptedDataKey] = []
        for keyring in [generator] + others {
            encrypted += try await keyring.encryptDataKey(dataKey, for: purpose)
        }
        return encrypted
    }

    /// Asks one keyring after the other; throws the first failure when none of them succeeds.
    /// - Throws: Whatever the place of the key refuses with.
    package func decryptDataKey(
        _ encrypted: EncryptedDataKey, for purpose: DataKeyPurpose
    ) async throws -> SymmetricKey? {
        var failure: (any Error)?
        for keyring in [generator] + others {
            do {
                if let key = try await keyring.decryptDataKey(encrypted, for: purpose) { return key }
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return nil
    }
}
