import Diagnostics

/// The lines of a command as they are written, where YAML joins them with blanks.
///
/// Joining is often meant, to break one long command. It is an accident where a further line begins like a command of its
/// own, after a line that has no need of more.
struct FoldedLines {
    /// What was joined by accident.
    let accident: (message: String, place: SourceRange)?

    /// Looks at the written lines of a command.
    init(of command: ScannedCommand, in text: [UInt8]) {
        accident = Self.find(command.command, in: text)
    }

    private static func find(_ command: Marked<String>, in text: [UInt8]) -> (String, SourceRange)? {
        let range = command.range
        guard range.end.line > range.start.line, range.end.offset <= text.count else { return nil }
        var walk = SourceWalk(text, from: range.start, to: range.end.offset)
        walk.skipProperties()
        switch walk.byte {
        case UInt8(ascii: "|"), UInt8(ascii: "'"), UInt8(ascii: "\""), nil: return nil
        case UInt8(ascii: ">"): walk.skipLine()
        default: break
        }
        var previous: Line?
        var takesCommands = false
        var indentation: Int?
        while walk.byte != nil, walk.position.line - range.start.line < 200 {
            walk.skipBlanks()
            let line = Line(at: walk.position, in: text, to: range.end.offset)
            // Blank lines and deeper lines keep their breaks.
            let isDeeper = line.start.column > indentation ?? line.start.column
            if line.words.isEmpty || isDeeper {
                previous = nil
                takesCommands = false
            } else {
                if let previous, !takesCommands, let message = accident(previous, line) {
                    return (message, line.range)
                }
                indentation = indentation ?? line.start.column
                takesCommands = takesCommands || line.takesCommands
                previous = line
            }
            walk.skipLine()
        }
        return nil
    }

    private static func accident(_ previous: Line, _ line: Line) -> String? {
        if previous.words.first?.hasPrefix("#") == true {
            return "YAML joins these lines with blanks, so the comment takes in what follows"
        }
        guard line.isLikeACommand, previous.isComplete, let word = line.words.first else { return nil }
        return "YAML joins these lines with blanks, so `\(word)` is an argument of the command before it"
    }

    /// One written line.
    private struct Line {
        let start: SourcePosition
        let end: Int
        let words: [String]

        init(at start: SourcePosition, in text: [UInt8], to limit: Int) {
            self.start = start
            let end = text[start.offset..<limit].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? limit
            self.end = end
            let head = text[start.offset..<min(end, start.offset + 4_000)]
            words = head.split { $0 == 0x20 || $0 == 0x09 }.map { String(decoding: $0, as: UTF8.self) }
        }

        var range: SourceRange {
            let length = words.first?.unicodeScalars.count ?? 1
            let bytes = words.first?.utf8.count ?? 1
            return SourceRange(
                start: start,
                end: SourcePosition(
                    line: start.line, column: start.column + length, offset: start.offset + bytes))
        }

        /// Whether the first word is a command that people begin lines with, and more follows.
        var isLikeACommand: Bool {
            guard let first = words.first else { return false }
            if FoldedLines.alone.contains(first) { return true }
            guard words.count > 1, FoldedLines.commands.contains(first) else { return false }
            return words[1].first.map { $0.isLetter || $0.isNumber || "-$./\"'~".contains($0) } ?? false
        }

        /// Whether the names of commands can be arguments of the line's command.
        var takesCommands: Bool {
            guard let first = words.first else { return false }
            return FoldedLines.takers.contains(first) || words.contains { FoldedLines.wrappers.contains($0) }
        }

        /// Whether nothing in the line asks for another line.
        var isComplete: Bool {
            guard let last = words.last else { return false }
            if ["\\", "|", "&", ";", "(", "{", ","].contains(where: { last.hasSuffix($0) }) { return false }
            return !["then", "do", "else", "in"].contains(last)
        }
    }

    /// Commands that begin a line of a script and hardly ever are an argument at the beginning of one.
    private static let commands: Set<String> = [
        "npm", "yarn", "pnpm", "npx", "cd", "echo", "docker", "aws", "make", "python", "python3", "pip",
        "pip3", "mvn",
        "export", "set", "mkdir", "cp", "mv", "rm", "apt-get", "yum", "dnf", "git", "terraform", "go",
        "dotnet", "gradle",
        "node", "bash", "sh", "source", "curl", "wget", "unzip", "zip", "sed", "chmod", "kubectl", "helm",
        "sam", "cdk",
        "serverless", "cargo", "bundle", "poetry", "pytest", "tar", "touch", "cat", "printf", "sudo",
    ]
    /// Commands that stand alone on a line.
    private static let alone: Set<String> = ["make", "pytest", "ls"]
    /// Commands whose arguments can be the names of commands.
    private static let takers: Set<String> = [
        "apt-get", "apt", "yum", "dnf", "apk", "brew", "which", "command", "type", "sudo", "env", "xargs",
        "time", "nohup",
        "exec", "ssh", "su", "if", "while", "until", "for", "case", "eval", "timeout", "nice",
    ]
    /// Words after which another command can follow as an argument.
    private static let wrappers: Set<String> = [
        "run", "exec", "install", "-c", "&&", "||", "--", "add", "-exec",
    ]
}
