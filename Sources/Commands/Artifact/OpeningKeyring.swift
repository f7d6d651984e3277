import AWSAdapters
import AWSClient
import Crypto
import Envelope

/// Finds the key that a message names: the local one, or the KMS key, reached only when a message asks for it.
struct OpeningKeyring: Keyring {
    var local: RawAESKeyring?
    var environment: RunnerEnvironment
    var aws: AWSRequest

    var keyNames: [String] { local?.keyNames ?? [] }

    func generateDataKey(for purpose: DataKeyPurpose) async throws -> EnvelopeDataKey {
        throw KMSKeyMissing()
    }

    func encryptDataKey(
        _ dataKey: SymmetricKey, for purpose: DataKeyPurpose
    ) async throws -> [EncryptedDataKey] {
        throw KMSKeyMissing()
    }

    func decryptDataKey(
        _ encrypted: EncryptedDataKey, for purpose: DataKeyPurpose
    ) async throws -> SymmetricKey? {
        if let key = try await local?.decryptDataKey(encrypted, for: purpose) { return key }
        guard encrypted.providerID == "aws-kms" else { return nil }
        // The region of the key's ARN is where the key is, whatever is configured.
        let parts = String(decoding: encrypted.providerInfo, as: UTF8.self).split(separator: ":")
        let region = parts.count > 4 ? String(parts[3]) : nil
        let configuration = try AWSConfiguration(environment: environment.variables, overrides: aws.overrides)
        return try await withAWSSession(configuration) { session in
            let keyring = KMSKeyring(
                client: KMSClient(context: try session.context(.kms, region: region)), keyID: nil)
            return try await keyring.decryptDataKey(encrypted, for: purpose)
        }
    }
}
