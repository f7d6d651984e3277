import Diagnostics
import ShellScript

/// Constructs of bash in commands that `sh` will run, which is dash in CodeBuild's Ubuntu images (behaviour reference,
/// section 2.1).
struct BashConstructs: BuildspecRule {
    private var isForSh: Bool
    private var seen: Set<Bashism.Kind> = []

    init(_ buildspec: Buildspec) {
        isForSh = buildspec.commandLanguage == .sh
    }

    mutating func visit(_ command: ScannedCommand, _ report: DecodingReport) {
        if command.makesShBash { isForSh = false }
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

/// `set -e` and its like as commands of their own: the next command is a shell of its own (behaviour reference,
/// section 2.2).
struct LostShellOptions: BuildspecRule {
    init(_: Buildspec) {}

    mutating func visit(_ command: ScannedCommand, _ report: DecodingReport) {
        guard command.scan.isOnlySetOptions, FoldedLines(of: command, in: report.text).accident == nil else {
            return
        }
        let written = command.command.value.split(separator: "\n").first.map(String.init) ?? "set"
        report.add(
            .lostShellOption, "`\(written)` ends with its command: the next one runs in a shell of its own",
            at: command.range(of: 0..<written.utf8.count),
            mend:
                "put it before the commands it is for, in one item below `- |`; without it a failing item ends the phase anyway"
        )
    }
}

/// Here-documents whose last line is missing: shells take what there is, and what follows in the script with it.
struct OpenHereDocuments: BuildspecRule {
    init(_: Buildspec) {}

    mutating func visit(_ command: ScannedCommand, _ report: DecodingReport) {
        guard command.scan.unfinished.count == 1, let open = command.scan.unfinished.last,
            case .hereDocument(let delimiter) = open.kind
        else { return }
        report.add(
            .openHereDocument, "no line `\(delimiter)` ends this here-document",
            at: command.range(of: open.offset..<(open.offset + 2)),
            mend:
                "put all of it into one item below `- |`, with `\(delimiter)` on a line of its own without blanks before it"
        )
    }
}

/// Lines that a folded block scalar, or plain text over several lines, joins into one.
struct JoinedLines: BuildspecRule {
    init(_: Buildspec) {}

    mutating func visit(_ command: ScannedCommand, _ report: DecodingReport) {
        guard command.command.range.end.line > command.command.range.start.line else { return }
        if let sign = command.scan.joinedLineSigns.first {
            let message =
                switch sign.kind {
                case .keyword(let word):
                    "YAML joins these lines with blanks, so `\(word)` is an argument here"
                case .escapedBlank:
                    "YAML joins these lines, so the backslash makes the next word begin with a blank"
                }
            add(message, at: command.range(of: sign.range), report)
        } else if let accident = FoldedLines(of: command, in: report.text).accident {
            add(accident.message, at: accident.place, report)
        }
    }

    private func add(_ message: String, at range: SourceRange, _ report: DecodingReport) {
        report.add(.joinedLines, message, at: range, mend: "begin the item with `- |`, which keeps the lines")
    }
}

extension ScannedCommand {
    /// Whether `sh` is bash after this command.
    fileprivate var makesShBash: Bool {
        scan.simpleCommands.contains { simple in
            switch simple.name {
            case "dpkg-reconfigure": simple.words.contains { $0.literal == "dash" }
            case "ln", "cp": simple.words.contains { $0.literal == "/bin/sh" || $0.literal == "/usr/bin/sh" }
            default: false
            }
        }
    }
}
