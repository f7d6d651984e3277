import Buildspec
import Diagnostics
import ShellScript

/// Findings of shellcheck as diagnostics in the places of the buildspec.
///
/// Of several findings of one rule in a command the first is told, with the number of the others.
struct ShellcheckDiagnostics {
    private let checked: CheckedBuildspec
    private let scans: [ShellScan]

    init(_ checked: CheckedBuildspec, _ scans: [ShellScan]) {
        self.checked = checked
        self.scans = scans
    }

    /// The diagnostics for a report.
    func diagnostics(for report: ShellcheckReport) -> [Diagnostic] {
        var notes: [Diagnostic] = []
        if report.isCutShort {
            notes.append(
                Diagnostic(.shellNotChecked, "shellcheck needs too long for all of these commands", at: nil))
        }
        // What needs bash is told in CodeBuild's words already.
        let findings = report.findings.filter { finding in
            !(finding.isAboutPortability && !scans[finding.commandIndex].bashisms.isEmpty)
        }
        let groups = Dictionary(grouping: findings) { Group(command: $0.commandIndex, code: $0.code) }
        return notes
            + groups.values.compactMap { group in group.first.map { diagnostic($0, others: group.count - 1) }
            }
            .sorted { ($0.range?.start.offset ?? 0, $0.message) < ($1.range?.start.offset ?? 0, $1.message) }
    }

    private struct Group: Hashable {
        let command: Int
        let code: Int
    }

    private func diagnostic(_ finding: ShellcheckFinding, others: Int) -> Diagnostic {
        let lines = CommandLines(checked.commands[finding.commandIndex], text: checked.text)
        let further = others == 0 ? "" : " (and \(others) more in this command)"
        let code: DiagnosticCode =
            switch finding.level {
            case .error, .warning: .shellcheckWarning
            case .info, .style: .shellcheckNote
            }
        return Diagnostic(
            code, "SC\(finding.code): \(finding.message)\(further)", at: lines.range(of: finding.place),
            mend: "see https://www.shellcheck.net/wiki/SC\(finding.code)")
    }
}
