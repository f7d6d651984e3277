import Glibc
package import ShellScript
package import SystemPackage

/// Remembers what shellcheck answered.
package protocol ShellcheckMemory: Sendable {
    /// The answer to a question that was asked before; nil when it is not known.
    func answer(to question: [UInt8]) -> [UInt8]?
    /// Keeps an answer, if possible.
    func remember(_ answer: [UInt8], to question: [UInt8])
}

/// Where `shellcheck` is: in the usual directories, or else in those of `PATH`; nil when there is none.
package func shellcheckExecutable(searchPath: String = "") -> FilePath? {
    executablePath("shellcheck", searchPath)
}

/// Asks shellcheck about all commands of a buildspec at once.
///
/// Commands that are not closed in themselves are left out, as are findings that come from how we ask or
/// from how CodeBuild runs commands (`ArtefactRules`). A command that shellcheck cannot read is left out
/// and the others are asked about again, a few times. No file of settings is read (`--norc`), and sourced
/// files are not followed.
///
/// - Parameters:
///   - commands: the texts, in the order in which they run.
///   - scans: what reading told about each command, in the same order.
///   - excluded: commands that are not asked about, because the shell refuses them.
///   - dialect: the language they are taken for.
///   - executable: shellcheck.
///   - duration: when to stop asking.
///   - memory: what remembers its answers.
/// - Returns: the findings, and which commands were not read.
/// - Throws: `system`, and `unexpected` for an answer that is no finding.
package func shellcheckFindings(
    in commands: [String], scans: [ShellScan], excluding excluded: Set<Int> = [], dialect: ShellcheckDialect,
    executable: FilePath, duration: Duration = .seconds(5), memory: (any ShellcheckMemory)? = nil
) throws(ShellCheckError) -> ShellcheckReport {
    let run = ShellcheckRun(
        commands: commands, scans: scans, dialect: dialect, executable: executable, deadline: .now + duration,
        memory: memory)
    var report = ShellcheckReport()
    var batches: [[Int]] = []
    var bytes = 0
    for (index, scan) in zip(commands.indices, scans) {
        let length = commands[index].utf8.count
        guard scan.isBalanced, !excluded.contains(index), length <= ShellcheckRun.batchBytes else {
            report.unreadCommands.append(index)
            continue
        }
        if bytes + length > ShellcheckRun.batchBytes
            || batches.last?.count ?? .max >= ShellcheckRun.batchCount
        {
            batches.append([])
            bytes = 0
        }
        bytes += length
        batches[batches.count - 1].append(index)
    }
    for batch in batches { try run.ask(about: batch, &report) }
    report.unreadCommands.sort()
    return report
}

/// One conversation with shellcheck.
private struct ShellcheckRun {
    let commands: [String]
    let scans: [ShellScan]
    let dialect: ShellcheckDialect
    let executable: FilePath
    let deadline: ContinuousClock.Instant
    let memory: (any ShellcheckMemory)?

    /// Commands, and bytes of them, that are asked about at once: time and memory of shellcheck grow faster than its input.
    static let batchCount = 60
    static let batchBytes = 16_384

    /// Asks about some commands, and again without those that cannot be read.
    func ask(about batch: [Int], _ report: inout ShellcheckReport) throws(ShellCheckError) {
        var chosen = batch
        for _ in 0..<Self.attempts where !chosen.isEmpty {
            let script = ShellcheckScript(commands, chosen, dialect)
            guard !report.isCutShort, let comments = try comments(on: script) else {
                report.isCutShort = true
                report.unreadCommands += chosen
                return
            }
            guard let unreadable = unreadableCommand(comments, script) else {
                report.findings += findings(comments, script)
                return
            }
            chosen.removeAll { $0 == unreadable }
            report.unreadCommands.append(unreadable)
        }
        report.unreadCommands += chosen
    }

    /// How often it is asked, each time without one more command that it cannot read.
    static let attempts = 6
    private static let outputLimit = 16 << 20
    /// "Couldn't parse this" and "Fix any mentioned problems and try again": nothing behind them was read.
    private static let parseFailures: Set<Int> = [1072, 1073]

