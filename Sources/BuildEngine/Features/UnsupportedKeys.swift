import Buildspec
import Diagnostics

/// Says which keys of a buildspec this runner knows but does not act on, so that nobody waits for what will not come.
struct UnsupportedKeys: BuildFeature {
    let moments: Set<BuildMoment> = [.environment]

    func act(at moment: BuildMoment, in scene: BuildScene) async -> Contribution {
        let buildspec = scene.buildspec
        var remarks: [String] = []
        if buildspec.batch != nil { remarks.append("batch has no effect: this is one ordinary build") }
        var contribution = Contribution()
        contribution.warnings = remarks
        return contribution
    }
}
