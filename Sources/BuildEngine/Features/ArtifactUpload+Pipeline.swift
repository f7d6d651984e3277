import BuildProject
import Buildspec
import Diagnostics

/// What is different about artifacts that a pipeline takes (behaviour reference, section 6.7).
extension ArtifactUpload {
    /// Why an output artifact of the action cannot come about; nil when all can.
    ///
    /// Later actions of the pipeline would wait for one in vain.
    func missingOutput(in scene: BuildScene) -> PhaseContext? {
        let project = scene.plan.project
        if let output = project.artifacts.output {
            guard let artifacts = scene.buildspec.artifacts, !primary(of: artifacts, scene).files.isEmpty
            else {
                return .clientError(
                    "the buildspec has no artifacts/files for the action's output artifact \(output.name)")
            }
        }
        let names = Set(scene.buildspec.artifacts?.secondary.map(\.name.value) ?? [])
        for case let output? in project.secondaryArtifacts?.map(\.output) ?? [] {
            guard !names.contains(output.name) else { continue }
            return .clientError(
                "the buildspec has no artifacts/secondary-artifacts/\(output.name) for the action's output "
                    + "artifact of that name")
        }
        return nil
    }

    /// The one artifact of an action with one output: also the secondary artifact of its name, without another.
    func primary(of artifacts: Artifacts, _ scene: BuildScene) -> Artifact {
        guard artifacts.primary.files.isEmpty, let output = scene.plan.project.artifacts.output else {
            return artifacts.primary
        }
        let entry = artifacts.secondary.first { $0.name.value == output.name }
        return entry?.value.value ?? artifacts.primary
    }

    /// Whether the pipeline takes no artifact of this identifier.
    ///
    /// A buildspec may serve several actions.
    func isUnwanted(_ identifier: String, _ scene: BuildScene) -> Bool {
        scene.plan.isOfPipeline && scene.plan.project.secondaryArtifact(identifier) == nil
    }
}
