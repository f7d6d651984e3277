import Diagnostics

/// `source` and the items of `secondarySources` (behaviour reference, section 10.2).
enum SourceReading {
    /// Reads one source; nil when nothing but an unknown value stands there.
    static func read(_ reader: inout FieldReader) throws(ProjectFailure) -> ProjectSource? {
        guard let kind: ProjectSource.Kind = try reader.choice("type") else {
            guard reader.has("type") else {
                guard reader.definition.unknown(below: String(reader.path.dropLast())).isEmpty else {
                    return nil
                }
                throw ProjectFailure("\(reader.path)type: it is missing", at: reader.range)
            }
            return nil
        }
        var source = ProjectSource(kind: kind)
        source.location = try reader.text("location").flatMap { $0.isEmpty ? nil : $0 }
        source.gitCloneDepth = try reader.number("gitCloneDepth") ?? 0
        source.fetchesSubmodules =
            try reader.map("gitSubmodulesConfig") { (reader) throws(ProjectFailure) in
                try reader.boolean("fetchSubmodules") ?? false
            } ?? false
        source.isInsecure = try reader.boolean("insecureSsl") ?? false
        if let value = reader.value("buildspec") {
            source.buildspec = ProjectBuildspec(try text(ofBuildspec: value, &reader))
        }
        source.identifier = try reader.text("sourceIdentifier")
        return source
    }

    /// A buildspec is text; one that is written as a map means the same in JSON.
    private static func text(
        ofBuildspec value: ProjectValue, _ reader: inout FieldReader
    ) throws(ProjectFailure) -> String {
        if let text = value.text { return text }
        guard case .map = value.content else {
            throw ProjectFailure(
                "\(reader.path)buildspec: expected text, found \(value.kindInWords)", at: value.range,
                hint: "a buildspec in a template is a block of text: BuildSpec: |")
        }
        if let unknown = value.unknown {
            reader.definition.unknown.append(.init(field: reader.path + "buildspec", value: unknown))
            return ""
        }
        reader.remark(
            "buildspec", "it is a map, and the cloud takes text only: write it as a block, BuildSpec: |")
        return ProjectJSON.text(value)
    }
}

/// `environment` (behaviour reference, section 10.4).
enum EnvironmentReading {
    /// Reads the environment and its variables.
    static func read(
        _ reader: inout FieldReader
    ) throws(ProjectFailure) -> (environment: ProjectEnvironment, variables: [ProjectVariable]) {
        var environment = ProjectEnvironment()
        if let type = try reader.choice("type", among: ProjectEnvironment.types) { environment.type = type }
        environment.image = try reader.text("image").flatMap { $0.isEmpty ? nil : $0 }
        environment.computeType = try reader.choice("computeType", among: ProjectEnvironment.computeTypes)
        environment.privilegedMode = try reader.boolean("privilegedMode") ?? false
        var variables: [ProjectVariable] = []
        for (index, item) in (try reader.list("environmentVariables") ?? []).enumerated() {
            let path = reader.path + "environmentVariables"
            guard let variable = try variable(item, "\(path).\(index)", path, &reader) else { continue }
            variables.removeAll { $0.name == variable.name }
            variables.append(variable)
        }
        return (environment, variables)
    }

    /// One variable; a value that is not known is noted by the variable's name.
    private static func variable(
        _ item: ProjectValue, _ path: String, _ listPath: String, _ reader: inout FieldReader
    ) throws(ProjectFailure) -> ProjectVariable? {
        try reader.read(item, path) { (reader) throws(ProjectFailure) -> ProjectVariable? in
            guard let name = try reader.text("name") else {
                guard reader.definition.unknown(below: path).isEmpty else { return nil }
                throw ProjectFailure("\(path): the variable has no name", at: item.range)
            }
            let kind: ProjectVariable.Kind = try reader.choice("type") ?? .plaintext
            let value = try reader.text("value")
            for place in reader.definition.unknown.indices
            where reader.definition.unknown[place].field == path + ".value" {
                reader.definition.unknown[place].field = "\(listPath).\(name)"
            }
            reader.definition.lines["\(listPath).\(name)"] = item.range.start.line
            guard let value else {
                guard reader.definition.unknown(below: "\(listPath).\(name)").isEmpty else { return nil }
                return ProjectVariable(name: name, value: "", kind: kind)
            }
            return DynamicReference.variable(name, value, kind)
        }
    }
}

/// `{{resolve:ssm:name}}` and `{{resolve:secretsmanager:id:SecretString:key}}`: CloudFormation fetches such values when it
/// deploys; here the build does, and hides them.
enum DynamicReference {
    private static let start = "{{resolve:"

    /// Whether a text is one reference that the build can fetch, and nothing else.
    static func isWhole(_ text: String) -> Bool {
        ["ssm:", "ssm-secure:", "secretsmanager:"].contains { text.hasPrefix(start + $0) }
            && text.hasSuffix("}}") && !text.dropFirst(start.count).contains("{{")
    }

