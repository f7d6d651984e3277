import Diagnostics
import YAMLTree

extension SectionReader<TopLevelKey> {
    /// `artifacts`; nil when not given or null.
    func artifacts() -> Artifacts? {
        guard let section = section(.artifacts, ArtifactsKey.self) else { return nil }
        let secondary = section.namedNodes(.secondaryArtifacts).compactMap { name, node in
            report.secondaryArtifact(name, node)
        }
        let artifacts = Artifacts(primary: section.artifact(), secondary: secondary)
        let files = section.pair(.files)?.value
        // Files of a wrong kind have been told of.
        if artifacts.primary.files.isEmpty, files.map(\.isEmptyList) ?? secondary.isEmpty,
            let key = section.pair(.files)?.key ?? pair(.artifacts)?.key
        {
            report.add(.emptySection, "artifacts has no files: nothing is selected", at: key.useRange)
        }
        return artifacts
    }

    /// `cache`; nil when not given or null.
    func cache() -> Cache? {
        guard let section = section(.cache, CacheKey.self) else { return nil }
        var cache = Cache()
        cache.paths = section.texts(.paths)
        cache.key = section.text(.key)
        cache.fallbackKeys = section.fallbackKeys(isUsed: cache.key != nil)
        cache.action = section.choice(.action, of: Cache.Action.self, ignoringCase: false)
        if cache.paths.isEmpty, let key = section.pair(.paths)?.key ?? pair(.cache)?.key {
            report.add(.emptySection, "cache has no paths: nothing is kept", at: key.useRange)
        }
        return cache
    }

    /// `reports` in document order.
    func reports() -> [Report] {
        let reports = namedNodes(.reports).map { group, node in report.report(group, node) }
        if reports.count > Report.groupLimit {
            report.add(
                .tooManyEntries,
                "a project has at most \(Report.groupLimit) report groups; here are \(reports.count)",
                at: reports[Report.groupLimit].group.range)
        }
        return reports
    }
}

extension Report {
    /// How many report groups a project can have (behaviour reference, section 1.7).
    package static let groupLimit = 5
}

extension YAMLNode {
    /// Whether the node is a list without any text, an empty text, or null.
    fileprivate var isEmptyList: Bool {
        scalar.map { $0.text.isEmpty || isNull } ?? sequence?.allSatisfy(\.isNull) ?? mapping?.pairs.isEmpty
            ?? false
    }
}

extension SectionReader<CacheKey> {
    fileprivate func fallbackKeys(isUsed: Bool) -> [Marked<String>] {
        let keys = texts(.fallbackKeys)
        if !keys.isEmpty && !isUsed {
            report.add(
                .keyWithoutEffect, "\(path(.fallbackKeys)) has no effect without \(path(.key))",
                at: keys[0].range)
        }
        if keys.count > CacheKey.fallbackKeyLimit {
            report.add(
                .tooManyEntries,
                "\(path(.fallbackKeys)) takes \(CacheKey.fallbackKeyLimit) keys; the rest is ignored",
                at: keys[CacheKey.fallbackKeyLimit].range)
        }
        return Array(keys.prefix(CacheKey.fallbackKeyLimit))
    }
}

/// What primary and secondary artifacts have in common.
private protocol ArtifactKey: SectionKey {
    static var files: Self { get }
    static var name: Self { get }
    static var discardPaths: Self { get }
    static var baseDirectory: Self { get }
    static var excludePaths: Self { get }
    static var enableSymlinks: Self { get }
    static var s3Prefix: Self { get }
}

extension ArtifactsKey: ArtifactKey {}
extension SecondaryArtifactKey: ArtifactKey {}

extension SectionReader where Key: ArtifactKey {
    fileprivate func artifact() -> Artifact {
        var artifact = Artifact()
        artifact.files = texts(.files, singleIsUsual: true)
        artifact.name = text(.name)
        artifact.discardPaths = boolean(.discardPaths)
        artifact.baseDirectory = text(.baseDirectory)
        artifact.excludePaths = texts(.excludePaths, singleIsUsual: true)
        artifact.enableSymlinks = boolean(.enableSymlinks)
        artifact.s3Prefix = text(.s3Prefix)
        return artifact
    }
}

extension DecodingReport {
    fileprivate func secondaryArtifact(_ name: Marked<String>, _ node: YAMLNode) -> NamedValue<Artifact>? {
        let path = ArtifactsKey.secondaryArtifacts.path + "/" + name.value
        guard !node.isNull else {
            add(.emptySection, "\(path) is empty", at: name.range)
            return nil
        }
        guard let section: SectionReader<SecondaryArtifactKey> = section(node, path: path) else { return nil }
        let artifact = section.artifact()
        if artifact.files.isEmpty, section.pair(.files)?.value.isEmptyList != false {
            add(
                .emptySection, "\(path) has no files: nothing is selected",
                at: section.pair(.files)?.key.useRange ?? name.range)
        }
        return NamedValue(name: name, value: Marked(artifact, at: node.useRange))
    }

    fileprivate func report(_ group: Marked<String>, _ node: YAMLNode) -> Report {
        var report = Report(group: group)
        var filesKey: SourceRange?
        let path = TopLevelKey.reports.path + "/" + group.value
        if let section: SectionReader<ReportKey> = section(node, path: path) {
            filesKey = section.pair(.files)?.key.useRange
            report.files = section.texts(.files, singleIsUsual: true)
            report.fileFormat = section.choice(.fileFormat, of: Report.FileFormat.self, ignoringCase: true)
            report.baseDirectory = section.text(.baseDirectory)
            report.discardPaths = section.boolean(.discardPaths)
        }
        if report.files.isEmpty {
            add(.emptySection, "\(path) has no files: nothing is reported", at: filesKey ?? group.range)
        }
        return report
    }
}
