package import BuildEngine
package import Envelope
package import SystemPackage

/// Client-side encryption of artifacts as AWS Encryption SDK messages.
package struct EnvelopeSealer: ArtifactSealer {
    private let keyring: any Keyring

    /// Seals under a keyring's keys.
    package init(keyring: any Keyring) {
        self.keyring = keyring
    }

    /// Encrypts a file; the message is bound to `context`.
    /// - Throws: ``RunnerFailure`` when a key cannot be used, or a file cannot be read or written.
    package func seal(
        _ source: FilePath, to destination: FilePath, context: [String: String]
    ) async throws(RunnerFailure) {
        do throws(EnvelopeError) {
            _ = try await Envelope.sealFile(
                at: source, to: destination, keyring: keyring, context: try EncryptionContext(context))
        } catch {
            throw RunnerFailure("encrypt the artifact", error.description, hint: error.hint)
        }
    }
}
