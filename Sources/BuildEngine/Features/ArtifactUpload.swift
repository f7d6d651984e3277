import Archiving
import BuildProject
import Buildspec
import Diagnostics
import Glibc
import Sandbox
import SystemPackage

/// `artifacts`: selects, zips, encrypts and stores the primary and the secondary artifacts in UPLOAD_ARTIFACTS
/// (behaviour reference, section 6).
struct ArtifactUpload: BuildFeature {
    let moments: Set<BuildMoment> = [.uploadArtifacts]

    func act(at moment: BuildMoment, in scene: BuildScene) async -> Contribution {
        var contribution = Contribution()
        if let missing = missingOutput(in: scene) {
            contribution.contexts = [missing]
            return contribution
        }
        guard let artifacts = scene.buildspec.artifacts, let runner = scene.runner else {
            return contribution
        }
        let project = scene.plan.project
        let identifiers = Set(artifacts.secondary.map(\.name.value))
        for settings in project.secondaryArtifacts ?? [] {
            guard let name = settings.artifactIdentifier, !identifiers.contains(name) else { continue }
            contribution.warnings.append(
                "the buildspec has no secondary artifact \(name), which the project wants")
        }
        guard project.artifacts.kind != .noArtifacts || !(project.secondaryArtifacts ?? []).isEmpty else {
            contribution.warnings.append(
                "the project wants no artifacts: those of the buildspec are not stored")
            return contribution
        }
        do throws(UploadFailure) {
            let jobs = try await jobs(for: artifacts, runner, scene)
            for job in jobs {
                let stored = try await job.run()
                if job.settings.artifactIdentifier == nil {
                    contribution.record.artifacts = stored.record
                } else {
                    contribution.record.secondaryArtifacts.append(stored.record)
                }
                contribution.warnings += stored.warnings
                contribution.diagnostics += stored.diagnostics
            }
        } catch {
            contribution.contexts = [error.context]
            contribution.diagnostics += error.diagnostics
            contribution.runnerFailure = error.runnerFailure
        }
        return contribution
    }

    /// All artifacts with their keys, which are known and checked before the first of them is stored.
    private func jobs(
        for artifacts: Artifacts, _ runner: CommandRunner, _ scene: BuildScene
    ) async throws(UploadFailure) -> [UploadJob] {
        let variables = try await environment(of: scene)
        var wanted: [(artifact: Artifact, settings: ProjectArtifacts)] = []
        let primary = primary(of: artifacts, scene)
        if !primary.files.isEmpty, scene.plan.project.artifacts.kind != .noArtifacts {
            wanted.append((primary, scene.plan.project.artifacts))
        }
        for entry in artifacts.secondary where !isUnwanted(entry.name.value, scene) {
            guard let settings = scene.plan.project.secondaryArtifact(entry.name.value) else {
                throw UploadFailure(AssumedBehaviour.unknownSecondaryArtifact(entry.name.value), nil)
            }
            wanted.append((entry.value.value, settings))
        }
        var jobs: [UploadJob] = []
        for (artifact, settings) in wanted {
            var job = UploadJob(
                scene: scene, runner: runner, variables: variables, artifact: artifact, settings: settings)
            job.key = try await job.objectKey()
            if jobs.contains(where: {
                $0.key == job.key
                    && (!scene.plan.usesProjectBuckets || $0.settings.location == settings.location)
            }) {
                throw UploadFailure(.clientError("two artifacts have the same name: \(job.key)"), nil)
            }
            jobs.append(job)
        }
        return jobs
    }

    private func environment(of scene: BuildScene) async throws(UploadFailure) -> [String: String] {
        do {
            return try await scene.runner?.environment() ?? [:]
        } catch {
            throw UploadFailure(RunnerFailure("read the build's variables", error.description))
        }
    }
}

/// Why an artifact was not stored.
struct UploadFailure: Error, Sendable {
    /// What the phase's context says.
    var context: PhaseContext
    /// Set when it is the runner's failure.
    var runnerFailure: RunnerFailure?
    /// Which places of the buildspec it is about.
    var diagnostics: [Diagnostic] = []

    init(_ context: PhaseContext, _ runnerFailure: RunnerFailure?) {
        self.context = context
        self.runnerFailure = runnerFailure
    }

    init(_ failure: RunnerFailure) {
        context = .clientError("Error uploading artifacts: \(failure.reason)")
        runnerFailure = failure
    }
}
