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
        for name in names {
            if name.hasPrefix(AssumedBehaviour.unexportablePrefix) {
                contribution.warnings.append(
                    "exported variable \(name) is ignored: AWS_ names cannot be exported")
            } else if let value = values[name] ?? (AssumedBehaviour.exportsUnsetVariables ? "" : nil) {
                contribution.record.exportedVariables.append(.init(name: name, value: value))
            }
        }
        return contribution
    }
}
