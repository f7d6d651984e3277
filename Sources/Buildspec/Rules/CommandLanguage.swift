import Diagnostics

/// What the commands are written in, going by `env/shell` (behaviour reference, section 1.4).
package enum CommandLanguage: Sendable {
    /// No shell given, or `sh`.
    case sh
    case bash
    /// PowerShell or `cmd.exe`, whose commands are not read.
    case windows
    /// Another shell, taken for a POSIX one.
    case other

    /// Tells by the value of `env/shell`.
    package init(shell: String) {
        let name = shell.split { $0 == "/" || $0 == "\\" }.last.map { $0.lowercased() } ?? ""
        switch name {
        case "sh", "dash", "ash": self = .sh
        case "bash": self = .bash
        case "powershell.exe", "cmd.exe", "powershell", "cmd", "pwsh", "pwsh.exe": self = .windows
        default: self = .other
        }
    }
}

extension Buildspec {
    /// What the commands are written in: as `env/shell` says, or a Windows shell where they can be nothing else.
    ///
    /// Which system a build runs on is the project's to say, and the default shell follows from it. So without `env/shell` the
    /// commands themselves have to tell.
    package var commandLanguage: CommandLanguage {
        if let shell = env.shell { return CommandLanguage(shell: shell.value) }
        let isWindows = allCommands.prefix(Self.commandsRead).contains {
            CommandLanguage.isForWindows($0.0.value)
        }
        return isWindows ? .windows : .sh
    }

    /// Commands that are read to tell the language.
    private static let commandsRead = 1_000
}

extension CommandLanguage {
    /// The verbs of PowerShell's commands that are met in builds.
    private static let verbs: Set<Substring> = [
        "Add", "Clear", "Compress", "Convert", "ConvertFrom", "ConvertTo", "Copy", "Expand", "Export",
        "ForEach", "Get",
        "Import", "Install", "Invoke", "Join", "Move", "New", "Out", "Pop", "Push", "Register", "Remove",
        "Rename",
        "Select", "Set", "Split", "Start", "Stop", "Test", "Wait", "Where", "Write",
    ]

    /// Whether a command is PowerShell, or for `cmd.exe`, beyond doubt.
    static func isForWindows(_ command: String) -> Bool {
        let bytes = command.utf8
        guard
            bytes.contains(where: {
                $0 == UInt8(ascii: "$") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "%")
            })
        else {
            return false
        }
        if command.contains("$env:") || command.contains("$Env:") || command.contains("$ENV:") { return true }
        let words = command.split { " \t\n|;(){}".contains($0) }
        if let first = words.first, isCommandlet(first) { return true }
        return words.prefix(40).contains { isWindowsVariable($0) }
    }

    /// `Verb-Noun`, as in `Copy-Item`.
    private static func isCommandlet(_ word: Substring) -> Bool {
        let parts = word.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, verbs.contains(parts[0]), let first = parts[1].first, first.isUppercase else {
            return false
        }
        return parts[1].count > 2 && parts[1].allSatisfy { $0.isLetter || $0.isNumber }
    }

    /// `%NAME%`, as in `%CODEBUILD_SRC_DIR%`; no format of `date`.
    private static func isWindowsVariable(_ word: Substring) -> Bool {
        guard let start = word.firstIndex(of: "%") else { return false }
        let rest = word[word.index(after: start)...]
        guard let end = rest.firstIndex(of: "%") else { return false }
        let name = rest[..<end]
        return name.utf8.count > 3
            && name.utf8.allSatisfy { (0x41...0x5A).contains($0) || $0 == UInt8(ascii: "_") }
    }
}
