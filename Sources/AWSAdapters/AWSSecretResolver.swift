package import AWSClient
package import BuildEngine
package import Buildspec
import FoundationEssentials

/// `env/parameter-store` and `env/secrets-manager` from AWS (behaviour reference, sections 1.4 and 3.6).
///
/// A session is opened when a secret is asked for, so that builds without secrets never look for credentials.
package struct AWSSecretResolver: SecretResolver {
    private enum Way: Sendable {
        case opened([String: String], AWSConfiguration.Overrides, AWSSessionOptions)
        case session(AWSSession)
    }

    private let way: Way

    /// Reaches AWS as configured by these variables, flags and options.
    package init(
        environment: [String: String], overrides: AWSConfiguration.Overrides,
        options: AWSSessionOptions = AWSSessionOptions()
    ) {
        way = .opened(environment, overrides, options)
    }

    /// Reaches AWS through a session that is open already.
    package init(session: AWSSession) {
        way = .session(session)
    }

    /// Values of Parameter Store parameters, decrypted.
    /// - Throws: ``SecretFailure``: `Parameter does not exist`, or `Decrypted Variables Error` with the service's words.
    package func parameters(_ names: [String]) async throws(SecretFailure) -> [String: String] {
        let values = try await call("Decrypted Variables Error") { session in
            try await SystemsManagerClient(context: try session.context(.ssm)).parameters(names)
        }
        guard values.missing.isEmpty else {
            let missing = values.missing.joined(separator: ", ")
            throw SecretFailure(
                PhaseContext(
                    statusCode: "Decrypted Variables Error", message: "Parameter does not exist: \(missing)"))
        }
        return values.found.mapValues(\.value)
    }

    /// The value of a secret, or of one key of its JSON text.
    /// - Throws: ``SecretFailure`` with `Secrets Manager Error` and the service's words.
    package func secret(_ reference: SecretReference) async throws(SecretFailure) -> String {
        let value = try await call("Secrets Manager Error") { session in
            try await SecretsManagerClient(context: try session.context(.secretsManager)).secretValue(
                reference.secretID, versionStage: reference.versionStage, versionID: reference.versionID)
        }
        guard let text = value.text else {
            throw Self.failure("the secret \(reference.secretID) is binary, which is not supported")
        }
        guard let key = reference.jsonKey else { return text }
        guard let found = SecretJSON.value(of: key, in: text) else {
            throw Self.failure("the secret \(reference.secretID) has no JSON key \(key)")
        }
        return found
    }

    private func call<Value: Sendable>(
        _ statusCode: String, _ body: @escaping @Sendable (AWSSession) async throws -> Value
    ) async throws(SecretFailure) -> Value {
        do {
            switch way {
            case .session(let session): return try await body(session)
            case .opened(let environment, let overrides, let options):
                let configuration = try AWSConfiguration(environment: environment, overrides: overrides)
                return try await withAWSSession(configuration, options: options, body)
            }
        } catch let error as AWSError {
            throw SecretFailure(PhaseContext(statusCode: statusCode, message: Self.words(of: error)))
        } catch {
            throw SecretFailure(PhaseContext(statusCode: statusCode, message: "\(error)"))
        }
    }

    /// The AWS SDK for Go's wording, which CodeBuild shows: `Code: message`, then status code and request id.
    private static func words(of error: AWSError) -> String {
        guard let failure = error.serviceFailure else { return error.description }
        let request = failure.requestID.map { ", request id: \($0)" } ?? ""
        return "\(failure.code): \(failure.message)\n\tstatus code: \(failure.status)\(request)"
    }

    private static func failure(_ message: String) -> SecretFailure {
        SecretFailure(PhaseContext(statusCode: "Secrets Manager Error", message: message))
    }
}
