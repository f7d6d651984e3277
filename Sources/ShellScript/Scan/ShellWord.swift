/// One word of a command, before the shell expands it.
package struct ShellWord: Sendable, Equatable {
    /// The text after quote removal; nil when an expansion takes part in it.
    package var literal: String?
    /// UTF-8 offsets of the word as it is written, with its quotes.
    package var range: Range<Int>
    /// Whether a part of it is quoted or escaped.
    package var isQuoted: Bool
}

/// A command without control flow: words, perhaps after assignments and among redirections.
package struct SimpleCommand: Sendable, Equatable {
    /// The name and the arguments, without assignments before them and without redirections; never empty.
    package var words: [ShellWord]
    /// Whether it stands in the body of a function, so that it may run later, often or never.
    package var isInFunctionBody: Bool
    /// Whether it stands in `( )`, `$( )` or backticks, so that what it sets is not seen outside.
    package var isInSubshell: Bool

    /// The command's name when it is literal.
    package var name: String? { words.first?.literal }
}
