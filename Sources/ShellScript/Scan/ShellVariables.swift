/// A place where a command gives a value to a variable.
package struct ShellAssignment: Sendable, Equatable {
    /// What gives the value.
    package enum Form: Sendable, Equatable {
        /// `X=..`
        case plain
        /// `X+=..`
        case append
        /// `export X` or `export X=..`, also `declare -x`.
        case export
        /// `readonly X`
        case readonly
        /// `local X`, `declare X` or `typeset X`
        case declaration
        /// `read X`, `mapfile X`, `getopts spec X` or `printf -v X`
        case input
        /// `for X in ..` or `select X in ..`
        case loop
        /// `${X:=..}` or `${X=..}`
        case expansion
        /// `$((X = ..))`, `((X++))` or `let X=..`
        case arithmetic
    }

    /// How far the value is seen.
    package enum Reach: Sendable, Equatable {
        /// Only by the one command behind it, as in `X=1 make`.
        case command
        /// In the `( )`, `$( )` or backticks, or the function whose `local` it is.
        case subshell
        /// In all that follows in this shell.
        case shell
    }

    /// The variable's name.
    package var name: String
    /// UTF-8 offset of the name.
    package var offset: Int
    /// What gives the value.
    package var form: Form
    /// How far the value is seen.
    package var reach: Reach
}

/// A place where a command uses the value of a named variable, not of `$1`, `$@`, `$?` and their like.
package struct ShellExpansion: Sendable, Equatable {
    /// The variable's name.
    package var name: String
    /// UTF-8 offsets from the `$` (in arithmetic from the name) to the end of the name.
    package var range: Range<Int>
    /// Whether an unset variable is provided for: `:-`, `-`, `:=`, `=`, `:+` or `+` follows the name.
    package var hasDefault: Bool = false
    /// Whether its absence ends the command with a message: `:?` or `?` follows the name.
    package var isRequired: Bool = false
    /// Whether it is `${!X}`: the variable meant is named by the value of this one.
    package var isIndirect: Bool = false
    /// Whether it stands without `$` in `$(( ))` or `(( ))`, where an unset variable counts as 0.
    package var isArithmetic: Bool = false
}
