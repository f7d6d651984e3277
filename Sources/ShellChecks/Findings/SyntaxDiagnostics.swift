import Buildspec
import Diagnostics
import ShellScript

/// Words for commands that a shell cannot read.
///
/// The usual cause is a construct that is split over list items: then one diagnostic tells of all its parts.
struct SyntaxDiagnostics {
    private let checked: CheckedBuildspec

    init(_ checked: CheckedBuildspec) {
        self.checked = checked
    }

    /// The diagnostics for what shells refused.
    func diagnostics(for verdicts: [SyntaxVerdict]) -> [Diagnostic] {
        let scans = Dictionary(
            verdicts.map { verdict in
                let index = verdict.error.commandIndex
                return (index, ShellScan(of: checked.commands[index].command.value))
            }, uniquingKeysWith: { first, _ in first })
        var told: Set<Int> = []
        var diagnostics: [Diagnostic] = []
        for verdict in verdicts {
            let index = verdict.error.commandIndex
            guard !told.contains(index) else { continue }
            guard verdict.isEveryShell, let scan = scans[index],
                let open = scan.unfinished.first(where: \.isSplittable),
                scan.unfinished.last?.isHereDocument != true
            else {
                diagnostics.append(plain(verdict, scans[index]))
                continue
            }
            let parts = parts(after: index, of: verdicts.map(\.error.commandIndex), scans)
            told.formUnion(parts.map(\.index))
            diagnostics.append(split(index, open, parts))
        }
        return diagnostics
    }

    /// A word in a later item of the same list that continues or closes what is open.
    private struct Part {
        let index: Int
        /// Nil for an item that opens something itself.
        let closer: StrayCloser?
    }

    private func parts(after index: Int, of refused: [Int], _ scans: [Int: ShellScan]) -> [Part] {
        let list = checked.commands[index]
        var parts: [Part] = []
        var awaited = scans[index]?.unfinished.map(\.ending) ?? []
        for later in refused where later > index && !awaited.isEmpty {
            let command = checked.commands[later]
            guard command.phase == list.phase, command.isFinally == list.isFinally, let scan = scans[later]
            else {
                break
            }
            for closer in scan.strayClosers where closer.word == awaited.last { awaited.removeLast() }
            awaited += scan.unfinished.map(\.ending)
            parts.append(Part(index: later, closer: scan.strayClosers.first))
        }
        // Without an end further on, what comes later are faults of their own.
        return awaited.isEmpty ? parts : []
    }

    private func split(_ index: Int, _ open: UnfinishedConstruct, _ parts: [Part]) -> Diagnostic {
        let command = checked.commands[index]
        let bytes = Array(command.command.value.utf8)
        let length = bytes[min(open.offset, bytes.count)...].prefix {
            ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A
        }.count
        let word =
            length == 0
            ? open.opening : String(decoding: bytes[open.offset..<(open.offset + length)], as: UTF8.self)
        let notes = parts.prefix(10).compactMap { part in
            part.closer.map { closer in
                let place = checked.commands[part.index].range(
                    of: closer.offset..<(closer.offset + closer.word.utf8.count), in: checked.text)
                return Diagnostic.Note("`\(closer.word)` stands in an item of its own", at: place)
            }
        }
        return Diagnostic(
            .splitConstruct,
            "`\(word)` has no `\(open.expected)` in its own list item: each item is a script of its own",
            at: command.range(of: open.offset..<(open.offset + max(length, 1)), in: checked.text),
            notes: notes,
            mend: parts.isEmpty
                ? "write `\(open.ending)` where it ends, in the same item"
                : "put all of it into one item, below `- |`")
    }

