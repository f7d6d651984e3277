import BuildProject
import Buildspec
import Diagnostics
import Sandbox
import SystemPackage

/// `env/git-credential-helper`: git asks for the credentials of CodeCommit repositories, and gets them from the AWS
/// credentials that are lent to the build (behaviour reference, section 1.4).
///
/// The settings are those that CodeCommit's guide gives for `aws codecommit credential-helper`, whose part
/// `buildspec git-credential` plays. They are given by variables (git 2.31 or later), so that no file of the image or of
/// the build is changed; `git config` of a build adds to them.
struct GitCredentialHelper: BuildFeature {
    let moments: Set<BuildMoment> = [.environment]

    func act(at moment: BuildMoment, in scene: BuildScene) async -> Contribution {
        var contribution = Contribution()
        guard scene.buildspec.env.gitCredentialHelper?.value == true else { return contribution }
        guard scene.plan.sandbox.tools["buildspec"] != nil else {
            contribution.warnings = ["git-credential-helper has no effect: there is no helper to offer"]
            return contribution
        }
        let tool = scene.workspace.root.inside("codebuild/user/bin/buildspec")
        let settings = [
            ("credential.helper", "!\(ShellQuoting.quote(tool.string)) git-credential"),
            ("credential.UseHttpPath", "true"),
        ]
        contribution.variables = [("GIT_CONFIG_COUNT", String(settings.count), .codebuild)]
        for (index, setting) in settings.enumerated() {
            contribution.variables += [
                ("GIT_CONFIG_KEY_\(index)", setting.0, .codebuild),
                ("GIT_CONFIG_VALUE_\(index)", setting.1, .codebuild),
            ]
        }
        let ownKeys = scene.plan.overrides.contains { $0.name == "AWS_ACCESS_KEY_ID" }
        if scene.services.lentCredentials == nil, !ownKeys {
            contribution.warnings.append(
                "git-credential-helper has no AWS credentials to make git's from: --aws-credentials lends the build some"
            )
        }
        return contribution
    }
}
