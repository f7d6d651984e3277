import Buildspec

/// `cache`: a local build without a project has no cache, and says so in CodeBuild's words (reference, section 4.5).
struct CacheLines: BuildFeature {
    let moments: Set<BuildMoment> = [.restore]

    func act(at moment: BuildMoment, in scene: BuildScene) async -> Contribution {
        if let cache = scene.buildspec.cache, !cache.paths.isEmpty {
            await scene.log.agent("Skip cache due to: the project has no cache configured")
        } else {
            await scene.log.agent("Cache is not defined in the buildspec")
            await scene.log.agent("Skip cache due to: no paths specified to be cached")
        }
        return Contribution()
    }
}
