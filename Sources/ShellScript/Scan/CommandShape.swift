/// How a command can be put before a shell, together with others or not.
package enum CommandShape: Sendable, Equatable {
    /// Closed in itself: checked with all others of its kind in one script.
    case simple
    /// Closed in itself, with here-documents: checked with others of its kind.
    case heredoc
    /// Too long or nested too deep to be read: not checked at all.
    case opaque
    /// Something is open or stray: checked alone.
    case odd
    /// Turns on extended patterns, which change how bash reads the rest: checked alone, with them on.
    case extendedPatterns
    /// Defines aliases, which change how `sh` reads the rest: only running it could tell.
    case aliases

    /// Tells the shape of a command from reading it.
    package init(_ scan: ShellScan) {
        if scan.isOpaque {
            self = .opaque
            return
        }
        for command in scan.simpleCommands {
            if command.name == "alias" {
                self = .aliases
                return
            }
            if command.name == "shopt", command.words.contains(where: { $0.literal == "extglob" }) {
                self = .extendedPatterns
                return
            }
        }
        self = scan.isSimplyClosed ? .simple : scan.isBalanced ? .heredoc : .odd
    }
}
