import Buildspec
import Diagnostics
import Sandbox
import YAMLTree

/// `runtime-versions`: the image's own commands select them, wherever there is a `runtimes.yml`
/// (behaviour reference, sections 4.3 and 12).
///
/// Acts in DOWNLOAD_SOURCE, before the cache is restored and before the `install` commands.
struct RuntimeVersions: BuildFeature {
    let moments: Set<BuildMoment> = [.runtimes]

    /// Larger than every published file by far.
    private static let limit = 1 << 20

    func act(at moment: BuildMoment, in scene: BuildScene) async -> Contribution {
        var contribution = Contribution()
        let wanted = scene.buildspec.phase(.install)?.runtimeVersions ?? []
        do throws(PhaseFailure) {
            guard !wanted.isEmpty else {
                if AssumedBehaviour.requiresRuntime(image: scene.plan.sandbox.container?.image) {
                    throw PhaseFailure(
                        .yamlFileError("This build image requires selecting at least one runtime version."))
                }
                await scene.log.agent("No runtime version selected in buildspec.")
                return contribution
            }
            guard let runner = scene.runner else { return contribution }
            try await install(wanted, with: runner.carryingState, scene)
        } catch {
            contribution.contexts = error.contexts
            contribution.runnerFailure = error.runnerFailure
        }
        return contribution
    }

    private func install(
        _ wanted: [NamedValue<String>], with runner: CommandRunner, _ scene: BuildScene
    ) async throws(PhaseFailure) {
        let variables: [String: String]
        let file: [UInt8]?
        do throws(SandboxError) {
            file = try await runner.contents(ofFile: RuntimeCatalog.path, limit: Self.limit)
            variables = try await runner.environment()
        } catch {
            throw PhaseFailure(
                RunnerFailure("read the image's runtimes", error.description, hint: error.hint))
        }
        guard let file else {
            await scene.log.agent(
                "Skipping install of runtimes. Runtime version selection is not supported by this build image"
            )
            return
        }
        let catalog: RuntimeCatalog
        do throws(YAMLError) {
            catalog = try RuntimeCatalog(parsing: file)
        } catch {
            throw PhaseFailure(.clientError("\(RuntimeCatalog.path): \(error)"))
        }
        let expanded = wanted.map {
            (language: $0.name.value, version: VariableExpansion.expand($0.value.value, variables))
        }
        for choice in try RuntimeSelection(expanded, from: catalog).choices {
            await scene.log.agent(
                "Selecting '\(choice.language)' runtime version '\(choice.version)' based on manual selections..."
            )
            try await run(choice, with: runner, variables["VERSION"], scene.log)
        }
    }

    private func run(
        _ choice: RuntimeSelection.Choice, with runner: CommandRunner, _ version: String?, _ log: BuildLog
    ) async throws(PhaseFailure) {
        var failure: PhaseContext?
        do throws(SandboxError) {
            if let variable = choice.variable { try runner.export([("VERSION", variable)]) }
            for command in choice.commands {
                await log.agent("Running command \(command)")
                let status = try await runner.run(command)
                await log.endOfCommand()
                guard !status.isSuccess else { continue }
                await log.agent("Command did not exit successfully \(command) \(status)")
                failure = .commandFailed(command, status.description)
                break
            }
            // The build's own variable, or none.
            if choice.variable != nil {
                if let version {
                    try runner.export([("VERSION", version)])
                } else {
                    _ = try await runner.run("unset VERSION")
                }
            }
        } catch {
            throw PhaseFailure(RunnerFailure("run the image's commands", error.description, hint: error.hint))
        }
        if let failure { throw PhaseFailure(failure) }
    }
}
