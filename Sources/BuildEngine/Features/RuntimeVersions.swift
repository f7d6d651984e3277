import Buildspec

/// `runtime-versions`: without a build image there is nothing to select from, so CodeBuild's warning is all
/// (behaviour reference, sections 4.3 and 12.2).
struct RuntimeVersions: BuildFeature {
    let moments: Set<BuildMoment> = [.environment]

    func act(at moment: BuildMoment, in scene: BuildScene) async -> Contribution {
        let wanted = scene.buildspec.phase(.install)?.runtimeVersions ?? []
        if wanted.isEmpty {
            await scene.log.agent("No runtime version selected in buildspec.")
        } else {
            await scene.log.agent(
                "Skipping install of runtimes. Runtime version selection is not supported by this build image"
            )
        }
        return Contribution()
    }
}
