import Buildspec
import Diagnostics

/// Says which keys of a buildspec this runner knows but does not act on, so that nobody waits for what will not come.
struct UnsupportedKeys: BuildFeature {
    let moments: Set<BuildMoment> = [.environment]

    func act(at moment: BuildMoment, in scene: BuildScene) async -> Contribution {
        let buildspec = scene.buildspec
        var remarks: [String] = []
        let users = ([buildspec.runAs] + buildspec.phases.map(\.runAs)).compactMap { $0?.value }
        if users.contains(where: { $0 != "root" }) {
            remarks.append("run-as has no effect: the sandbox has no user but root")
        }
        if buildspec.phases.contains(where: { Self.isRetry($0.onFailure?.value) }) {
            remarks.append("on-failure RETRY has no effect: the phase is tried once")
        }
        if !buildspec.reports.isEmpty { remarks.append("reports are not read") }
        if buildspec.batch != nil { remarks.append("batch has no effect: this is one ordinary build") }
        if buildspec.env.gitCredentialHelper?.value == true {
            remarks.append("git-credential-helper has no effect: git asks nobody for credentials")
        }
        var contribution = Contribution()
        contribution.warnings = remarks
        return contribution
    }

    private static func isRetry(_ onFailure: OnFailure?) -> Bool {
        if case .retry = onFailure { return true }
        return false
    }
}
