package import Buildspec
import Diagnostics
import ShellScript
import SystemPackage

/// Asks the shells about the commands of buildspecs and tells what they say in the places of the file.
package struct ShellReview: Sendable {
    /// How much is asked.
    package enum Depth: String, Sendable, CaseIterable {
        /// Nothing.
        case off
        /// Whether the shell can read the commands: `sh -n` or `bash -n`.
        case syntax
        /// Also what shellcheck says, where it is installed.
        case all
    }

    private let depth: Depth
    private let searchPath: String
    private let memory: (any ShellcheckMemory)?

    /// Errors of syntax that are told of in one file.
    private static let limit = 50
    /// Prepares for questions.
    ///
    /// - Parameters:
    ///   - depth: how much is asked.
    ///   - searchPath: the directories of `PATH`, separated by colons.
    ///   - memory: what remembers the answers of shellcheck; nil asks anew every time.
    package init(_ depth: Depth, searchPath: String = "", memory: (any ShellcheckMemory)? = nil) {
        self.depth = depth
        self.searchPath = searchPath
        self.memory = memory
    }

    /// The file's diagnostics together with what the shells say.
    package func review(_ checked: CheckedBuildspec) -> CheckedBuildspec {
        guard depth != .off, !checked.commands.isEmpty, let buildspec = checked.readable else {
            return checked
        }
        let language = buildspec.commandLanguage
        guard language == .sh || language == .bash else { return checked }
        let texts = checked.commands.map(\.command.value)
        var diagnostics: [Diagnostic] = []
        var refused: Set<Int> = []
        do throws(ShellCheckError) {
            let verdicts = try verdicts(on: checked, texts, isBash: language == .bash)
            refused = Set(verdicts.map(\.error.commandIndex))
            diagnostics += SyntaxDiagnostics(checked).diagnostics(for: verdicts)
            diagnostics += unchecked(checked)
            if depth == .all, let executable = shellcheckExecutable(searchPath: searchPath) {
                let scans = texts.map { ShellScan(of: $0) }
                let report = try shellcheckFindings(
                    in: texts, scans: scans, excluding: refused, dialect: language == .bash ? .bash : .dash,
                    executable: executable, memory: memory)
                diagnostics += ShellcheckDiagnostics(checked, scans).diagnostics(for: report)
            }
        } catch {
            diagnostics.append(Diagnostic(.shellNotChecked, "commands are not checked: \(error)", at: nil))
        }
        return checked.adding(diagnostics)
    }

    /// Remarks on commands that no shell was asked about.
    private func unchecked(_ checked: CheckedBuildspec) -> [Diagnostic] {
        checked.commands.lazy.filter { $0.shape == .opaque }.prefix(10).map { command in
            Diagnostic(
                .shellNotChecked, "this command is not checked: it is too long, or nested too deep",
                at: command.command.range)
        }
    }

    /// What the shells refuse: for `sh`, which is dash or bash by the image, both are asked.
    private func verdicts(
        on checked: CheckedBuildspec, _ texts: [String], isBash: Bool
    ) throws(ShellCheckError) -> [SyntaxVerdict] {
        let shapes = checked.commands.map(\.shape)
        let shell: Shell = isBash ? .bash : .sh
        let report = try syntaxErrors(
            in: texts, shapes: shapes, shell: shell, limit: Self.limit,
            executable: shell.executable(searchPath: searchPath))
        if isBash || report.errors.isEmpty {
            return report.errors.map { SyntaxVerdict(error: $0, isEveryShell: true) }
        }
        guard let bash = Shell.bash.executable(searchPath: searchPath) else {
            // Without bash it cannot be known whether an image whose sh is bash would take it.
            return report.errors.map {
                SyntaxVerdict(error: $0, isEveryShell: shapes[$0.commandIndex] == .odd)
            }
        }
        let indices = report.errors.map(\.commandIndex)
        let second = try syntaxErrors(
            in: indices.map { texts[$0] }, shapes: indices.map { shapes[$0] }, shell: .bash,
            limit: Self.limit,
            executable: bash)
        let both = Set(second.errors.map { indices[$0.commandIndex] })
        return report.errors.map { SyntaxVerdict(error: $0, isEveryShell: both.contains($0.commandIndex)) }
    }
}

/// An error of syntax, and who refuses the command.
struct SyntaxVerdict {
    /// What the shell said.
    let error: SyntaxError
    /// Whether every shell that may run the command refuses it, or `sh` only where it is dash.
    let isEveryShell: Bool
}

/// Where the lines and columns of a command are written in its file.
struct CommandLines {
    private let command: CheckedCommand
    private let text: [UInt8]
    private let bytes: [UInt8]
    private let starts: [Int]

    init(_ command: CheckedCommand, text: [UInt8]) {
        self.command = command
        self.text = text
        let bytes = Array(command.command.value.utf8)
        self.bytes = bytes
        starts = [0] + bytes.indices.filter { bytes[$0] == 0x0A }.map { $0 + 1 }
    }

    /// The place of a line, counted from 1, without the blanks around it.
    func range(ofLine line: Int) -> SourceRange {
        let start = starts[min(max(line, 1), starts.count) - 1]
        let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
        let first = bytes[start..<end].firstIndex { $0 != 0x20 && $0 != 0x09 } ?? start
        let last = bytes[first..<end].lastIndex { $0 != 0x20 && $0 != 0x09 } ?? first
        return command.range(of: first..<min(last + 1, max(end, first)), in: text)
    }

    /// The place from one line and column to another, counted from 1, columns in Unicode scalars.
    func range(of place: ShellcheckFinding.Place) -> SourceRange {
        let start = offset(line: place.line, column: place.column)
        // A place of no length would mark nothing.
        let end = max(offset(line: place.endLine, column: place.endColumn), min(start + 1, bytes.count))
        return command.range(of: start..<max(start, end), in: text)
    }

    private func offset(line: Int, column: Int) -> Int {
        var offset = starts[min(max(line, 1), starts.count) - 1]
        var left = column - 1
        while offset < bytes.count, left > 0, bytes[offset] != 0x0A {
            offset += 1
            while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
            left -= 1
        }
        return offset
    }
}
