import Archiving
import Buildspec
import Diagnostics
import Glibc
import Sandbox
import SystemPackage

/// `cache`: what a build leaves at `paths` is there for the next one, kept in a directory of this machine or in the place
/// that the project names (behaviour reference, sections 1.9, 4.5 and 7.2).
///
/// The rules are those of CodeBuild's S3 cache. It is restored in DOWNLOAD_SOURCE and saved at the end of POST_BUILD of
/// a build in which nothing has failed; nothing that goes wrong with it fails a build.
struct DependencyCache: BuildFeature {
    let moments: Set<BuildMoment> = [.restore, .afterCommands]

    func act(at moment: BuildMoment, in scene: BuildScene) async -> Contribution {
        let cache = scene.buildspec.cache
        guard let cache, !cache.paths.isEmpty else {
            if moment == .restore {
                await scene.log.agent("Cache is not defined in the buildspec")
                await scene.log.agent("Skip cache due to: no paths specified to be cached")
            }
            return Contribution()
        }
        guard let keeper = Self.keeper(scene), let runner = scene.runner else {
            if moment == .restore {
                await scene.log.agent("Skip cache due to: the project has no cache configured")
            }
            return Contribution()
        }
        if moment == .restore {
            guard cache.action?.value != .save else { return Contribution() }
            return await restore(cache, keeper, runner, scene)
        }
        guard cache.action?.value != .restore, scene.hasSucceeded || AssumedBehaviour.savesCacheAfterFailure
        else { return Contribution() }
        return await save(cache, keeper, runner, scene)
    }

    private static func keeper(_ scene: BuildScene) -> (any CacheKeeper)? {
        let project = scene.plan.identity.projectName
        if let plan = scene.plan.sharedCache, let objects = scene.services.cache {
            return SharedCache(
                objects: objects, namespace: plan.namespace ?? project, hasher: scene.services.hasher)
        }
        return scene.plan.cacheDirectory.map { CacheStore(directory: $0, project: project) }
    }

    private func restore(
        _ cache: Cache, _ keeper: any CacheKeeper, _ runner: CommandRunner, _ scene: BuildScene
    ) async -> Contribution {
        await scene.log.agent("Downloading S3 cache...")
        let key = await evaluated(cache.key, runner)
        var fallbacks: [String] = []
        if key != nil {
            for prefix in cache.fallbackKeys { fallbacks.append(await evaluated(prefix, runner) ?? "") }
        }
        let paths = cache.paths.map(\.value)
        var contribution = Contribution()
        let scratch = scene.plan.directories.staging.appending("cache-entry")
        defer { BuildFiles.removeQuietly(scratch) }
        do throws(RunnerFailure) {
            let wanted = CacheIdentity(key: key, paths: paths)
            guard let entry = try await keeper.fetch(wanted, fallbackKeys: fallbacks, into: scratch) else {
                await scene.log.agent("Unable to download cache: no cache entry matches")
                return contribution
            }
            await scene.log.agent("Unarchiving cache...")
            try await CacheFiles(scene: scene, runner: runner).restore(
                from: entry, within: keeper.isShared ? paths : nil)
            for path in paths { await scene.log.agent("Expanded cache path \(path)") }
        } catch {
            await scene.log.agent("Unable to download cache: \(error.reason)")
            contribution.warnings.append(error.description)
        }
        return contribution
    }

    private func save(
        _ cache: Cache, _ keeper: any CacheKeeper, _ runner: CommandRunner, _ scene: BuildScene
    ) async -> Contribution {
        let key = await evaluated(cache.key, runner)
        let identity = CacheIdentity(key: key, paths: cache.paths.map(\.value))
        var contribution = Contribution()
        do throws(RunnerFailure) {
            // An entry with a key never changes (reference 7.2).
            if key != nil, try await keeper.has(identity) { return contribution }
            await scene.log.agent("Uploading S3 cache...")
            let staged = scene.plan.directories.staging.appending("cache")
            defer { BuildFiles.removeQuietly(staged) }
            try BuildFiles.makeDirectories(staged)
            guard try await CacheFiles(scene: scene, runner: runner).pack(identity.paths, into: staged) else {
                await scene.log.agent("Skip cache due to: nothing found at the paths to be cached")
                return contribution
            }
            try await keeper.add(
                identity, of: scene.plan.identity.uuid, at: scene.services.clock(), from: staged)
        } catch {
            await scene.log.agent("Unable to upload cache: \(error.reason)")
            contribution.warnings.append(error.description)
        }
        return contribution
    }

    private func evaluated(_ text: Marked<String>?, _ runner: CommandRunner) async -> String? {
        guard let text else { return nil }
        return (try? await runner.expand(text.value)) ?? text.value
    }
}
