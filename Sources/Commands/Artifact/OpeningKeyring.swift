import AWSAdapters
import AWSClient
import Crypto
import Envelope
import Glibc
import SystemPackage

/// Finds the key that a message names: a local one, or a KMS key, where AWS is reached only when a message asks for it.
struct OpeningKeyring: Keyring {
    /// KMS keys that may be used.
    private enum KMSKeys {
        case these([String])
        case named(KMSDiscoveryKeyring.Filter?)
    }

    private let local: [RawAESKeyring]
    private let kms: KMSKeys
    private let environment: RunnerEnvironment
    private let aws: AWSRequest

    /// Loads the local keys.
    /// - Throws: ``CommandFailure`` when one of them cannot be used.
    init(
        _ request: OpeningRequest, _ environment: RunnerEnvironment, _ aws: AWSRequest
    ) throws(CommandFailure) {
        var local: [RawAESKeyring] = []
        var names: [String] = []
        for key in request.keys {
            switch key {
            case .local(let path): local.append(try LocalKeys.load(path))
            case .kms(let name):
                guard try NamedKMSKey(name).role == nil else {
                    throw .usage(
                        "--encryption-key \(name): a message is opened under one identity",
                        hint: "give --role-arn instead of role=")
                }
                names.append(name)
            }
        }
        if request.keys.isEmpty, let path = try? LocalKeys.defaultPath(environment),
            access(path.string, F_OK) == 0
        {
            local.append(try LocalKeys.load(path))
        }
        self.local = local
        kms = request.keys.isEmpty ? .named(request.filter) : .these(names)
        self.environment = environment
        self.aws = aws
    }

    var keyNames: [String] {
        let own = local.flatMap { $0.keyNames }
        switch kms {
        case .these(let names): return own + names
        case .named(let filter): return own + [KMSDiscoveryKeyring.name(of: filter)]
        }
    }

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
        for keyring in local {
            if let key = try await keyring.decryptDataKey(encrypted, for: purpose) { return key }
        }
        guard encrypted.providerID == "aws-kms" else { return nil }
        if case .these(let names) = kms, names.isEmpty { return nil }
        let configuration = try AWSConfiguration(environment: environment.variables, overrides: aws.overrides)
        return try await withAWSSession(configuration) { session in
            switch kms {
            case .named(let filter):
                return try await KMSDiscoveryKeyring(session: session, filter: filter)
                    .decryptDataKey(encrypted, for: purpose)
            case .these(let names):
                return try await Self.decrypt(encrypted, for: purpose, names, session)
            }
        }
    }

    /// Asks one key after the other; the first failure counts when none of them succeeds.
    private static func decrypt(
        _ encrypted: EncryptedDataKey, for purpose: DataKeyPurpose, _ names: [String], _ session: AWSSession
    ) async throws -> SymmetricKey? {
        var failure: (any Error)?
        for name in names {
            do {
                let keyring = KMSKeyring(session: session, keyID: name)
                if let key = try await keyring.decryptDataKey(encrypted, for: purpose) { return key }
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return nil
    }
}
