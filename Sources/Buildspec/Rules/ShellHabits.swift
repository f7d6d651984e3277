import Diagnostics
import ShellScript

/// Constructs of bash in commands that `sh` will run, which is dash in CodeBuild's Ubuntu images (behaviour reference,
/// section 2.1).
struct BashConstructs: BuildspecRule {
    private let isForSh: Bool
    private var seen: Set<Bashism.Kind> = []

    init(_ buildspec: Buildspec) {
        isForSh = buildspec.commandLanguage == .sh
    }

    mutating func visit(_ command: ScannedCommand, _ report: DecodingReport) {
        guard isForSh, !command.scan.bashisms.isEmpty else { return }
        var kinds: Set<Bashism.Kind> = []
        for bashism in command.scan.bashisms where kinds.insert(bashism.kind).inserted {
            let isFirst = seen.isEmpty
            seen.insert(bashism.kind)
            report.add(
                .bashOnly,
                "\(bashism.kind.construct) needs bash, and `sh` is dash on CodeBuild's Ubuntu images",
                at: command.range(of: bashism.range),
                mend: (isFirst ? "write `shell: bash` under `env:`, or " : "") + bashism.kind.mend)
        }
    }
}

/// `set -e` and its like as commands of their own: the next command is a shell of its own (behaviour reference, section 2.2).
struct LostShellOptions: BuildspecRule {
    init(_: Buildspec) {}

    mutating func visit(_ command: ScannedCommand, _ report: DecodingReport) {
        guard command.scan.isOnlySetOptions else { return }
        let written = command.command.value.split(separator: "\n").first.map(String.init) ?? "set"
        report.add(
            .lostShellOption, "`\(written)` ends with its command: the next one runs in a shell of its own",
            at: command.range(of: 0..<written.utf8.count),
            mend:
                "put it before the commands it is for, in one item below `- |`; without it a failing item ends the phase anyway"
        )
    }
}

/// Lines that a folded block scalar, or plain text over several lines, joins into one.
struct JoinedLines: BuildspecRule {
    init(_: Buildspec) {}

    mutating func visit(_ command: ScannedCommand, _ report: DecodingReport) {
        guard let sign = command.scan.joinedLineSigns.first else { return }
        guard command.command.range.end.line > command.command.range.start.line else { return }
        let message =
            switch sign.kind {
            case .keyword(let word): "YAML joins these lines with blanks, so `\(word)` is an argument here"
            case .escapedBlank:
                "YAML joins these lines, so the backslash makes the next word begin with a blank"
            }
        report.add(
            .joinedLines, message, at: command.range(of: sign.range),
            mend: "begin the item with `- |`, which keeps the lines")
    }
}
