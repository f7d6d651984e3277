import AWSAdapters
import AWSClient
import Envelope

/// The keyring of keys that were named.
enum SealingKeyring {
    /// One keyring for all keys: each of them opens what it seals.
    /// - Throws: ``CommandFailure`` when there is no such local key, or no AWS session.
    static func keyring(
        of key: RunRequest.Key, and further: [RunRequest.Key], _ session: AWSSession?
    ) throws(CommandFailure) -> any Keyring {
        let generator = try keyring(of: key, session)
        var others: [any Keyring] = []
        for key in further { others.append(try keyring(of: key, session)) }
        return others.isEmpty ? generator : MultiKeyring(generator: generator, others: others)
    }

    private static func keyring(
        of key: RunRequest.Key, _ session: AWSSession?
    ) throws(CommandFailure) -> any Keyring {
        switch key {
        case .local(let path): return try LocalKeys.load(path)
        case .kms(let text):
            guard let session else { throw CommandFailure(.runner, "\(text): there is no AWS session") }
            let named = try NamedKMSKey(text)
            guard let role = named.role else { return KMSKeyring(session: session, keyID: named.key) }
            let acting = session.assuming(AssumeRoleInput(roleARN: role, sessionName: "buildspec"))
            return KMSKeyring(session: acting, keyID: named.key)
        }
    }
}

/// A KMS key of the command line: `KEY`, or `KEY,role=ROLE-ARN` for one that is used through a role of its own account.
struct NamedKMSKey {
    var key: String
    var role: String?

    /// Takes the text apart; neither ARNs nor aliases have commas.
    /// - Throws: ``CommandFailure`` with status `usage` for anything else behind a comma.
    init(_ text: String) throws(CommandFailure) {
        let parts = text.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        key = parts[0]
        guard parts.count > 1 else { return }
        guard !key.isEmpty, parts[1].hasPrefix("role=arn:") else {
            throw .usage("--encryption-key \(text): expected KEY or KEY,role=ROLE-ARN")
        }
        role = String(parts[1].dropFirst(5))
    }
}
