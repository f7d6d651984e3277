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

    /// Encrypts a file where it is and gives it its new name; the message is bound to `context`.
    ///
    /// A second file would cost more than the encryption: the kernel finds, clears and fills all its pages.
    /// - Throws: ``RunnerFailure`` when a key cannot be used, or a file cannot be read or written.
    package func seal(
        _ source: FilePath, to destination: FilePath, context: [String: String],
        digest: any RunningContentDigest
    ) async throws(RunnerFailure) {
        do throws(EnvelopeError) {
            _ = try await Envelope.sealFile(
                inPlaceAt: source, renamedTo: destination, keyring: keyring,
                context: try EncryptionContext(context), observer: digest.update)
        } catch {
            throw RunnerFailure("encrypt the artifact", error.description, hint: error.hint)
        }
    }
}
