import BuildEngine
import BuildProject
import Diagnostics
import Sandbox

extension PlanDescription {
    /// Where a setting of the project was found: `template.yaml, line 12`.
    static func origin(_ field: String, _ project: BuildProject) -> String? {
        guard let definition = project.definition, let line = definition.lines[field] else { return nil }
        return "\(definition.file(of: field)), line \(line)"
    }

    /// What the project decides besides what every plan tells.
    static func lines(of project: BuildProject, _ request: RunRequest) -> [Line] {
        guard let definition = project.definition else { return [] }
        var lines: [Line] = []
        func add(_ setting: String, _ value: String?, _ field: String) {
            guard let value else { return }
            lines.append(
                Line(setting: setting, value: value, origin: origin(field, project) ?? definition.file))
        }
        add("description", project.description, "description")
        add("service role", project.serviceRole.map { $0 + roleUse(request) }, "serviceRole")
        if let environment = project.environment {
            add("project image", environment.image, "environment.image")
            add("environment type", environment.type, "environment.type")
            add("compute type", environment.computeType, "environment.computeType")
            add("privileged mode", environment.privilegedMode ? "true" : nil, "environment.privilegedMode")
        }
        add("project key", project.encryptionKey, "encryptionKey")
        add("project source", project.source.map(text), "source.location")
        for source in project.secondarySources {
            let name = source.identifier ?? ""
            add("project secondary source \(name)", text(source), "secondarySources")
        }
        add("artifacts", text(project.artifacts), "artifacts")
        for artifacts in project.secondaryArtifacts ?? [] {
            add(
                "secondary artifact \(artifacts.artifactIdentifier ?? "")", text(artifacts),
                "secondaryArtifacts")
        }
        addLogs(project, request, add)
        if let cache = project.cache { add("cache", text(cache, request), "cache.type") }
        let given = Set(request.variables.map(\.name))
        for variable in project.environmentVariables where !given.contains(variable.name) {
            let field = "environment.environmentVariables.\(variable.name)"
            add("variable \(variable.name)", text(variable), field)
        }
        for item in definition.unknown {
            lines.append(
                Line(
                    setting: item.field, value: "not known: \(item.value.expression)",
                    origin:
                        "\(definition.file), line \(item.value.range.start.line)"
                        + (item.value.option.map { "; \($0) gives it" } ?? "")))
        }
        return lines
    }

    /// Logs that are delivered are told with the delivery.
    private static func addLogs(
        _ project: BuildProject, _ request: RunRequest, _ add: (String, String?, String) -> Void
    ) {
        guard let logs = project.logsConfig else { return }
        let isDelivered = request.project?.deliversLogs == true
        func state(_ isEnabled: Bool, _ place: String?) -> String? {
            guard isEnabled else { return "disabled" }
            return isDelivered ? nil : (place ?? "enabled") + " (not delivered)"
        }
        add("CloudWatch logs", state(logs.sendsToCloudWatch, logs.groupName), "logsConfig")
        add("S3 logs", state(logs.sendsToS3, logs.s3Location), "logsConfig")
    }

    private static func roleUse(_ request: RunRequest) -> String {
        request.project?.assumesRole == true ? "" : " (not assumed)"
    }

    /// Values of variables are not shown: they may be secrets.
    private static func text(_ variable: ProjectVariable) -> String {
        switch variable.kind {
        case .plaintext: "(set)"
        case .parameterStore: "parameter \(variable.value)"
        case .secretsManager: "secret \(variable.value)"
        }
    }

    private static func text(_ source: ProjectSource) -> String {
        var words = [source.kind.rawValue]
        if let location = source.location { words.append(SourceArgument.withoutCredentials(location)) }
        if let version = source.version { words.append("version \(version)") }
        return words.joined(separator: " ")
    }

    private static func text(_ cache: ProjectCache, _ request: RunRequest) -> String {
        var words = [cache.kind.rawValue]
        if cache.kind == .s3, let location = cache.location {
            words.append(location + (request.sharedCache == nil ? " (kept on this machine)" : ""))
        }
        if let namespace = cache.namespace, !namespace.isEmpty { words.append("namespace \(namespace)") }
        return words.joined(separator: ", ")
    }

    private static func text(_ artifacts: ProjectArtifacts) -> String {
        guard artifacts.kind != .noArtifacts else { return artifacts.kind.rawValue }
        var words = [artifacts.kind.rawValue, "packaging \(artifacts.packaging.rawValue)"]
        if let bucket = artifacts.location { words.append("bucket \(bucket)") }
        if !artifacts.path.isEmpty { words.append("path \(artifacts.path)") }
        words.append("name \(artifacts.name)" + (artifacts.overrideArtifactName ? " or the buildspec's" : ""))
        if artifacts.namespaceType == .buildID { words.append("below the build's id") }
        if artifacts.encryptionDisabled { words.append("not encrypted") }
        if let access = artifacts.bucketOwnerAccess, access != .none {
            words.append("bucket owner access \(access.rawValue)")
        }
        return words.joined(separator: ", ")
    }
}
