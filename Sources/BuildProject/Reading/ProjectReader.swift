import Diagnostics

/// Makes a project of the map that defines it (behaviour reference, section 10).
struct ProjectReader {
    private var reader: FieldReader
    private var project: BuildProject

    /// Reads a project.
    /// - Throws: ``ProjectFailure`` for values that CodeBuild would refuse.
    static func read(
        _ value: ProjectValue, _ definition: ProjectDefinition
    ) throws(ProjectFailure) -> BuildProject {
        if case .unknown(let unknown) = value.content {
            throw ProjectFailure(
                "the project's properties are \(unknown.expression), which the template does not tell",
                at: value.range, hint: "write them in a copy of the template")
        }
        guard case .map = value.content else {
            throw ProjectFailure("a project is a map, this is \(value.kindInWords)", at: value.range)
        }
        var reader = ProjectReader(
            reader: try FieldReader(value, path: "", definition),
            project: BuildProject(defaultsNamed: definition.label))
        try reader.readAll()
        return reader.project
    }

    private mutating func readAll() throws(ProjectFailure) {
        if let name = try reader.text("name"), !name.isEmpty {
            project.name = try Self.checked(name, &reader)
        }
        project.description = try reader.text("description")
        if reader.has("description") { reader.remark("description", "it is for people", isQuiet: true) }
        if let arn = try reader.text("arn") {
            let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
            if parts.count >= 6, parts[4].count == 12 { project.account = String(parts[4]) }
        }
        project.serviceRole = try reader.text("serviceRole")
        project.encryptionKey = try reader.text("encryptionKey").flatMap { $0.isEmpty ? nil : $0 }
        try readTimeout()
        try readSources()
        try readEnvironment()
        try readArtifacts()
        try readCache()
        try readLogs()
        try checkPair()
        reader.tellUnread()
        project.definition = reader.definition
    }

