import Diagnostics
import ShellScript

/// Something that is worth saying about a buildspec whose structure is known.
///
/// A rule sees every command once, in document order, and speaks at the end. Rules know nothing of each other.
protocol BuildspecRule: SendableMetatype {
    /// Makes the rule for one file.
    init(_ buildspec: Buildspec)
    /// Looks at a command.
    mutating func visit(_ command: ScannedCommand, _ report: DecodingReport)
    /// Says what is known only when all commands have been seen.
    func finish(_ buildspec: Buildspec, _ report: DecodingReport)
}

extension BuildspecRule {
    mutating func visit(_: ScannedCommand, _: DecodingReport) {}
    func finish(_: Buildspec, _: DecodingReport) {}
}

/// One command and what was read in it.
struct ScannedCommand {
    /// The list of a phase that a command stands in.
    enum List: Sendable {
        case commands
        case finally
    }

    /// The phase.
    let phase: Phase.Name
    /// Which of the phase's lists.
    let list: List
    /// The text, and where it is written.
    let command: Marked<String>
    /// What was read in it.
    let scan: ShellScan
    private let text: [UInt8]

    init(_ command: Marked<String>, phase: Phase.Name, list: List, text: [UInt8]) {
        self.phase = phase
        self.list = list
        self.command = command
        self.text = text
        scan = ShellScan(of: command.value)
    }

    /// Where some bytes of the command are written in the file.
    func range(of bytes: Range<Int>) -> SourceRange {
        var places = ScalarPlaces(of: command, in: text)
        return places.range(of: bytes)
    }
}

extension Buildspec {
    /// All rules, in no special order: diagnostics are sorted by their places.
    private static let rules: [any BuildspecRule.Type] = [
        VariableNames.self, DocumentedValues.self, LiteralDollars.self, PlainSecrets.self, VariableUses.self,
        ArtifactNames.self, ReportFiles.self, DeploymentsAfterFailure.self, BatchPhases.self,
    ]
    /// Rules that read the commands as scripts of a shell.
    private static let shellRules: [any BuildspecRule.Type] = [
        BashConstructs.self, LostShellOptions.self, OpenHereDocuments.self, JoinedLines.self,
    ]

    /// Applies all rules; what they have to say goes to the report.
    ///
    /// - Returns: the commands that were looked at.
    func applyRules(_ report: DecodingReport) -> [CheckedCommand] {
        var commands: [CheckedCommand] = []
        var rules = Self.rules.map { $0.init(self) }
        if commandLanguage != .windows {
            rules += Self.shellRules.map { $0.init(self) }
            for (command, phase, list) in allCommands {
                let scanned = ScannedCommand(command, phase: phase, list: list, text: report.text)
                for index in rules.indices { rules[index].visit(scanned, report) }
                commands.append(
                    CheckedCommand(
                        command: command, phase: phase, isFinally: list == .finally,
                        shape: CommandShape(scanned.scan)))
            }
        }
        for rule in rules { rule.finish(self, report) }
        return commands
    }

    /// Every command in document order, with its phase and list.
    var allCommands: some Sequence<(Marked<String>, Phase.Name, ScannedCommand.List)> {
        phases.lazy.flatMap { phase in
            [(phase.commands, ScannedCommand.List.commands), (phase.finally, .finally)].lazy.flatMap {
                commands, list in
                commands.lazy.map { ($0, phase.name.value, list) }
            }
        }
    }
}
