import BuildEngine
import BuildProject
import Diagnostics
import Sandbox

/// What the person who runs a build should know about its project: what has no effect here, or another.
struct ProjectRemarks: Sendable {
    /// For standard error.
    var warnings: [String] = []
    /// For the log.
    var announcements: [String] = []

    /// Compares a project with how it is run.
    init(_ request: RunRequest, source: SourcePlan, secondarySources: [String]) {
        guard let project = request.project?.project, let definition = project.definition else { return }
        tellSandbox(request, project)
        tellSources(request, project, source, secondarySources)
        tellArtifacts(request, project)
        if project.serviceRole != nil, request.project?.assumesRole == false, request.aws.roleARN == nil {
            warnings.append("the project's serviceRole is not assumed; --project-role assumes it")
        }
        tellLogs(request, project)
        tellCache(request, project)
        warnings += Self.settings(withoutEffectIn: definition)
        for (name, value) in definition.assumptions.sorted(by: { $0.key < $1.key }) {
            warnings.append("\(name) is taken to be \(value); --resource-value \(name)=VALUE gives another")
        }
        if definition.unknown.contains(where: { $0.field == "name" }) {
            warnings.append("the project's name is not known; it is called \(project.name)")
        }
    }

    /// The settings that have no effect, or another than in the cloud, whatever the build is started with.
    static func settings(withoutEffectIn definition: ProjectDefinition) -> [String] {
        var lines: [String] = []
        for remark in definition.remarks where !remark.isQuiet {
            let line = remark.range.map { " (\(definition.file(of: remark.field)):\($0.start.line))" } ?? ""
            lines.append("the project's \(remark.field)\(line): \(remark.message)")
        }
        let quiet = definition.remarks.filter(\.isQuiet).map(\.field)
        if !quiet.isEmpty {
            lines.append(
                "these settings of the project have no effect here: \(quiet.joined(separator: ", "))")
        }
        return lines
    }

    private mutating func tellSandbox(_ request: RunRequest, _ project: BuildProject) {
        guard let environment = project.environment else { return }
        if let container = request.container {
            if let image = environment.image, container.image != image {
                warnings.append("the project's environment.image \(image) is not used: --image is given")
            }
        } else if let image = environment.image {
            let place = request.sandboxKind.rawValue
            announcements.append("The project's image \(image) is not used: commands run in \(place)")
            warnings.append(
                "the project's environment.image \(image) is not used: commands run in the \(place) sandbox; --sandbox container runs them in the image"
            )
            if environment.privilegedMode {
                warnings.append("the project's environment.privilegedMode has an effect in containers only")
            }
            if let type = environment.computeType {
                warnings.append("the project's environment.computeType \(type) limits containers only")
            }
        }
        let plain = ["LINUX_CONTAINER", hostType]
        if !plain.contains(environment.type) {
            warnings.append(
                "the project's environment.type \(environment.type): the build runs on this machine as it is")
        }
    }

    private var hostType: String {
        #if arch(arm64)
            "ARM_CONTAINER"
        #else
            "LINUX_CONTAINER"
        #endif
    }

    private mutating func tellSources(
        _ request: RunRequest, _ project: BuildProject, _ source: SourcePlan, _ secondarySources: [String]
    ) {
        if let wanted = project.source, request.project?.fetchesSources == false {
            if let location = wanted.location {
                let shown = SourceArgument.withoutCredentials(location)
                warnings.append(
                    "the project's source.location \(shown) is not fetched: \(source.path) is built; --project-source fetches it"
                )
            }
            if let version = wanted.version {
                warnings.append(
                    "the project's sourceVersion \(version) has an effect with --project-source only")
            }
        }
        for wanted in project.secondarySources.compactMap(\.identifier)
        where !secondarySources.contains(wanted) {
            warnings.append(
                "the project's secondary source \(wanted) is not there: --secondary-source \(wanted)=PATH gives it"
            )
        }
    }

    private mutating func tellLogs(_ request: RunRequest, _ project: BuildProject) {
        guard let logs = project.logsConfig, request.project?.deliversLogs == false else { return }
        if logs.sendsToS3, request.delivery.s3Logs == nil {
            let place = logs.s3Location ?? "S3"
            warnings.append("the project's log does not go to \(place); --project-logs stores it there")
        }
        let namesPlace = logs.groupName != nil || logs.streamName != nil
        if logs.sendsToCloudWatch, namesPlace, request.delivery.cloudWatchLogs == nil {
            let place = logs.groupName.map { "the log group \($0)" } ?? "CloudWatch Logs"
            warnings.append("the project's log does not go to \(place); --project-logs delivers it there")
        }
    }

    private mutating func tellCache(_ request: RunRequest, _ project: BuildProject) {
        guard let cache = project.cache else { return }
        if cache.kind == .s3, request.sharedCache == nil {
            let place = cache.location ?? "S3"
            warnings.append(
                "the project's cache.location \(place): the cache is kept on this machine; --project-cache keeps it there"
            )
        }
        if let namespace = cache.namespace, !namespace.isEmpty, request.sharedCache == nil {
            warnings.append(
                "the project's cache.cacheNamespace \(namespace) has an effect with --project-cache only")
        }
    }

    private mutating func tellKey(_ request: RunRequest, _ project: BuildProject) {
        guard let key = project.encryptionKey, !RunRequest.isDefaultKey(key),
            project.artifacts.kind != .noArtifacts || project.secondaryArtifacts?.isEmpty != true,
            request.key != .kms(key)
        else { return }
        let place = request.encryption == .serverSide ? "in S3" : "on the client's side"
        let others =
            request.encryption == .none ? "artifacts are not encrypted" : "another key does, \(place)"
        warnings.append(
            "the project's encryptionKey \(key) does not encrypt the artifacts: \(others); --encryption-key names a key"
        )
    }

    private mutating func tellArtifacts(_ request: RunRequest, _ project: BuildProject) {
        tellKey(request, project)
        guard request.project?.storesInBuckets == false else { return }
        for (index, artifacts) in ([project.artifacts] + (project.secondaryArtifacts ?? [])).enumerated() {
            guard artifacts.kind == .s3, let bucket = artifacts.location else { continue }
            if case .bucket(bucket, _) = request.output { continue }
            let identifier = index == 0 ? nil : artifacts.artifactIdentifier
            let name = identifier.map { "secondary artifact \($0)" } ?? "artifacts"
            warnings.append(
                "the project's \(name) do not go to its bucket \(bucket); --project-output stores them there")
        }
    }
}
