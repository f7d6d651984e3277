import AWSAdapters
import ArgumentParser
import Envelope

/// Which encrypted messages are opened, and with which keys.
struct OpeningOptions: ParsableArguments {
    /// `--commitment-policy`, in the words of the AWS Encryption SDK.
    enum CommitmentPolicy: String, OptionWord {
        case strict = "require-encrypt-require-decrypt"
        case legacy = "require-encrypt-allow-decrypt"
    }

    @Option(
        help: """
            local:FILE, or a KMS key id, ARN or alias/...: open with this key only (repeatable; default: your own \
            local key, and any KMS key that the message names).
            """)
    var encryptionKey: [String] = []

    @Option(help: "NAME=VALUE that the message has to be bound to (repeatable).")
    var encryptionContext: [String] = []

    @Option(help: "Use the KMS keys of this account only (repeatable).")
    var account: [String] = []

    @Option(help: "The AWS partition of --account.")
    var partition = "aws"

    @Option(help: "Most encrypted data keys in a message.")
    var maxEncryptedDataKeys = OpenPolicy.strict.encryptedDataKeyLimit

    @Option(help: "Whether old messages without key commitment are opened.")
    var commitmentPolicy: CommitmentPolicy = .strict

    /// The options as a value.
    /// - Throws: ``CommandFailure`` with status `usage`.
    func request(_ environment: RunnerEnvironment) throws(CommandFailure) -> OpeningRequest {
        guard encryptionKey.isEmpty || account.isEmpty else {
            throw .usage(
                "--account: contradicts --encryption-key, which says which keys are used",
                hint: "leave one of them out")
        }
        for account in account {
            guard account.utf8.count == 12, account.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else {
                throw .usage("--account \(account): expected the 12 digits of an AWS account")
            }
        }
        guard maxEncryptedDataKeys > 0 else {
            throw .usage("--max-encrypted-data-keys \(maxEncryptedDataKeys): it must be at least 1")
        }
        var policy = commitmentPolicy == .strict ? OpenPolicy.strict : .legacy
        policy.encryptedDataKeyLimit = maxEncryptedDataKeys
        return OpeningRequest(
            keys: try RunRequest.Key.read(encryptionKey, environment),
            filter: account.isEmpty ? nil : .init(partition: partition, accounts: account),
            requiredContext: try EncryptionContextArguments.read(encryptionContext), policy: policy)
    }
}

/// Which encrypted messages are opened, and with which keys.
struct OpeningRequest: Sendable {
    /// The only keys that are used; without any: the user's own, and KMS keys that the message names.
    var keys: [RunRequest.Key]
    /// Which of the KMS keys that a message names are used; nil for any.
    var filter: KMSDiscoveryKeyring.Filter?
    var requiredContext: [String: String]
    var policy: OpenPolicy
}
