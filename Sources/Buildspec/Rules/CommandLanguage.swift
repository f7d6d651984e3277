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
    ///
    /// Works on bytes: every command of every file is asked.
    static func isForWindows(_ command: String) -> Bool {
        var command = command
        return command.withUTF8 { bytes in
            if let first = firstWord(of: bytes), isCommandlet(first) { return true }
            for index in bytes.indices {
                if bytes[index] == UInt8(ascii: "$"), isEnvironmentDrive(bytes[(index + 1)...]) {
                    return true
                }
                if bytes[index] == UInt8(ascii: "%"), isWindowsVariable(bytes[(index + 1)...]) { return true }
            }
            return false
        }
    }

    private static func firstWord(of bytes: UnsafeBufferPointer<UInt8>) -> Substring? {
        let word = bytes.drop { $0 == 0x20 || $0 == 0x0A || $0 == 0x09 }.prefix { byte in
            !(byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == UInt8(ascii: "|")
                || byte == UInt8(ascii: ";"))
        }
        guard let first = word.first, (0x41...0x5A).contains(first), word.contains(UInt8(ascii: "-")) else {
            return nil
        }
        return Substring(decoding: word, as: UTF8.self)
    }

    /// Whether `env:` follows a dollar sign, as in `$env:NAME`.
    private static func isEnvironmentDrive(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        bytes.prefix(4).elementsEqual("env:".utf8) { $0 | 0x20 == $1 | 0x20 }
    }

    /// `Verb-Noun`, as in `Copy-Item`.
    private static func isCommandlet(_ word: Substring) -> Bool {
        let parts = word.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, verbs.contains(parts[0]), let first = parts[1].first, first.isUppercase else {
            return false
        }
        return parts[1].count > 2 && parts[1].allSatisfy { $0.isLetter || $0.isNumber }
    }

    /// `%NAME%`, as in `%CODEBUILD_SRC_DIR%`, from behind the first sign; no format of `date`.
    private static func isWindowsVariable(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        let name = bytes.prefix { (0x41...0x5A).contains($0) || $0 == UInt8(ascii: "_") }
        return name.count > 3 && name.endIndex < bytes.endIndex && bytes[name.endIndex] == UInt8(ascii: "%")
    }
}
