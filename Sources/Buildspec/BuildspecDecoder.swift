public import Diagnostics
import YAMLTree

/// What became of a buildspec text: the model, and every complaint about it.
public struct DecodedBuildspec: Sendable {
    /// The model; nil when the text has an error that CodeBuild would refuse it for.
    public var buildspec: Buildspec?
    /// Complaints in the order of their places.
    ///
    /// With an error among them `buildspec` is nil.
    public var diagnostics: [Diagnostic]

    /// The message of CodeBuild's `YAML_FILE_ERROR` for this text, when it has an error.
    public var failureMessage: String? {
        diagnostics.first { $0.severity == .error }?.message
    }
}

extension Buildspec {
    /// Decodes buildspec text: YAML, or JSON, which is YAML too.
    ///
    /// Never throws and never traps: what is wrong with the text is told by the diagnostics.
    public static func decode(_ text: [UInt8]) -> DecodedBuildspec {
        let document: YAMLDocument
        do throws(YAMLError) {
            document = try YAMLDocument(parsing: text)
        } catch {
            return DecodedBuildspec(
                buildspec: nil, diagnostics: SecretSearch.marking([error.diagnostic], of: text, nil))
        }
        let report = DecodingReport(text: text)
        let buildspec = decode(document, report)
        return DecodedBuildspec(
            buildspec: report.hasErrors ? nil : buildspec,
            diagnostics: SecretSearch.marking(report.diagnostics, of: text, buildspec))
    }

    /// Decodes what a document holds; nil when that is no map.
    static func decode(_ document: YAMLDocument, _ report: DecodingReport) -> Buildspec? {
        if let unread = document.unreadText {
            report.add(
                .furtherDocument, "text after the first document is not read", at: unread,
                mend: "remove the `---`, `...` or bracket before it")
        }
        guard let root = document.root, let mapping = root.mapping else {
            report.addInvalidVersion(at: document.root?.useRange)
            return nil
        }
        let version = report.version(in: mapping)
        report.version = version?.value ?? .v0_2
        let file = SectionReader<TopLevelKey>(mapping, at: root.useRange, report: report)
        guard let version else { return file.reading() }
        var buildspec = Buildspec(
            version: version, versionIsQuoted: file.value(.version)?.scalar?.style.isQuoted ?? false)
        file.fill(&buildspec)
        return buildspec
    }
}

extension SectionReader<TopLevelKey> {
    fileprivate func fill(_ buildspec: inout Buildspec) {
        buildspec.runAs = text(.runAs)
        buildspec.env = environment()
        buildspec.proxy = proxy()
        buildspec.batch = batch()
        buildspec.phases = phases()
        buildspec.reports = reports()
        buildspec.artifacts = artifacts()
        buildspec.cache = cache()
        if buildspec.batch != nil && buildspec.versionIsQuoted {
            report.add(
                .quotedBatchVersion, "a batch build refuses a quoted version", at: buildspec.version.range,
                mend: "write `version: \(buildspec.version.value.rawValue)`")
        }
    }

    /// Reads a file without a valid version, which is refused, for the sake of its further complaints.
    fileprivate func reading() -> Buildspec {
        let start = SourcePosition(line: 1, column: 1, offset: 0)
        var scratch = Buildspec(version: Marked(.v0_2, at: SourceRange(start: start, end: start)))
        fill(&scratch)
        return scratch
    }
}

extension DecodingReport {
    /// The version of a file, in CodeBuild's words when it is missing or garbled.
    fileprivate func version(in mapping: YAMLMapping) -> Marked<Buildspec.Version>? {
        guard let node = mapping[TopLevelKey.version.rawValue] else {
            let names = mapping.entries.compactMap { $0.key.scalar?.text }
            let isCased = names.contains { $0.lowercased() == TopLevelKey.version.rawValue }
            addInvalidVersion(
                at: mapping.pairs.first?.key.useRange,
                mend: isCased ? "write `version` in small letters" : "begin the file with `version: 0.2`")
            return nil
        }
        guard let version = node.scalar.flatMap({ Buildspec.Version(rawValue: $0.text) }) else {
            addInvalidVersion(at: node.useRange, mend: "write `version: 0.2`")
            return nil
        }
        return Marked(version, at: node.useRange)
    }

    fileprivate func addInvalidVersion(
        at range: SourceRange?, mend: String = "begin the file with `version: 0.2`"
    ) {
        let start = SourcePosition(line: 1, column: 1, offset: 0)
        add(
            .invalidVersion, "wrong number of container tags, expected 1",
            at: range ?? SourceRange(start: start, end: start), mend: mend)
    }
}
