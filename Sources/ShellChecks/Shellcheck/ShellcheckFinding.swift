/// Something that shellcheck says about a command.
package struct ShellcheckFinding: Sendable, Equatable {
    /// How serious shellcheck takes it.
    package enum Level: String, Sendable {
        case error, warning, info, style
    }

    /// A text to put in place of another; positions as in the finding.
    package struct Replacement: Sendable, Equatable {
        /// The place that is replaced; empty for an insertion.
        package var place: Place
        /// What is put there.
        package var text: String
        /// Of several replacements, the one with the higher precedence comes first.
        package var precedence: Int
    }

    /// A place in a command: 1-based lines, and 1-based columns counted in Unicode scalars.
    package struct Place: Sendable, Equatable {
        /// The first line.
        package var line: Int
        /// The first column.
        package var column: Int
        /// The last line.
        package var endLine: Int
        /// The column behind the last one.
        package var endColumn: Int
    }

    /// The command's place among those that were asked about.
    package var commandIndex: Int
    /// Where in the command.
    package var place: Place
    /// The number of the rule, such as 2086 for SC2086.
    package var code: Int
    /// How serious it is.
    package var level: Level
    /// The sentence, as shellcheck says it.
    package var message: String
    /// How to mend it, where shellcheck knows.
    package var fix: [Replacement]

    /// Whether it is about what other shells do not have: our own reading says the same in words for
    /// CodeBuild.
    package var isAboutPortability: Bool { (3000..<4000).contains(code) }
}

/// What shellcheck says about commands.
package struct ShellcheckReport: Sendable, Equatable {
    /// What it says, in the order of the commands.
    package var findings: [ShellcheckFinding] = []
    /// Commands it was not asked about, or could not read.
    package var unreadCommands: [Int] = []
    /// Whether it was stopped at the deadline, or said more than is read: then findings are missing.
    package var isCutShort = false
}
