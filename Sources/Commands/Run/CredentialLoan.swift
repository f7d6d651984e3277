import AWSClient
import BuildEngine
import Masking
import Synchronization

/// The runner's AWS credentials, lent to one build for as long as it runs (`--aws-credentials`).
struct CredentialLoan: Sendable {
    private let source: CredentialProvider
    private let log: BuildLog
    private let problems = Problems()

    /// Lends what `source` gives and renews; `log` hides it.
    init(_ source: CredentialProvider, hiddenIn log: BuildLog) {
        self.source = source
        self.log = log
    }

    /// Runs a build while the endpoint answers; why it could not answer is among the outcome's warnings.
    /// - Throws: `AWSError` when the endpoint cannot be opened.
    func during(
        _ plan: BuildPlan, _ build: (LentCredentials) async -> BuildOutcome
    ) async throws -> BuildOutcome {
        let log = log
        let problems = problems
        let hide: @Sendable (Credentials) async -> Bool = { await Self.hide($0, in: log) }
        let note: @Sendable (AWSError) -> Void = { problems.note($0) }
        return try await withCredentialEndpoint(
            path: "/v2/credentials/\(plan.identity.uuid)", source: source,
            willServe: hide, didFail: note
        ) { endpoint in
            var outcome = await build(
                LentCredentials(url: endpoint.url, token: SecretText(endpoint.token)))
            outcome.warnings += problems.texts
            return outcome
        }
    }

    /// Whether nothing of these credentials can get into the log.
    private static func hide(_ credentials: Credentials, in log: BuildLog) async -> Bool {
        let results = await log.mask(credentials.secretValues.map(SecretText.init))
        return results.allSatisfy { result in
            if case .tooLong = result { false } else { true }
        }
    }

    /// What went wrong, each once.
    private final class Problems: Sendable {
        private static let limit = 8
        private let noted = Mutex<[String]>([])

        func note(_ error: AWSError) {
            noted.withLock { texts in
                let text = "the build asked for AWS credentials and got none: \(error)"
                if texts.count < Self.limit, !texts.contains(text) { texts.append(text) }
            }
        }

        var texts: [String] { noted.withLock { $0 } }
    }
}
