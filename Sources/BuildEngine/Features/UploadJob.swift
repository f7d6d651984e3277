import Archiving
import BuildProject
import Buildspec
import CLinuxCalls
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
    /// The object's key, without the suffix of encryption; the folder's with packaging NONE.
    var key = ""

    /// Selects, packs as the project says, encrypts and stores.
    /// - Throws: ``UploadFailure``.
    func run() async throws(UploadFailure) -> Result {
        if let identifier = settings.artifactIdentifier {
            await scene.log.agent("Preparing to copy secondary artifacts \(identifier)")
        }
        let selection = try await select()
        let warnings =
            selection.notes.compactMap(SelectionLog.warning)
            + (await DeployFileCheck.tell(selection, artifact: key, in: scene.log))
        guard settings.packaging == .zip else {
            try await FolderUpload(job: self, selection: selection).run()
            return result(location: folderLocation, nil, selection, warnings)
        }
        // Not named after the artifact: a buildspec's identifier may hold slashes.
        let staged = scene.plan.directories.staging.appending("artifact")
        let zip = FilePath(staged.string + ".zip")
        let digest = try pack(selection, into: zip)
        defer { unlink(zip.string) }
        let sealed = FilePath(staged.string + ".enc")
        defer { unlink(sealed.string) }
        let contentType = sealer == nil ? "application/zip" : "application/octet-stream"
        let (stored, sent) = try await store(
            zip, sealed, key: key, contentType: contentType, digest: digest)
        return result(location: stored.location, sent, selection, warnings)
    }

    /// The place of an artifact that is a folder.
    private var folderLocation: String {
        let bucket = scene.plan.usesProjectBuckets ? settings.location : nil
        return scene.services.store.location(ofKey: key, bucket: bucket)
    }

    /// Client-side encryption, unless the project wants none for this artifact.
    private var sealer: (any ArtifactSealer)? { isPlain ? nil : scene.services.sealer }

    /// Whether nobody encrypts this artifact.
    private var isPlain: Bool {
        scene.plan.encryption.mode == .none
            || settings.encryptionDisabled && !scene.plan.encryption.isDemanded
    }

    private func select() async throws(UploadFailure) -> Selection {
        let request = ArtifactSelectionRequest(
            patterns: artifact.files.map(expanded), excludePaths: artifact.excludePaths.map(expanded),
            baseDirectory: artifact.baseDirectory.map(expanded),
            discardPaths: artifact.discardPaths?.value ?? false,
            enableSymlinks: artifact.enableSymlinks?.value ?? false)
        let log = SelectionLog(log: scene.log)
        do throws(RunnerFailure) {
            try await OutsideFiles(scene: scene, runner: runner).bring(
                request.patterns, in: request.baseDirectory, to: "copy the artifact's files")
        } catch {
            throw UploadFailure(error)
        }
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
        if settings.output == nil, settings.overrideArtifactName, let override = artifact.name?.value {
            let evaluated = try? await runner.expand(override)
            if let evaluated, !evaluated.isEmpty { name = evaluated }
        }
        let prefix = artifact.s3Prefix.map(expanded)
        let key =
            settings.output?.objectKey
            ?? settings.key(name: name, buildID: scene.plan.identity.uuid, s3Prefix: prefix)
        let parts = key.split(separator: "/")
        let isRoot = parts.isEmpty && settings.packaging == .none && name.allSatisfy { $0 == "/" }
        let isUsable =
            (!parts.isEmpty || isRoot) && !parts.contains("..") && !parts.contains(".")
            && key.utf8.count <= 1000
        guard isUsable, !key.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) else {
            // The path may be at fault, too.
            let whole = key == name ? "" : ", whose key is \(key.prefix(1100))"
            throw UploadFailure(
                .clientError(
                    "the artifact name cannot be used as an object key: \(name.prefix(1100))\(whole)"), nil)
        }
        return key
    }

    /// Writes the zip, and hashes it while it is written if it is stored as it is.
    private func pack(_ selection: Selection, into zip: FilePath) throws(UploadFailure) -> ContentDigest? {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(
                zip, .readWrite, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: .ownerReadWrite)
        } catch {
            throw UploadFailure(RunnerFailure("write the artifact", "\(error)"))
        }
        defer { try? file.close() }
        do throws(ArchivingError) {
            let digest = sealer == nil ? scene.services.hasher.running() : nil
            let observer = digest.map { ZipObserver(bytes: $0.update) } ?? ZipObserver()
            _ = try ZipWriter().write(selection, to: file, observer: observer)
            return digest?.finish()
        } catch {
            let isRunners = error.code == .noSpace || error.code == .unwritable
            let hint = error.code == .noSpace ? "free space on the file system of \(zip)" : error.hint
            let failure = RunnerFailure("write the artifact", error.description, hint: hint)
            throw UploadFailure(.clientError(error.description), isRunners ? failure : nil)
        }
    }

    /// Encrypts one file and stores it; `digest` is the content's, where it is known already.
    /// - Returns: Where the object is, and the digest of what was stored.
    /// - Throws: ``UploadFailure``.
    private func store(
        _ content: FilePath, _ sealed: FilePath, key: String, contentType: String, digest: ContentDigest?
    ) async throws(UploadFailure) -> (StoredArtifact, ContentDigest) {
        let (object, digest) = try await object(
            of: content, sealed, key: key, contentType: contentType, digest: digest)
        // The buffers of packing and sealing are not needed any more, and uploading wants its own.
        buildspec_release_freed_memory()
        do throws(RunnerFailure) {
            return (try await scene.services.store.store(object), digest)
        } catch {
            throw UploadFailure(error)
        }
    }

    /// Encrypts one file, so that it can be stored; `digest` is the content's, where it is known already.
    /// - Returns: What is to be stored, and the digest of it.
    /// - Throws: ``UploadFailure``.
    func object(
        of content: FilePath, _ sealed: FilePath, key: String, contentType: String,
        digest: ContentDigest? = nil
    ) async throws(UploadFailure) -> (ArtifactObject, ContentDigest) {
        do throws(RunnerFailure) {
            var file = content
            var key = key
            var known = digest
            if let sealer {
                let running = scene.services.hasher.running()
                try await sealer.seal(content, to: sealed, context: sealingContext, digest: running)
                file = sealed
                key += ".enc"
                known = running.finish()
            }
            let digest: ContentDigest
            if let known {
                digest = known
            } else {
                digest = try await scene.services.hasher.digest(of: file)
            }
            var object = ArtifactObject(
                key: key, file: file, contentType: sealer == nil ? contentType : "application/octet-stream",
                metadata: metadata(digest))
            object.isPlain = isPlain
            object.bucketOwnerAccess = settings.bucketOwnerAccess
            object.bucket = scene.plan.usesProjectBuckets ? settings.location : nil
            return (object, digest)
        } catch {
            throw UploadFailure(error)
        }
    }

    private func result(
        location: String, _ digest: ContentDigest?, _ selection: Selection, _ warnings: [String]
    ) -> Result {
        Result(
            record: record(location: location, digest), warnings: warnings,
            diagnostics: skipped(in: selection))
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

    private func record(location: String, _ digest: ContentDigest?) -> BuildRecord.Artifacts {
        BuildRecord.Artifacts(
            location: location, md5sum: digest?.md5, sha256sum: digest?.sha256,
            overrideArtifactName: settings.overrideArtifactName, encryptionDisabled: isPlain,
            bucketOwnerAccess: settings.bucketOwnerAccess?.rawValue,
            artifactIdentifier: settings.artifactIdentifier)
    }
}
