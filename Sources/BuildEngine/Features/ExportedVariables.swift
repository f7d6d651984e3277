import BuildProject
import Buildspec
import Diagnostics
import Sandbox

/// `env/exported-variables`: their values at the end of POST_BUILD (behaviour reference, section 1.4).
struct ExportedVariables: BuildFeature {
    let moments: Set<BuildMoment> = [.afterCommands]

    func act(at moment: BuildMoment, in scene: BuildScene) async -> Contribution {
        var contribution = Contribution()
        let names = scene.buildspec.env.exportedVariables.map(\.value)
        guard !names.isEmpty, let runner = scene.runner, let values = try? await runner.environment() else {
            return contribution
        }
        // The last one of a name counts, and start-build's come last.
        let given = scene.plan.project.environmentVariables + scene.plan.overrides
        for name in names {
            if let kind = given.last(where: { $0.name == name })?.kind, kind != .plaintext {
                contribution.warnings.append(
                    "exported variable \(name) is ignored: the project's \(kind.rawValue) variables cannot be exported"
                )
                await scene.log.agent(
                    "Skip exporting \(name): it is a \(kind.rawValue) variable of the project")
            } else if name.hasPrefix(AssumedBehaviour.unexportablePrefix) {
                contribution.warnings.append(
                    "exported variable \(name) is ignored: AWS_ names cannot be exported")
            } else if let value = values[name] ?? (AssumedBehaviour.exportsUnsetVariables ? "" : nil) {
                contribution.record.exportedVariables.append(.init(name: name, value: value))
            } else {
                // Whoever uses it later would only be told that there is no such variable.
                contribution.warnings.append("exported variable \(name) is not set at the end of POST_BUILD")
            }
        }
        return contribution
    }
}
