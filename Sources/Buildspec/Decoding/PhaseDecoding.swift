import Diagnostics
import RetryPattern
import YAMLTree

extension SectionReader<TopLevelKey> {
    /// `phases` in document order.
    func phases() -> [Phase] {
        guard let pair = pair(.phases) else {
            if value(.batch) == nil { addMissingPhases() }
            return []
        }
        guard let node = value(.phases), !node.isEmpty else {
            report.add(.emptySection, "phases is empty: nothing will run", at: pair.key.useRange)
            return []
        }
        guard let mapping = node.mapping else {
            report.addWrongKind(node, path: path(.phases), expected: "a map")
            return []
        }
        return report.pairsByName(of: mapping, path: path(.phases)).compactMap { name, pair in
            guard let phase = Phase.Name(rawValue: name) else {
                report.addInvalidPhase(name, at: pair.key.useRange)
                return nil
            }
            return report.phase(Marked(phase, at: pair.key.useRange), pair.value)
        }
    }

    private func addMissingPhases() {
        let start = SourcePosition(line: 1, column: 1, offset: 0)
        report.add(
            .missingPhases, "phases is missing: a buildspec needs phases",
            at: pair(.version)?.key.useRange ?? SourceRange(start: start, end: start),
            mend: "write `phases:` with `build:` and `commands:` below it")
    }
}

extension DecodingReport {
    fileprivate func addInvalidPhase(_ name: String, at range: SourceRange) {
        guard hasRoom(for: .invalidPhaseName) else { return leaveOut() }
        let names = Phase.Name.allCases.map(\.rawValue)
        let mend: String? =
            if let meant = KeySuggestion.nearest(to: name, among: names) {
                "did you mean `\(meant)`?"
            } else if TopLevelKey(rawValue: name) != nil {
                "`\(name)` belongs at the top level: check the indentation"
            } else {
                nil
            }
        add(
            .invalidPhaseName,
            "Invalid buildspec phase name: \(name). Expecting: \(names.sorted().joined(separator: ","))",
            at: range, mend: mend)
    }

    fileprivate func phase(_ name: Marked<Phase.Name>, _ node: YAMLNode) -> Phase {
        var phase = Phase(name: name)
        let path = Phase.Name.path(of: name.value.rawValue)
        if node.sequence != nil || (node.scalar != nil && !node.isNull) {
            addWrongKind(node, path: path, expected: "a map", mend: "put the commands under `commands:`")
            return phase
        }
        guard let section: SectionReader<PhaseKey> = section(node, path: path) else {
            if node.isNull {
                add(
                    .emptySection, "\(path) is empty: nothing runs", at: name.range,
                    mend: "put `commands:` below it, indented, or remove the phase")
            }
            return phase
        }
        phase.runAs = section.text(.runAs)
        phase.onFailure = section.onFailure()
        phase.runtimeVersions = section.runtimeVersions(of: name.value)
        phase.commands = section.commands(.commands)
        phase.finally = section.commands(.finally)
        section.checkCommands(of: phase, at: name.range)
        return phase
    }
}

extension SectionReader<PhaseKey> {
    /// Warns of a phase that runs nothing, and of one without the `commands` that the documentation requires.
    fileprivate func checkCommands(of phase: Phase, at place: SourceRange) {
        let isInstallOfRuntimes =
            phase.name.value == .install && (pair(.runtimeVersions) != nil || !phase.finally.isEmpty)
        // A key that is not known may well be the commands, misspelt.
        guard phase.commands.isEmpty, !isInstallOfRuntimes, !hasUnknownKeys else { return }
        // What is given and empty, or of the wrong kind, has been told of.
        guard pair(.commands) == nil else { return }
        if phase.finally.isEmpty {
            report.add(
                .emptySection, "\(path) has no commands: nothing runs", at: place,
                mend: "put `commands:` below it, or remove the phase")
        } else {
            report.add(
                .emptySection, "\(path) has no commands, which CodeBuild's documentation requires", at: place,
                mend: "put the commands of `finally` under `commands`")
        }
    }

    fileprivate func onFailure() -> Marked<OnFailure>? {
        guard let text = text(.onFailure) else { return nil }
        if let value = OnFailure(parsing: text.value) {
            checkPattern(of: value, at: text.range)
            return Marked(value, at: text.range)
        }
        report.add(
            .invalidOnFailure,
            "Invalid \(path(.onFailure)): \(text.value). Expecting: ABORT, CONTINUE, RETRY, RETRY-<count>, "
                + "RETRY-<regex> or RETRY-<count>-<regex> at line \(text.range.start.line)",
            at: text.range,
            mend: KeySuggestion.nearest(to: text.value, among: ["ABORT", "CONTINUE", "RETRY"])
                .map { "did you mean `\($0)`?" }
                ?? (text.value.lowercased().hasPrefix("retry")
                    ? "a count is from 0 to 100" : "write ABORT, CONTINUE or RETRY"))
        return nil
    }

    /// Refuses a RETRY pattern that does not compile.
    private func checkPattern(of value: OnFailure, at range: SourceRange) {
        guard case .retry(_, let pattern) = value else { return }
        do throws(InvalidPattern) {
            _ = try RetryPattern(pattern)
        } catch {
            // Patterns of this kind compile in CodeBuild; they only cannot be tried here.
            guard error.code != .unsupportedScript else { return }
            report.add(
                .invalidRetryPattern, "Invalid \(path(.onFailure)): \(error)", at: range,
                mend:
                    "the pattern is a regular expression of Go (RE2): escape characters that are meant literally"
            )
        }
    }

    fileprivate func runtimeVersions(of phase: Phase.Name) -> [NamedValue<String>] {
        if phase != .install, let pair = pair(.runtimeVersions) {
            report.add(
                .keyWithoutEffect, "\(path(.runtimeVersions)) has an effect in the install phase only",
                at: pair.key.useRange, mend: "move it to `phases/install`")
        }
        let versions = namedTexts(.runtimeVersions)
        for version in versions where version.value.value.isEmpty {
            report.add(
                .emptySection, "\(path(.runtimeVersions))/\(version.name.value) names no version",
                at: version.name.range, mend: "write a version, such as `latest`")
        }
        return versions
    }
}
