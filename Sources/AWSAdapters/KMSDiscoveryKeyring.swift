package import AWSClient
package import Crypto
package import Envelope

/// Opens messages with the KMS keys that they name themselves, as far as a filter allows.
package struct KMSDiscoveryKeyring: Keyring {
    /// The keys that may be used.
    package struct Filter: Sendable, Hashable {
        /// `aws`, `aws-cn`, `aws-us-gov`, ...
        package var partition: String
        /// The accounts whose keys may be used.
        package var accounts: [String]

        /// Allows the keys of some accounts.
        package init(partition: String, accounts: [String]) {
            self.partition = partition
            self.accounts = accounts
        }
    }

    private let session: AWSSession
    private let filter: Filter?

    /// Uses the keys that `filter` allows, with nil any that may be used.
    package init(session: AWSSession, filter: Filter?) {
        self.session = session
        self.filter = filter
    }

    /// Which keys, in words.
    package var keyNames: [String] { [Self.name(of: filter)] }

    /// Which keys a filter allows, in words.
    package static func name(of filter: Filter?) -> String {
        guard let filter else { return "any KMS key" }
        return "KMS keys of account \(filter.accounts.joined(separator: " or ")) in \(filter.partition)"
    }

    /// Refuses: nobody said which key.
    /// - Throws: ``KMSKeyMissing``.
    package func generateDataKey(for purpose: DataKeyPurpose) async throws -> EnvelopeDataKey {
        throw KMSKeyMissing()
    }

    /// Refuses: nobody said which key.
    /// - Throws: ``KMSKeyMissing``.
    package func encryptDataKey(
        _ dataKey: SymmetricKey, for purpose: DataKeyPurpose
    ) async throws -> [EncryptedDataKey] {
        throw KMSKeyMissing()
    }

    /// Lets KMS decrypt a data key with the very key that the message names, where that key is.
    ///
    /// Of a multi-Region key the twin in the configured Region is used when the one named cannot be.
    /// - Throws: `AWSError` when KMS refuses or cannot be reached.
    package func decryptDataKey(
        _ encrypted: EncryptedDataKey, for purpose: DataKeyPurpose
    ) async throws -> SymmetricKey? {
        guard let wanted = encrypted.kmsKey, wanted.resource.hasPrefix("key/") else { return nil }
        if let filter {
            guard wanted.partition == filter.partition, filter.accounts.contains(wanted.account) else {
                return nil
            }
        }
        do {
            return try await decrypt(encrypted, of: wanted, for: purpose, with: wanted)
        } catch {
            guard wanted.isMultiRegion, let region = session.configuration.region, region != wanted.region
            else { throw error }
            var twin = wanted
            twin.region = region
            do {
                return try await decrypt(encrypted, of: wanted, for: purpose, with: twin)
            } catch _ {
                throw error
            }
        }
    }

    private func decrypt(
        _ encrypted: EncryptedDataKey, of wanted: KMSKeyName, for purpose: DataKeyPurpose,
        with key: KMSKeyName
    ) async throws(AWSError) -> SymmetricKey? {
        let client = KMSClient(context: try session.context(.kms, region: key.region))
        return try await KMSKeyring.decrypt(
            encrypted, of: wanted, for: purpose, with: client, keyID: key.arn)
    }
}

/// A keyring that only opens was asked to seal.
package struct KMSKeyMissing: Error, CustomStringConvertible {
    /// Makes the error.
    package init() {}

    /// One sentence.
    package var description: String { "no KMS key was given to encrypt with" }
}