    private static func checked(_ name: String, _ reader: inout FieldReader) throws(ProjectFailure) -> String
    {
        let isPlain = name.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45
                || $0 == 95
        }
        guard isPlain, (1...255).contains(name.utf8.count) else {
            throw ProjectFailure(
                "name: it is no name of a project", at: reader.place("name"),
                hint: "names have up to 255 letters, digits, - and _")
        }
        return name
    }

    private mutating func readTimeout() throws(ProjectFailure) {
        guard let minutes = try reader.number("timeoutInMinutes") else { return }
        guard (5...2160).contains(minutes) else {
            throw ProjectFailure(
                "timeoutInMinutes: it is not between 5 and 2160", at: reader.place("timeoutInMinutes"))
        }
        project.timeoutInMinutes = minutes
    }

    private mutating func readSources() throws(ProjectFailure) {
        project.source =
            try reader.map("source") { (reader) throws(ProjectFailure) in
                try SourceReading.read(&reader)
            } ?? nil
        let version = try reader.text("sourceVersion")
        project.source?.version = version.flatMap { $0.isEmpty ? nil : $0 }
        for (index, item) in (try reader.list("secondarySources", atMost: 12) ?? []).enumerated() {
            let source = try reader.read(item, "secondarySources.\(index)") {
                (reader) throws(ProjectFailure) in
                try SourceReading.read(&reader)
            }
            guard let source else { continue }
            guard let identifier = source.identifier, Self.isIdentifier(identifier) else {
                throw ProjectFailure(
                    "secondarySources: a source has no proper sourceIdentifier", at: item.range,
                    hint: "identifiers have letters, digits and _")
            }
            guard !project.secondarySources.contains(where: { $0.identifier == identifier }) else {
                throw ProjectFailure("secondarySources: \(identifier) is there twice", at: item.range)
            }
            project.secondarySources.append(source)
        }
        for (index, item) in (try reader.list("secondarySourceVersions") ?? []).enumerated() {
            let path = "secondarySourceVersions.\(index)"
            let (identifier, version) = try reader.read(item, path) { (reader) throws(ProjectFailure) in
                (try reader.text("sourceIdentifier"), try reader.text("sourceVersion"))
            }
            guard let place = project.secondarySources.firstIndex(where: { $0.identifier == identifier })
            else {
                throw ProjectFailure(
                    "secondarySourceVersions: there is no secondary source of that identifier", at: item.range
                )
            }
            project.secondarySources[place].version = version
        }
    }

    private mutating func readEnvironment() throws(ProjectFailure) {
        let read = try reader.map("environment") { (reader) throws(ProjectFailure) in
            try EnvironmentReading.read(&reader)
        }
        project.environment = read?.environment
        project.environmentVariables = read?.variables ?? []
    }

    private mutating func readArtifacts() throws(ProjectFailure) {
        let name = project.name
        project.artifacts.kind = .noArtifacts
        if let artifacts = try reader.map(
            "artifacts",
            { (reader) throws(ProjectFailure) in
                try ArtifactsReading.read(&reader, defaultName: name)
            })
        {
            project.artifacts = artifacts
        }
        project.secondaryArtifacts = project.artifacts.kind == .codePipeline ? nil : []
        for (index, item) in (try reader.list("secondaryArtifacts", atMost: 12) ?? []).enumerated() {
            let path = "secondaryArtifacts.\(index)"
            let artifacts = try reader.read(item, path) { (reader) throws(ProjectFailure) in
                try ArtifactsReading.read(&reader, defaultName: name)
            }
            guard let identifier = artifacts.artifactIdentifier, Self.isIdentifier(identifier) else {
                throw ProjectFailure(
                    "secondaryArtifacts: an artifact has no proper artifactIdentifier", at: item.range,
                    hint: "identifiers have letters, digits and _")
            }
            guard artifacts.kind == .s3 else {
                throw ProjectFailure("secondaryArtifacts: \(identifier) is not of type S3", at: item.range)
            }
            guard project.secondaryArtifact(identifier) == nil || project.secondaryArtifacts == nil else {
                throw ProjectFailure("secondaryArtifacts: \(identifier) is there twice", at: item.range)
            }
            project.secondaryArtifacts = (project.secondaryArtifacts ?? []) + [artifacts]
        }
    }

    private mutating func readCache() throws(ProjectFailure) {
        project.cache = ProjectCache(kind: .noCache)
        let cache = try reader.map("cache") { (reader) throws(ProjectFailure) -> ProjectCache in
            var cache = ProjectCache(kind: try reader.choice("type") ?? .noCache)
            cache.location = try reader.text("location")
            cache.namespace = try reader.text("cacheNamespace")
            let modes = ["LOCAL_SOURCE_CACHE", "LOCAL_DOCKER_LAYER_CACHE", "LOCAL_CUSTOM_CACHE"]
            cache.modes = (try reader.list("modes") ?? []).compactMap(\.text)
            for mode in cache.modes where mode != modes[2] {
                reader.remark("modes", "\(mode.prefix(40)) keeps nothing here", isQuiet: modes.contains(mode))
            }
            return cache
        }
        if let cache { project.cache = cache }
    }

    private mutating func readLogs() throws(ProjectFailure) {
        project.logsConfig = try reader.map("logsConfig") { (reader) throws(ProjectFailure) in
            try LogsReading.read(&reader)
        }
    }

    /// A pipeline gives the source and takes the artifacts, or neither.
    private mutating func checkPair() throws(ProjectFailure) {
        guard let source = project.source, reader.has("artifacts") else { return }
        let isTaken = project.artifacts.kind == .codePipeline
        guard (source.kind == .codePipeline) != isTaken,
            reader.definition.unknown(below: "artifacts").isEmpty
        else { return }
        throw ProjectFailure(
            "source and artifacts: both are of type CODEPIPELINE, or neither is",
            at: reader.place("artifacts"))
    }

    private static func isIdentifier(_ text: String) -> Bool {
        (1..<128).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95
            }
    }
}
