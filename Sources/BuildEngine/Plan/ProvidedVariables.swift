import Sandbox
import SystemPackage

/// The variables that CodeBuild itself provides (behaviour reference, sections 5.1 and 5.2).
struct ProvidedVariables: Sendable {
    var identity: BuildIdentity
    var image: String
    var imageEnvironment: [ContainerImage.Variable] = []
    var keyID: String
    var logPath: String
    var startTime: Timestamp
    var home: FilePath
    var toolDirectory: FilePath
    var sourceDirectory: FilePath
    var secondarySourceDirectories: [(identifier: String, path: FilePath)]
    var sourceVersion: String?
    var resolvedSourceVersion: String?
    var repositoryURL: String?
    var secondarySources: [(identifier: String, source: SourcePlan)] = []

    /// Sets them all.
    ///
    /// Values that do not exist in this build stay unset, as in the cloud.
    func apply(to environment: inout BuildEnvironment) {
        environment.set("HOME", home.string, from: .image)
        environment.set(
            "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:\(toolDirectory)",
            from: .image)
        for variable in imageEnvironment where ShellQuoting.isVariableName(variable.name) {
            let end = variable.name == "PATH" ? ":\(toolDirectory)" : ""
            environment.set(variable.name, variable.value + end, from: .image)
        }
        for (name, value) in values {
            environment.set(name, value, from: .codebuild)
        }
    }

    private var values: [(String, String)] {
        let region = identity.region
        let console = "https://\(region).console.aws.amazon.com/codebuild/home?region=\(region)"
        var values = [
            ("AWS_DEFAULT_REGION", region),
            ("AWS_REGION", region),
            ("CODEBUILD_BUILD_ARN", identity.buildARN),
            ("CODEBUILD_BUILD_ID", identity.buildID),
            ("CODEBUILD_BUILD_IMAGE", image),
            ("CODEBUILD_BUILD_NUMBER", String(identity.number)),
            ("CODEBUILD_BUILD_SUCCEEDING", "1"),
            ("CODEBUILD_BUILD_URL", "\(console)#/builds/\(identity.buildID)/view/new"),
            ("CODEBUILD_CI", "true"),
            ("CODEBUILD_CONTAINER_NAME", "default"),
            ("CODEBUILD_INITIATOR", identity.initiator),
            ("CODEBUILD_KMS_KEY_ID", keyID),
            ("CODEBUILD_LAST_EXIT", "0"),
            ("CODEBUILD_LOG_PATH", logPath),
            ("CODEBUILD_SRC_DIR", sourceDirectory.string),
            ("CODEBUILD_START_TIME", String(startTime.epochMilliseconds)),
        ]
        for (identifier, path) in secondarySourceDirectories {
            values.append(("CODEBUILD_SRC_DIR_\(identifier)", path.string))
        }
        if let resolvedSourceVersion {
            values.append(("CODEBUILD_RESOLVED_SOURCE_VERSION", resolvedSourceVersion))
        }
        if let sourceVersion { values.append(("CODEBUILD_SOURCE_VERSION", sourceVersion)) }
        values.append(("CODEBUILD_SOURCE_REPO_URL", repositoryURL ?? ""))
        for (identifier, source) in secondarySources {
            if let url = source.repositoryURL {
                values.append(("CODEBUILD_SOURCE_REPO_URL_\(identifier)", url))
            }
            if let version = source.version ?? source.commit {
                values.append(("CODEBUILD_SOURCE_VERSION_\(identifier)", version))
            }
        }
        return values
    }
}
