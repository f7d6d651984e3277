/// Something that is still open where the command's text ends.
package struct UnfinishedConstruct: Sendable, Equatable {
    /// What can be open.
    package enum Kind: Sendable, Equatable {
        case singleQuote, doubleQuote, ansiQuote
        /// A here-document that ends with this line.
        case hereDocument(delimiter: String)
        /// `if`, with the word it has reached: `if`, `then`, `elif` or `else`.
        case ifClause(reached: String)
        /// `for`, `select`, `while` or `until`, with the word it has reached: itself or `do`.
        case loop(word: String, reached: String)
        case caseClause, brace, subshell, array
        /// `$(` and process substitution.
        case commandSubstitution
        case backtick
        /// `${`
        case parameter
        /// `$((` or `((`
        case arithmetic
        /// `[[`
        case conditional
        /// `&&`, `||` or `|` without a command behind it.
        case listOperator
        /// A function's name without a body.
        case function
    }

    /// What is open.
    package var kind: Kind
    /// UTF-8 offset of the quote, operator or word that opened it.
    package var offset: Int

    /// What would have to come next to close it or to take it further: a word or sign of the shell, or "a
    /// command".
    package var expected: String {
        switch kind {
        case .singleQuote, .ansiQuote: "'"
        case .doubleQuote: "\""
        case .hereDocument(let delimiter): delimiter
        case .ifClause(let reached): reached == "if" || reached == "elif" ? "then" : "fi"
        case .loop(_, let reached): reached == "do" ? "done" : "do"
        case .caseClause: "esac"
        case .brace, .parameter: "}"
        case .subshell, .commandSubstitution, .array: ")"
        case .backtick: "`"
        case .arithmetic: "))"
        case .conditional: "]]"
        case .listOperator: "a command"
        case .function: "{"
        }
    }
}

/// A reserved word or operator that closes or continues something where nothing of its kind is open.
package struct StrayCloser: Sendable, Equatable {
    /// The word or operator: `fi`, `done`, `esac`, `}`, `)`, `then`, `elif`, `else`, `do` or `;;`.
    package var word: String
    /// Its UTF-8 offset.
    package var offset: Int
}

/// A sign that lines were joined by accident, as folded block scalars and plain scalars of several lines do.
package struct JoinedLineSign: Sendable, Equatable {
    /// What the sign is.
    package enum Kind: Sendable, Equatable {
        /// `then`, `do`, `done`, `fi`, .. as an argument, while something waits for that word and never
        /// gets it.
        case keyword(String)
        /// A word that begins with an escaped blank: once a backslash at the end of a line.
        case escapedBlank
    }

    /// What the sign is.
    package var kind: Kind
    /// UTF-8 offsets of the word.
    package var range: Range<Int>
}
