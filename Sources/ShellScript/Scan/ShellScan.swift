/// What can be told about a command by reading it: POSIX `sh` with the extensions of bash.
///
/// Reading never fails, takes time linear in the text and looks into at most `depthLimit` substitutions
/// within each other. All offsets are UTF-8 offsets into the text. What stands in single quotes, comments
/// and quoted here-documents is text for somebody else and is not looked at.
package struct ShellScan: Sendable {
    /// Substitutions within each other that are looked into; deeper text stays unread.
    package static let depthLimit = 64
    /// Bytes of a text that is looked at; longer ones stay unread as a whole.
    package static let byteLimit = 1 << 20

    /// The simple commands in the order of their ends, also those in substitutions and bodies.
    package internal(set) var simpleCommands: [SimpleCommand] = []
    /// The variables that are given values.
    package internal(set) var assignments: [ShellAssignment] = []
    /// The variables whose values are used.
    package internal(set) var expansions: [ShellExpansion] = []
    /// What the default shell would not do.
    package internal(set) var bashisms: [Bashism] = []
    /// What is still open at the end, innermost last; empty when `isOpaque`.
    package internal(set) var unfinished: [UnfinishedConstruct] = []
    /// What closes nothing.
    package internal(set) var strayClosers: [StrayCloser] = []
    /// Signs that lines were joined by accident.
    package internal(set) var joinedLineSigns: [JoinedLineSign] = []
    /// Whether it runs code that cannot be seen here: `. file`, `source file`, `eval ..`, `$(..)` as the
    /// command.
    package internal(set) var readsUnknownScript = false
    /// Whether it has a here-document.
    package internal(set) var hasHeredoc = false
    /// Whether it ends in a backslash that would take the next line in.
    package internal(set) var endsInBackslash = false
    /// Whether it has a NUL, on which shells do not agree.
    package internal(set) var hasNUL = false
    /// Whether reading stopped at `depthLimit`, or did not begin because of `byteLimit`.
    package internal(set) var isOpaque = false
    /// Whether there was `if`, `for`, `( )` or other control flow.
    var hasCompound = false

    /// Whether all that was opened is closed, and nothing else is.
    package var isBalanced: Bool {
        unfinished.isEmpty && strayClosers.isEmpty && !endsInBackslash && !isOpaque && !hasNUL
    }

    /// Whether the text can be put between others without a chance to reach into them.
    package var isSimplyClosed: Bool { isBalanced && !hasHeredoc }

    /// Whether the command only sets options of a shell that ends with it, as `set -e` does.
    package var isOnlySetOptions: Bool {
        guard !simpleCommands.isEmpty, assignments.isEmpty, !hasCompound, isBalanced else { return false }
        return simpleCommands.allSatisfy { command in
            guard let first = command.words.dropFirst().first?.literal?.utf8 else { return false }
            if command.name == "shopt" { return true }
            return command.name == "set" && first.count > 1
                && (first.first == UInt8(ascii: "-") || first.first == UInt8(ascii: "+"))
                && !first.elementsEqual("--".utf8)
        }
    }

    /// Reads a command.
    package init(of text: String) {
        guard text.utf8.count <= Self.byteLimit else {
            isOpaque = true
            return
        }
        var scanner = Scanner(Array(text.utf8))
        scanner.scanAll()
        self = scanner.result
    }

    init() {}
}
