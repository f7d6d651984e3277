package import Buildspec

/// Who knows the values of `env/parameter-store` and `env/secrets-manager`.
package protocol SecretResolver: Sendable {
    /// Values of Parameter Store parameters.
    /// - Parameter names: Parameter names as written in the buildspec.
    /// - Returns: A value for every name.
    /// - Throws: ``SecretFailure`` when one does not exist or may not be read.
    func parameters(_ names: [String]) async throws(SecretFailure) -> [String: String]

    /// The value of a Secrets Manager reference.
    /// - Throws: ``SecretFailure`` when it does not exist, has no such key, or may not be read.
    func secret(_ reference: SecretReference) async throws(SecretFailure) -> String
}

/// A secret that could not be had: the build fails in DOWNLOAD_SOURCE with this context
/// (behaviour reference, sections 1.4 and 3.6).
package struct SecretFailure: Error, Sendable, Hashable {
    /// `Decrypted Variables Error` or `Secrets Manager Error`, and the service's words.
    package var context: PhaseContext

    /// Wraps a context.
    package init(_ context: PhaseContext) {
        self.context = context
    }
}
