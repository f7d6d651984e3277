import Glibc
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

    /// Seals a file where it is, and gives it a new name when the message is complete.
    ///
    /// - Throws: what ``sealInPlace(_:keyring:context:suite:frameByteCount:observer:)`` throws; the file is empty then.
    package static func sealFile(
        inPlaceAt source: FilePath, renamedTo destination: FilePath, keyring: any Keyring,
        context: EncryptionContext = EncryptionContext(), suite: AlgorithmSuite = .committingSigned,
        observer: MessageObserver? = nil
    ) async throws(EnvelopeError) -> SealedSummary {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(source, .readWrite, options: [.noFollow, .closeOnExec])
        } catch {
            throw EnvelopeError.inputOutput("cannot open", error).about(source)
        }
        defer { try? file.close() }
        do throws(EnvelopeError) {
            let summary = try await sealInPlace(
                file, keyring: keyring, context: context, suite: suite, observer: observer)
            guard rename(source.string, destination.string) == 0 else {
                throw EnvelopeError.inputOutput("cannot rename", Errno(rawValue: errno))
            }
            return summary
        } catch {
            ftruncate(file.rawValue, 0)
            throw error.about(source)
        }
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

    /// Opens a file for reading.
    /// - Throws: ``EnvelopeError/Code/inputOutput`` when that is refused.
    package static func openInput(_ path: FilePath) throws(EnvelopeError) -> FileDescriptor {
        do {
            return try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
        } catch {
            throw EnvelopeError.inputOutput("cannot open", error).about(path)
        }
    }
}
