import Archiving
import BuildProject
import Buildspec
import Diagnostics
import Glibc
import Sandbox
import SystemPackage

/// One artifact on its way from the workspace into the store.
struct UploadJob: Sendable {
    /// What became of it.
    struct Result: Sendable {
        var record: BuildRecord.Artifacts
        var warnings: [String]
        var diagnostics: [Diagnostic]
    }

    var scene: BuildScene
    var runner: CommandRunner
    /// The variables at the end of POST_BUILD.
    var variables: [String: String]
    var artifact: Artifact
    var settings: ProjectArtifacts
    /// The object's key, without the suffix of encryption.
    var key = ""

    /// Selects, zips, encrypts and stores.
    /// - Throws: ``UploadFailure``.
    func run() async throws(UploadFailure) -> Result {
        if let identifier = settings.artifactIdentifier {
            await scene.log.agent("Preparing to copy secondary artifacts \(identifier)")
        }
        let selection = try await select()
        // Not named after the artifact: a buildspec's identifier may hold slashes.
        let staged = scene.plan.directories.staging.appending("artifact")
        let zip = FilePath(staged.string + ".zip")
        try pack(selection, into: zip)
        defer { unlink(zip.string) }
        let sealed = FilePath(staged.string + ".enc")
        defer { unlink(sealed.string) }
        return try await send(zip, sealed, selection)
    }

    private func select() async throws(UploadFailure) -> Selection {
        let request = ArtifactSelectionRequest(
            patterns: artifact.files.map(expanded), excludePaths: artifact.excludePaths.map(expanded),
            baseDirectory: artifact.baseDirectory.map(expanded),
            discardPaths: artifact.discardPaths?.value ?? false,
            enableSymlinks: artifact.enableSymlinks?.value ?? false)
        let log = SelectionLog(log: scene.log)
        do throws(ArchivingError) {
            let root = scene.workspace.root
            let selector = try FileSelector(
                root: root.insidePath == "/" ? root.hostPath : "/",
                sourceDirectory: scene.workspace.sourceDirectory)
            let selection = try selector.select(request)
            await log.tell(selection.notes, found: selection.files.count)
            return selection
        } catch {
            await log.tell(request: request, failure: error)
            var failure = UploadFailure(.clientError(error.description), nil)
            failure.diagnostics = places(of: error)
            throw failure
        }
    }

    /// The lines of the buildspec that match nothing.
    private func places(of error: ArchivingError) -> [Diagnostic] {
        switch error.code {
        case .noMatchingFiles:
            artifact.files.map {
                Diagnostic(.noMatchingArtifactPaths, error.description, at: $0.range, mend: error.hint)
            }
        case .noMatchingBaseDirectory:
            [
                Diagnostic(
                    .noMatchingBaseDirectory, error.description, at: artifact.baseDirectory?.range,
                    mend: error.hint)
            ]
        default: []
        }
    }

    /// The artifact paths that were skipped, with their lines.
    private func skipped(in selection: Selection) -> [Diagnostic] {
        selection.notes.compactMap { note in
            guard case .patternWithoutMatch(let pattern) = note,
                let file = artifact.files.first(where: { expanded($0) == pattern })
            else { return nil }
            return Diagnostic(
                .artifactPathWithoutMatch, "Skipping invalid file path \(pattern)", at: file.range)
        }
    }

    private func expanded(_ text: Marked<String>) -> String {
        VariableExpansion.expand(text.value, variables)
    }

    /// The artifact's name is evaluated by the shell in the state at the end of POST_BUILD; when that fails or gives
    /// nothing, the project's own name is used (behaviour reference, section 6.4).
    func objectKey() async throws(UploadFailure) -> String {
        var name = settings.name
        if settings.overrideArtifactName, let override = artifact.name?.value {
            let evaluated = try? await runner.expand(override)
            if let evaluated, !evaluated.isEmpty { name = evaluated }
        }
        let prefix = artifact.s3Prefix.map(expanded)
        let key = settings.key(name: name, buildID: scene.plan.identity.uuid, s3Prefix: prefix)
        let parts = key.split(separator: "/")
        let isUsable =
            !parts.isEmpty && !parts.contains("..") && !parts.contains(".") && key.utf8.count <= 1000
        guard isUsable, !key.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) else {
            throw UploadFailure(
                .clientError("the artifact name cannot be used as an object key: \(name)"), nil)
        }
        return key
    }

    private func pack(_ selection: Selection, into zip: FilePath) throws(UploadFailure) {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(
                zip, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: .ownerReadWrite)
        } catch {
            throw UploadFailure(RunnerFailure("write the artifact", "\(error)"))
        }
        defer { try? file.close() }
        do throws(ArchivingError) {
            _ = try ZipWriter().write(selection, to: file)
        } catch {
            let isRunners = error.code == .noSpace || error.code == .unwritable
            let hint = error.code == .noSpace ? "free space on the file system of \(zip)" : error.hint
            let failure = RunnerFailure("write the artifact", error.description, hint: hint)
            throw UploadFailure(.clientError(error.description), isRunners ? failure : nil)
        }
    }

    private func send(
        _ zip: FilePath, _ sealed: FilePath, _ selection: Selection
    ) async throws(UploadFailure) -> Result {
        do throws(RunnerFailure) {
            var file = zip
            var key = key
            if let sealer = scene.services.sealer {
                try await sealer.seal(zip, to: sealed, context: sealingContext)
                file = sealed
                key += ".enc"
            }
            let digest = try await scene.services.hasher.digest(of: file)
            let stored = try await scene.services.store.store(
                ArtifactObject(
                    key: key, file: file, contentType: contentType, metadata: metadata(digest)))
            return Result(
                record: record(location: stored.location, digest),
                warnings: selection.notes.compactMap(SelectionLog.warning)
                    + DeployFileCheck.warnings(selection, artifact: self.key),
                diagnostics: skipped(in: selection))
        } catch {
            throw UploadFailure(error)
        }
    }

    private var contentType: String {
        scene.services.sealer == nil ? "application/zip" : "application/octet-stream"
    }

    /// What a client-side encrypted artifact is bound to.
    private var sealingContext: [String: String] {
        [
            "codebuild-buildarn": scene.plan.identity.buildARN,
            "codebuild-project": scene.plan.identity.projectName,
            "codebuild-artifact": settings.artifactIdentifier ?? "primary",
        ]
    }

    /// Behaviour reference, section 6.5.
    private func metadata(_ digest: ContentDigest) -> [String: String] {
        [
            "codebuild-buildarn": scene.plan.identity.buildARN,
            "codebuild-content-md5": digest.md5,
            "codebuild-content-sha256": digest.sha256,
        ]
    }

    private func record(location: String, _ digest: ContentDigest) -> BuildRecord.Artifacts {
        BuildRecord.Artifacts(
            location: location, md5sum: digest.md5, sha256sum: digest.sha256,
            overrideArtifactName: settings.overrideArtifactName,
            encryptionDisabled: scene.plan.encryption.mode == .none,
            artifactIdentifier: settings.artifactIdentifier)
    }
}
