package import SystemPackage

extension Envelope {
    /// Seals a file.
    ///
    /// The message appears under its name, in place of what was there, when it is complete.
    ///
    /// - Throws: what ``seal(from:to:keyring:context:suite:frameByteCount:)`` throws; nothing is left behind then.
    package static func sealFile(
        at source: FilePath, to destination: FilePath, keyring: any Keyring,
        context: EncryptionContext = EncryptionContext(), suite: AlgorithmSuite = .committingSigned,
        frameByteCount: Int = defaultFrameByteCount, permissions: FilePermissions = .ownerReadWrite
    ) async throws(EnvelopeError) -> SealedSummary {
        let input = try openInput(source)
        defer { try? input.close() }
        let output = try PrivateOutput(for: destination)
        let summary: SealedSummary
        do {
            summary = try await seal(
                from: input, to: output.descriptor, keyring: keyring, context: context, suite: suite,
                frameByteCount: frameByteCount)
        } catch {
            output.discard()
            throw error.about(source)
        }
        try output.commit(permissions: permissions)
        return summary
    }

    /// Opens a message in a file.
    ///
    /// The content appears under its name, in place of what was there, only when the
    /// whole message was authenticated, its signature included.
    ///
    /// - Throws: what ``open(from:intoScratch:keyring:requiredContext:policy:)`` throws; nothing is left behind then.
    package static func openFile(
        at source: FilePath, to destination: FilePath, keyring: any Keyring,
        requiredContext: [String: String] = [:], policy: OpenPolicy = .strict,
        permissions: FilePermissions = .ownerReadWrite
    ) async throws(EnvelopeError) -> OpenedSummary {
        let input = try openInput(source)
        defer { try? input.close() }
        let output = try PrivateOutput(for: destination)
        let summary: OpenedSummary
        do {
            summary = try await open(
                from: input, intoScratch: output.descriptor, keyring: keyring,
                requiredContext: requiredContext,
                policy: policy)
        } catch {
            output.discard()
            throw error.about(source)
        }
        try output.commit(permissions: permissions)
        return summary
    }

    private static func openInput(_ path: FilePath) throws(EnvelopeError) -> FileDescriptor {
        do {
            return try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
        } catch {
            throw EnvelopeError.inputOutput("cannot open", error).about(path)
        }
    }
}