    /// What YAML took for a comment behind a plain command on one line, and the whole line in quotes.
    private func comment(behind command: CheckedCommand) -> (place: SourceRange, quoted: String)? {
        let range = command.command.range
        let text = checked.text
        guard range.start.line == range.end.line, range.start.offset < range.end.offset,
            range.end.offset < text.count,
            !"'\"|>".utf8.contains(text[range.start.offset])
        else { return nil }
        let rest = text[range.end.offset...]
        let end = rest.firstIndex { $0 == 0x0A || $0 == 0x0D } ?? text.count
        guard let sign = rest[..<end].firstIndex(where: { $0 != 0x20 && $0 != 0x09 }),
            text[sign] == UInt8(ascii: "#"),
            end - range.start.offset < 400
        else { return nil }
        var start = range.end
        start.column += sign - start.offset
        start.offset = sign
        let line = String(decoding: text[range.start.offset..<end], as: UTF8.self)
        let quoted =
            "'" + line.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
        let next = SourcePosition(line: start.line, column: start.column + 1, offset: sign + 1)
        return (SourceRange(start: start, end: next), quoted)
    }

    private func plain(_ verdict: SyntaxVerdict, _ scan: ShellScan?) -> Diagnostic {
        let command = checked.commands[verdict.error.commandIndex]
        let message = verdict.error.message
        if !verdict.isEveryShell {
            return Diagnostic(
                .shellSyntaxOfOneShell,
                "`sh` cannot read this command where it is dash, as on CodeBuild's Ubuntu images: \(message)",
                at: CommandLines(command, text: checked.text).range(ofLine: verdict.error.line),
                mend: "write `shell: bash` under `env:`")
        }
        if let open = scan?.unfinished.last, open.isHereDocument {
            return Diagnostic(
                .shellSyntax,
                "the shell cannot read this command: no line `\(open.expected)` ends the here-document (\(message))",
                at: command.range(of: open.offset..<(open.offset + 2), in: checked.text),
                mend: "put `\(open.expected)` on a line of its own, without blanks before it")
        }
        if let cut = comment(behind: command) {
            return Diagnostic(
                .shellSyntax, "YAML takes ` #` and what follows for a comment: the command ends before it",
                at: cut.place,
                mend: "quote the command: `- \(cut.quoted)`")
        }
        if let open = scan?.unfinished.last, let name = open.quoteName {
            return Diagnostic(
                .shellSyntax, "the shell cannot read this command: \(name) is not closed (\(message))",
                at: command.range(of: open.offset..<(open.offset + 1), in: checked.text),
                mend: "close it with `\(open.expected)` in the same item")
        }
        if let closer = scan?.strayClosers.first {
            return Diagnostic(
                .shellSyntax,
                "the shell cannot read this command: `\(closer.word)` ends nothing here (\(message))",
                at: command.range(
                    of: closer.offset..<(closer.offset + closer.word.utf8.count), in: checked.text),
                mend: "remove it, or put it into the item that it belongs to")
        }
        return Diagnostic(
            .shellSyntax, "the shell cannot read this command: \(message)",
            at: CommandLines(command, text: checked.text).range(ofLine: verdict.error.line),
            mend: message.contains("(") ? "quote parentheses that are meant as text" : nil)
    }
}

extension UnfinishedConstruct {
    /// Whether it is a here-document.
    fileprivate var isHereDocument: Bool {
        if case .hereDocument = kind { true } else { false }
    }

    /// Whether people split it over list items.
    fileprivate var isSplittable: Bool {
        switch kind {
        case .ifClause, .loop, .caseClause, .brace, .subshell, .function, .hereDocument: true
        default: false
        }
    }

    /// The word or operator that ends all of it.
    fileprivate var ending: String {
        switch kind {
        case .ifClause: "fi"
        case .loop: "done"
        default: expected
        }
    }

    /// What opened it, where that is no word.
    fileprivate var opening: String {
        switch kind {
        case .brace: "{"
        case .subshell: "("
        case .hereDocument: "<<"
        case .function: "a function"
        default: "this"
        }
    }

    /// What is open in words, for a quote or a bracket within a command.
    fileprivate var quoteName: String? {
        switch kind {
        case .singleQuote, .doubleQuote, .ansiQuote: "a quote"
        case .commandSubstitution: "`$(`"
        case .backtick: "a backtick"
        case .parameter: "`${`"
        case .arithmetic: "`((`"
        case .conditional: "`[[`"
        case .array: "an array"
        default: nil
        }
    }
}
