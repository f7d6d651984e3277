import BuildProject
import SystemPackage

extension BuildRecord {
    /// `ProjectSourceVersion`.
    package struct SourceVersion: Sendable, Hashable, Codable {
        /// Which secondary source.
        package var sourceIdentifier: String
        /// The version that was asked for.
        package var sourceVersion: String
    }

    /// `GitSubmodulesConfig`.
    package struct Submodules: Sendable, Hashable, Codable {
        /// Whether they are fetched.
        package var fetchSubmodules: Bool
    }

    /// `ProjectCache`.
    package struct Cache: Sendable, Hashable, Codable {
        /// `NO_CACHE`, `S3` or `LOCAL`.
        package var type: String
        /// `bucket/prefix`.
        package var location: String?
        /// Of a local cache.
        package var modes: [String]?
        /// Who shares it.
        package var cacheNamespace: String?

        init(_ cache: ProjectCache) {
            type = cache.kind.rawValue
            location = cache.location
            modes = cache.modes.isEmpty ? nil : cache.modes
            cacheNamespace = cache.namespace
        }
    }

    /// `AutoRetryConfig`.
    package struct AutoRetry: Sendable, Hashable, Codable {
        /// How often the cloud would start the build again.
        package var autoRetryLimit: Int
        /// Which of these starts it is: always the first.
        package var autoRetryNumber = 0
    }

    /// `DebugSession`.
    package struct DebugSession: Sendable, Hashable, Codable {
        /// Whether breakpoints pause the build.
        package var sessionEnabled: Bool
    }

    /// Takes over what the project says and this runner does nothing with, or does not need to tell otherwise.
    mutating func take(_ plan: BuildPlan) {
        let project = plan.project
        let settings = project.definition?.settings ?? [:]
        source.take(plan.source, project.source, settings, "source")
        secondarySources = plan.secondarySources.map { identifier, secondary in
            var source = Source(
                type: plan.isOfPipeline ? "CODEPIPELINE" : secondary.recordType,
                location: secondary.path.string)
            source.sourceIdentifier = identifier
            let place = project.secondarySources.firstIndex { $0.identifier == identifier }
            source.take(
                secondary, place.map { project.secondarySources[$0] }, settings,
                "secondarySources.\(place ?? -1)")
            return source
        }
        let versions = plan.secondarySources.compactMap { identifier, source in
            (source.version ?? source.commit).map {
                SourceVersion(sourceIdentifier: identifier, sourceVersion: $0)
            }
        }
        secondarySourceVersions = versions.isEmpty ? nil : versions
        cache = project.cache.map(Cache.init)
        serviceRole = project.serviceRole
        queuedTimeoutInMinutes = settings["queuedTimeoutInMinutes"]?.number
        vpcConfig = settings["vpcConfig"]
        fileSystemLocations = settings["fileSystemLocations"]
        autoRetryConfig = settings["autoRetryLimit"]?.number.map { AutoRetry(autoRetryLimit: $0) }
        if plan.isDebugged { debugSession = DebugSession(sessionEnabled: true) }
        environment.take(project.environment, settings)
    }
}

extension BuildRecord.Source {
    fileprivate mutating func take(
        _ plan: SourcePlan, _ source: ProjectSource?, _ settings: [String: ProjectSetting], _ path: String
    ) {
        if case .git(let git) = plan.remote {
            if git.depth > 0 { gitCloneDepth = git.depth }
            gitSubmodulesConfig = .init(fetchSubmodules: git.fetchesSubmodules)
            insecureSsl = git.isInsecure
        }
        guard source != nil else { return }
        auth = settings["\(path).auth"]
        reportBuildStatus = settings["\(path).reportBuildStatus"]
        buildStatusConfig = settings["\(path).buildStatusConfig"]
    }
}

extension BuildRecord.Environment {
    fileprivate mutating func take(
        _ environment: ProjectEnvironment?, _ settings: [String: ProjectSetting]
    ) {
        guard let environment else { return }
        computeType = environment.computeType
        privilegedMode = environment.privilegedMode
        certificate = settings["environment.certificate"]
        registryCredential = settings["environment.registryCredential"]
        imagePullCredentialsType = settings["environment.imagePullCredentialsType"]
        fleet = settings["environment.fleet"]
        computeConfiguration = settings["environment.computeConfiguration"]
        dockerServer = settings["environment.dockerServer"]
    }
}

extension SourcePlan {
    /// What `source.type` of the record says.
    var recordType: String {
        if let kind = projectKind { return kind.rawValue }
        return switch remote {
        case .git: "GIT"
        case .object: "S3"
        case nil: kind.rawValue.uppercased()
        }
    }
}
