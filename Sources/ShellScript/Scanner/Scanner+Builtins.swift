extension Scanner {
    /// Notes what a builtin command does to variables, and which of its forms only bash has.
    mutating func noteBuiltin(_ name: String, _ command: SimpleCommand) {
        // Most commands are programs: their names are no builtins', or they are seldom anything else.
        guard name.utf8.count < 10, let first = name.utf8.first, ".[bcdeglmprstw".utf8.contains(first) else {
            return
        }
        let arguments = command.words.dropFirst()
        switch name {
        case "export": noteDeclared(arguments, .export, command)
        case "readonly": noteDeclared(arguments, .readonly, command)
        case "local", "declare", "typeset": noteDeclaration(name, arguments, command)
        case "read": noteRead(arguments)
        case "mapfile", "readarray":
            note(.arrayInput, command.words[0].range)
            if let last = arguments.last { noteName(last, .input) }
        case "getopts":
            if let word = arguments.dropFirst().first { noteName(word, .input) }
        case "printf":
            guard arguments.first?.literal == "-v", let word = arguments.dropFirst().first else { return }
            note(.printfVariable, command.words[0].range.lowerBound..<word.range.upperBound)
            noteName(word, .input)
        case "let":
            note(.letBuiltin, command.words[0].range)
            for word in arguments { noteName(word, .arithmetic) }
        case ".", "eval":
            result.readsUnknownScript = true
        case "source":
            result.readsUnknownScript = true
            note(.source, command.words[0].range)
        default:
            noteBashBuiltin(name, command)
        }
    }

    /// Notes the names behind `export` and `readonly`.
    private mutating func noteDeclared(
        _ arguments: ArraySlice<ShellWord>, _ form: ShellAssignment.Form, _ command: SimpleCommand,
        isLocal: Bool = false
    ) {
        for word in arguments {
            if let option = word.literal, option.hasPrefix("-") {
                if form == .export, option.contains("f") || option.contains("n") {
                    note(.exportOption, command.words[0].range.lowerBound..<word.range.upperBound)
                    return
                }
                continue
            }
            noteName(word, form, isLocal: isLocal)
        }
    }

    private mutating func noteDeclaration(
        _ name: String, _ arguments: ArraySlice<ShellWord>, _ command: SimpleCommand
    ) {
        let option = arguments.first?.literal ?? ""
        let hasOption = option.hasPrefix("-")
        if name != "local" {
            note(.declareBuiltin, command.words[0].range)
        } else if hasOption, let word = arguments.first {
            note(.declareOption, command.words[0].range.lowerBound..<word.range.upperBound)
        }
        let isLocal = functionDepth > 0 && !(hasOption && option.contains("g"))
        let form: ShellAssignment.Form = hasOption && option.contains("x") ? .export : .declaration
        noteDeclared(arguments, form, command, isLocal: isLocal)
    }

    /// Notes the variables that `read` fills, behind its options.
    private mutating func noteRead(_ arguments: ArraySlice<ShellWord>) {
        var takesValue = false
        for word in arguments {
            if takesValue {
                takesValue = false
                continue
            }
            guard let option = word.literal, option.hasPrefix("-"), option.utf8.count > 1 else {
                noteName(word, .input)
                continue
            }
            if option.utf8.dropFirst().contains(where: { "adeinNstu".utf8.contains($0) }) {
                note(.readOption, word.range)
            }
            // `-a` names an array: its value is a variable's name like any other.
            takesValue = option.utf8.last.map { "dinNptu".utf8.contains($0) } ?? false
        }
    }

    /// Notes the variable that a word such as `X`, `X=..` or `"X=.."` names.
    private mutating func noteName(_ word: ShellWord, _ form: ShellAssignment.Form, isLocal: Bool = false) {
        var start = word.range.lowerBound
        if start < bytes.count,
            bytes[start] == ShellBytes.doubleQuote || bytes[start] == ShellBytes.singleQuote
        {
            start += 1
        }
        var end = start
        while end < word.range.upperBound, ShellBytes.isNameByte(bytes[end]) { end += 1 }
        guard end > start, ShellBytes.isNameStart(bytes[start]) else { return }
        noteAssignment(text(start..<end), at: start, form, isLocal: isLocal)
    }

    /// Notes builtins that do not name variables.
    private mutating func noteBashBuiltin(_ name: String, _ command: SimpleCommand) {
        let arguments = command.words.dropFirst()
        let nameRange = command.words[0].range
        let option = arguments.first?.literal ?? ""
        let throughOption = nameRange.lowerBound..<(arguments.first ?? command.words[0]).range.upperBound
        switch name {
        case "set":
            if let word = arguments.first(where: { $0.literal == "pipefail" }) {
                note(.pipefail, nameRange.lowerBound..<word.range.upperBound)
            }
        case "shopt": note(.shopt, nameRange)
        case "pushd", "popd", "dirs": note(.directoryStack, nameRange)
        case "echo":
            let letters = option.utf8.dropFirst()
            if option.hasPrefix("-"), letters.contains(UInt8(ascii: "e")),
                letters.allSatisfy({ "neE".utf8.contains($0) })
            {
                note(.echoOption, throughOption)
            }
        case "type":
            if option.hasPrefix("-") { note(.typeOption, throughOption) }
        case "wait":
            if option.hasPrefix("-") { note(.waitOption, throughOption) }
        case "trap":
            let conditions = arguments.dropFirst()
            if let word = conditions.first(where: { ["ERR", "DEBUG", "RETURN"].contains($0.literal) }) {
                note(.trapCondition, word.range)
            }
        case "[", "test":
            for word in arguments where word.literal == "==" && !word.isQuoted {
                note(.doubleEquals, word.range)
            }
        case "builtin", "disown", "enable", "caller", "compgen", "complete":
            note(.bashBuiltin, nameRange)
        default:
            break
        }
    }

    /// Whether bash sets the variable by itself, and nobody else commonly does.
    func isBashVariable(_ name: String) -> Bool {
        guard let first = name.utf8.first, "BCDEFGHMOPRSU".utf8.contains(first) else { return false }
        return switch name {
        case "RANDOM", "SRANDOM", "SECONDS", "EPOCHSECONDS", "EPOCHREALTIME", "PIPESTATUS", "FUNCNAME",
            "REPLY",
            "UID", "EUID", "GROUPS", "DIRSTACK", "OSTYPE", "HOSTTYPE", "MACHTYPE", "SHELLOPTS", "BASHOPTS",
            "BASHPID", "BASH_SOURCE", "BASH_LINENO", "BASH_REMATCH", "BASH_COMMAND", "BASH_SUBSHELL",
            "BASH_VERSION", "BASH_VERSINFO", "MAPFILE", "COPROC":
            true
        default:
            false
        }
    }
}