    /// All that shellcheck says about a script; nil when there is no time or too much of it.
    func comments(on script: ShellcheckScript) throws(ShellCheckError) -> [JSONValue]? {
        let question = memory == nil ? [] : question(script)
        if let answer = memory?.answer(to: question), let comments = JSONValue(answer)?["comments"] {
            return comments.elements
        }
        let tool = ToolRun(
            executable: executable,
            arguments: ["--norc", "--format=json1", "--shell=\(dialect.rawValue)", "-"],
            keeps: .standardOutput, outputLimit: Self.outputLimit)
        let outcome: ToolRun.Outcome
        do throws(Errno) {
            let file = try MemoryFile(script.text)
            try file.rewind(to: 0)
            outcome = try tool.run(input: file, until: deadline)
        } catch {
            throw ShellCheckError(.system(error), executable.string)
        }
        if outcome.isTimedOut || outcome.isCut { return nil }
        guard let comments = JSONValue(outcome.output)?["comments"] else {
            throw ShellCheckError(.unexpected, executable.string)
        }
        memory?.remember(outcome.output, to: question)
        return comments.elements
    }

    /// All that an answer depends on: the program as it is installed, the language, and the script.
    private func question(_ script: ShellcheckScript) -> [UInt8] {
        var status = stat()
        _ = executable.withPlatformString { stat($0, &status) }
        let program =
            "\(executable) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(dialect.rawValue)\n"
        return Array(program.utf8) + script.text
    }

    /// The command at which shellcheck stopped reading.
    func unreadableCommand(_ comments: [JSONValue], _ script: ShellcheckScript) -> Int? {
        // The last place it names is where it stopped; the first may be the beginning of something around
        // that.
        let lines = comments.compactMap { comment in
            Self.parseFailures.contains(comment["code"]?.integer ?? 0) ? comment["line"]?.integer : nil
        }
        return lines.max().flatMap { script.nearestCommand(toLine: $0) }
    }

    /// The comments that are about commands, and not artefacts.
    func findings(_ comments: [JSONValue], _ script: ShellcheckScript) -> [ShellcheckFinding] {
        let all = comments.compactMap { finding($0, script) }
        let real = all.filter { !ArtefactRules.excludes($0, isInLastCommand: isInLastCommand($0)) }
        return real.sorted {
            ($0.commandIndex, $0.place.line, $0.place.column, $0.code)
                < ($1.commandIndex, $1.place.line, $1.place.column, $1.code)
        }
    }

    private func finding(_ comment: JSONValue, _ script: ShellcheckScript) -> ShellcheckFinding? {
        guard let scriptLine = comment["line"]?.integer, let owner = script.command(atLine: scriptLine),
            let place = place(comment, from: owner.firstLine),
            let code = comment["code"]?.integer, let message = comment["message"]?.text,
            let level = (comment["level"]?.text).flatMap(ShellcheckFinding.Level.init(rawValue:))
        else { return nil }
        let replacements = comment["fix"]?["replacements"]?.elements ?? []
        let fix = replacements.compactMap { replacement -> ShellcheckFinding.Replacement? in
            guard let place = self.place(replacement, from: owner.firstLine),
                let text = replacement["replacement"]?.text
            else { return nil }
            return ShellcheckFinding.Replacement(
                place: place, text: text, precedence: replacement["precedence"]?.integer ?? 0)
        }
        return ShellcheckFinding(
            commandIndex: owner.index, place: place, code: code, level: level, message: message,
            fix: fix.count == replacements.count ? fix : [])
    }

    private func place(_ value: JSONValue, from firstLine: Int) -> ShellcheckFinding.Place? {
        guard let line = value["line"]?.integer, let column = value["column"]?.integer,
            let endLine = value["endLine"]?.integer, let endColumn = value["endColumn"]?.integer,
            line >= firstLine, endLine >= line
        else { return nil }
        return ShellcheckFinding.Place(
            line: line - firstLine + 1, column: column, endLine: endLine - firstLine + 1, endColumn: endColumn
        )
    }

    /// Whether a finding begins at the command's last simple command, outside of control flow.
    private func isInLastCommand(_ finding: ShellcheckFinding) -> Bool {
        guard let last = scans[finding.commandIndex].simpleCommands.last?.words.first else { return false }
        var line = 1
        var column = 1
        let bytes = Array(commands[finding.commandIndex].utf8)
        for byte in bytes.prefix(last.range.lowerBound) {
            if byte == 0x0A {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return (line, column) == (finding.place.line, finding.place.column)
    }
}
