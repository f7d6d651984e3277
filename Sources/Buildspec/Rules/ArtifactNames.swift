import Diagnostics

/// `artifacts/name`, which does nothing unless the project says so (behaviour reference, sections 1.8 and 6.2).
struct ArtifactNames: BuildspecRule {
    init(_: Buildspec) {}

    func finish(_ buildspec: Buildspec, _ report: DecodingReport) {
        guard let artifacts = buildspec.artifacts else { return }
        for artifact in [artifacts.primary] + artifacts.secondary.map(\.value.value) {
            guard let name = artifact.name else { continue }
            report.add(
                .nameNeedsOverride,
                "the name `\(name.value)` counts only if the project sets overrideArtifactName",
                at: name.range,
                mend:
                    "set OverrideArtifactName (\"Enable semantic versioning\" in the console) in the project")
        }
    }
}

/// Builds of a batch that reuse the phases of a file without phases.
struct BatchPhases: BuildspecRule {
    init(_: Buildspec) {}

    func finish(_ buildspec: Buildspec, _ report: DecodingReport) {
        guard buildspec.phases.isEmpty, let batch = buildspec.batch else { return }
        switch batch.kind {
        case .graph(let builds), .list(let builds):
            for build in builds where build.buildspec == nil {
                add(build.identifier, report)
            }
        case .matrix(let matrix):
            if matrix.buildspecs.isEmpty { addAll(report) }
        case .fanout: addAll(report)
        case nil: break
        }
    }

    private func addAll(_ report: DecodingReport) {
        let start = SourcePosition(line: 1, column: 1, offset: 0)
        report.add(
            .emptySection, "the builds of this batch reuse the phases of this file, which has none",
            at: SourceRange(start: start, end: start), mend: "give this file `phases`")
    }

    private func add(_ identifier: Marked<String>, _ report: DecodingReport) {
        report.add(
            .emptySection,
            "`\(identifier.value)` has no buildspec, and this file has no phases for it to run",
            at: identifier.range, mend: "give the build a `buildspec`, or this file `phases`")
    }
}
