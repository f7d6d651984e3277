import Buildspec
import Diagnostics
import Masking
import Sandbox
import SystemPackage

/// AWS credentials for the build's commands, where they are lent: the variables that every AWS SDK looks at
/// (behaviour reference, section 5.3).
///
/// The keys themselves never become variables. `AWS_CONTAINER_CREDENTIALS_FULL_URI` stands for the cloud's
/// `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`, whose address 169.254.170.2 a runner does not have.
struct CredentialVariables: BuildFeature {
    /// Relative to the build's root; without a line break, because SDKs send the file as it is.
    static let tokenFile: FilePath = "codebuild/output/tmp/credentials-token"

    let moments: Set<BuildMoment> = [.environment]

    func act(at moment: BuildMoment, in scene: BuildScene) async -> Contribution {
        var contribution = Contribution()
        guard let lent = scene.services.lentCredentials else { return contribution }
        _ = await scene.log.mask([lent.token])
        let root = scene.workspace.root
        do throws(SandboxError) {
            let files = try AnchoredDirectory(root.hostPath)
            defer { files.close() }
            // Readable for all users of the build, which `run-as` may change; on the host a directory above is private.
            try files.replace(
                Self.tokenFile, with: Array(lent.token.reveal().utf8),
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
            contribution.variables = [
                ("AWS_CONTAINER_CREDENTIALS_FULL_URI", lent.url, .codebuild),
                ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", root.inside(Self.tokenFile).string, .codebuild),
            ]
        } catch {
            let failure = RunnerFailure("lend AWS credentials", error.description, hint: error.hint)
            contribution.runnerFailure = failure
            contribution.contexts = [.clientError(failure.description)]
        }
        return contribution
    }
}