    /// The first reference in a text that holds any.
    static func first(in text: String) -> String? {
        guard let range = text.firstRange(of: start) else { return nil }
        let rest = text[range.lowerBound...]
        return rest.firstRange(of: "}}").map { String(rest[..<$0.upperBound]) }
    }

    /// The variable that a value of a template stands for.
    static func variable(
        _ name: String, _ value: String, _ kind: ProjectVariable.Kind
    ) -> ProjectVariable {
        let plain = ProjectVariable(name: name, value: value, kind: kind)
        guard kind == .plaintext, isWhole(value) else { return plain }
        let inner = String(value.dropFirst(start.count).dropLast(2))
        guard let colon = inner.firstIndex(of: ":") else { return plain }
        let rest = String(inner[colon...].dropFirst())
        switch inner[..<colon] {
        case "ssm", "ssm-secure":
            return ProjectVariable(name: name, value: rest, kind: .parameterStore)
        case "secretsmanager":
            return ProjectVariable(
                name: name, value: TextPieces.split(rest, at: ":SecretString").joined(),
                kind: .secretsManager)
        default: return plain
        }
    }
}

/// `logsConfig` (behaviour reference, section 10.5).
enum LogsReading {
    private enum Status: String, CaseIterable {
        case enabled = "ENABLED"
        case disabled = "DISABLED"
    }

    /// Reads where logs go.
    static func read(_ reader: inout FieldReader) throws(ProjectFailure) -> ProjectLogsConfig {
        var logs = ProjectLogsConfig()
        let cloudWatch = try reader.map("cloudWatchLogs") { (reader) throws(ProjectFailure) in
            (
                status: try reader.choice("status", Status.self), group: try reader.text("groupName"),
                stream: try reader.text("streamName")
            )
        }
        logs.sendsToCloudWatch = cloudWatch?.status != .disabled
        logs.groupName = cloudWatch?.group
        logs.streamName = cloudWatch?.stream
        _ = try reader.map("s3Logs") { (reader) throws(ProjectFailure) in
            logs.sendsToS3 = try reader.choice("status", Status.self) == .enabled
            logs.s3Location = try reader.text("location")
            logs.isS3EncryptionDisabled = try reader.boolean("encryptionDisabled") ?? false
            logs.s3BucketOwnerAccess = try reader.choice("bucketOwnerAccess")
        }
        return logs
    }
}

/// `artifacts` and the items of `secondaryArtifacts` (behaviour reference, sections 6.4 to 6.8 and 10.3).
enum ArtifactsReading {
    /// Reads one artifact.
    static func read(
        _ reader: inout FieldReader, defaultName: String
    ) throws(ProjectFailure) -> ProjectArtifacts {
        let identifier = try reader.text("artifactIdentifier")
        var artifacts = ProjectArtifacts(name: defaultName, identifier: identifier)
        guard let kind: ProjectArtifacts.Kind = try reader.choice("type") else {
            if !reader.has("type"), reader.definition.unknown(below: String(reader.path.dropLast())).isEmpty {
                throw ProjectFailure("\(reader.path)type: it is missing", at: reader.range)
            }
            return artifacts
        }
        artifacts.kind = kind
        artifacts.location = try reader.text("location").map(bucket)
        artifacts.path = try reader.text("path") ?? ""
        artifacts.namespaceType = try reader.choice("namespaceType") ?? .none
        if let name = try reader.text("name"), !name.isEmpty { artifacts.name = name }
        artifacts.packaging = try reader.choice("packaging") ?? .none
        artifacts.overrideArtifactName = try reader.boolean("overrideArtifactName") ?? false
        artifacts.encryptionDisabled = try reader.boolean("encryptionDisabled") ?? false
        artifacts.bucketOwnerAccess = try reader.choice("bucketOwnerAccess")
        if kind == .codePipeline { pipeline(&artifacts, &reader, defaultName) }
        guard !artifacts.encryptionDisabled || kind != .noArtifacts else {
            throw ProjectFailure(
                "\(reader.path)encryptionDisabled: it is for artifacts of type S3 only",
                at: reader.place("encryptionDisabled"))
        }
        return artifacts
    }

    /// A pipeline decides about everything but encryption, and takes zips.
    private static func pipeline(
        _ artifacts: inout ProjectArtifacts, _ reader: inout FieldReader, _ name: String
    ) {
        for field in [
            "location", "path", "namespaceType", "name", "packaging", "overrideArtifactName",
            "bucketOwnerAccess",
        ] where reader.has(field) {
            reader.remark(field, "a pipeline decides it for artifacts of type CODEPIPELINE", isQuiet: true)
        }
        let isPlain = artifacts.encryptionDisabled
        artifacts = ProjectArtifacts(name: name + ".zip", identifier: artifacts.artifactIdentifier)
        artifacts.kind = .codePipeline
        artifacts.overrideArtifactName = false
        artifacts.encryptionDisabled = isPlain
    }

    /// The bare name of a bucket, which some templates give as an ARN.
    private static func bucket(_ location: String) -> String {
        guard location.hasPrefix("arn:"), let colon = location.lastIndex(of: ":") else { return location }
        return String(location[colon...].dropFirst())
    }
}
