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
            return KMSKeyring(session: session.assuming(role), keyID: named.key)
        }
    }
}

/// A KMS key of the command line: `KEY`, or for one that is used through a role of its own account
/// `KEY,role=ROLE-ARN` or `KEY,role=ROLE-ARN,external-id=ID`.
struct NamedKMSKey {
    var key: String
    /// The role, with what its trust policy may ask for.
    var role: AssumeRoleInput?

    /// Takes the text apart; neither ARNs nor aliases have commas, but external ids may.
    /// - Throws: ``CommandFailure`` with status `usage` for anything else behind a comma.
    init(_ text: String) throws(CommandFailure) {
        let parts = text.split(separator: ",", maxSplits: 2, omittingEmptySubsequences: false).map(
            String.init)
        key = parts[0]
        guard parts.count > 1 else { return }
        guard !key.isEmpty, parts[1].hasPrefix("role=arn:") else { throw Self.malformed(text) }
        role = AssumeRoleInput(
            roleARN: String(parts[1].dropFirst("role=".count)), sessionName: "buildspec")
        guard parts.count > 2 else { return }
        let label = "external-id="
        guard parts[2].hasPrefix(label), parts[2].utf8.count >= label.utf8.count + 2 else {
            throw Self.malformed(text)
        }
        role?.externalID = String(parts[2].dropFirst(label.count))
    }

    private static func malformed(_ text: String) -> CommandFailure {
        // An external id is told to two parties alone: it is not shown.
        let shown = text.split(separator: ",", maxSplits: 2).prefix(2).joined(separator: ",")
        return .usage(
            "--encryption-key \(shown): expected KEY, KEY,role=ROLE-ARN or KEY,role=ROLE-ARN,external-id=ID")
    }
}
