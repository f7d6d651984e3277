import Diagnostics
import ShellScript

/// Variables that commands use, or the file exports, and nothing in the file sets.
///
/// The project and whoever starts the build can set them, so this is a remark; a name that is nearly one that is set is a
/// warning. Nothing is said once a command runs code that cannot be seen here, such as `. ./env.sh`.
struct VariableUses: BuildspecRule {
    /// The first use of a variable.
    private struct Use {
        var name: String
        var range: SourceRange
    }

    /// More variables than this are told of together.
    private static let manyVariables = 5

    private var set: Set<String>
    private var uses: [Use] = []
    private var used: Set<String> = []
    private var readsUnknownScript = false

    init(_ buildspec: Buildspec) {
        let env = buildspec.env
        set = Set(env.variables.map(\.name.value))
        set.formUnion(env.parameterStore.map(\.name.value))
        set.formUnion(env.secretsManager.map(\.name.value))
        switch buildspec.batch?.kind {
        case .graph(let builds), .list(let builds):
            for build in builds { set.formUnion(build.env.variables.map(\.name.value)) }
        case .matrix(let matrix): set.formUnion(matrix.variables.map(\.name.value))
        case .fanout, nil: break
        }
    }

    mutating func visit(_ command: ScannedCommand, _: DecodingReport) {
        let scan = command.scan
        if scan.readsUnknownScript { readsUnknownScript = true }
        for assignment in scan.assignments { set.insert(assignment.name) }
        for expansion in scan.expansions {
            guard !expansion.hasDefault, !expansion.isArithmetic else { continue }
            if used.insert(expansion.name).inserted {
                uses.append(Use(name: expansion.name, range: command.range(of: expansion.range)))
            }
        }
    }

    func finish(_ buildspec: Buildspec, _ report: DecodingReport) {
        for use in uses {
            if let meant = ServiceVariables.meant(by: use.name), !set.contains(use.name) {
                addMisspelt(use, meant, report)
            }
        }
        // What was not understood may set any of them.
        guard !readsUnknownScript, !report.hasErrors else { return }
        let candidates = set.filter { $0.utf8.count >= 4 }.sorted() + ServiceVariables.codebuild
        var unknown: [Use] = []
        for use in uses where !set.contains(use.name) && !ServiceVariables.contains(use.name) {
            let meant =
                candidates.count > 200
                ? nil : candidates.first { KeySuggestion.isMisspelling(use.name, of: $0) }
            if let meant { addMisspelt(use, meant, report) } else { unknown.append(use) }
        }
        if unknown.count <= Self.manyVariables {
            for use in unknown { addUnknown("nothing in this file sets `\(use.name)`", use, [], report) }
        } else if let first = unknown.first {
            addUnknown(
                "nothing in this file sets `\(first.name)` and \(unknown.count - 1) more variables", first,
                unknown.dropFirst().prefix(20).map { Diagnostic.Note("nor `\($0.name)`", at: $0.range) },
                report)
        }
        for name in buildspec.env.exportedVariables {
            let isKnown = set.contains(name.value) || ServiceVariables.contains(name.value)
            guard !isKnown, VariableNames.isShellName(name.value), !name.value.hasPrefix("AWS_") else {
                continue
            }
            let meant = candidates.first { KeySuggestion.isMisspelling(name.value, of: $0) }
            report.add(
                .exportedNeverSet, "nothing in this file sets the exported variable `\(name.value)`",
                at: name.range,
                mend: meant.map { "did you mean `\($0)`?" } ?? "set it in a command: `export \(name.value)=…`"
            )
        }
    }

    private func addUnknown(
        _ message: String, _ use: Use, _ notes: [Diagnostic.Note], _ report: DecodingReport
    ) {
        report.add(
            .variableNeverSet, message, at: use.range, notes: notes,
            mend: "set it in the project's environment, or under `env/variables`")
    }

    private func addMisspelt(_ use: Use, _ meant: String, _ report: DecodingReport) {
        report.add(
            .misspeltVariable, "nothing sets `\(use.name)`, but `\(meant)` is set", at: use.range,
            mend: "did you mean `\(meant)`?")
    }
}
