/// Bytes that mean something to the shell.
enum ShellBytes {
    static let tab = UInt8(ascii: "\t")
    static let newline = UInt8(ascii: "\n")
    static let space = UInt8(ascii: " ")
    static let backslash = UInt8(ascii: "\\")
    static let backtick = UInt8(ascii: "`")
    static let doubleQuote = UInt8(ascii: "\"")
    static let singleQuote = UInt8(ascii: "'")
    static let dollar = UInt8(ascii: "$")
    static let openParenthesis = UInt8(ascii: "(")
    static let closeParenthesis = UInt8(ascii: ")")
    static let openBrace = UInt8(ascii: "{")
    static let closeBrace = UInt8(ascii: "}")
    static let less = UInt8(ascii: "<")
    static let greater = UInt8(ascii: ">")
    static let ampersand = UInt8(ascii: "&")
    static let bar = UInt8(ascii: "|")
    static let semicolon = UInt8(ascii: ";")
    static let hash = UInt8(ascii: "#")
    static let equals = UInt8(ascii: "=")

    static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    static func isNameStart(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_")
    }

    static func isNameByte(_ byte: UInt8) -> Bool { isNameStart(byte) || isDigit(byte) }

    /// Whether an unquoted byte ends a word.
    static func endsWord(_ byte: UInt8) -> Bool {
        switch byte {
        case space, tab, newline, semicolon, ampersand, bar, openParenthesis, closeParenthesis, less, greater:
            true
        default: false
        }
    }

    /// Whether a byte stands for itself inside of a word.
    static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case backslash, backtick, doubleQuote, singleQuote, dollar, openBrace, closeBrace, 0: false
        default: !endsWord(byte)
        }
    }
}

/// What a command list ends with.
enum ListEnd {
    case endOfText
    case closeParenthesis
}

/// A here-document whose body has not been reached.
struct PendingHeredoc {
    var delimiter: [UInt8]
    var isQuoted: Bool
    var stripsTabs: Bool
    var offset: Int

    var delimiterText: String { String(decoding: delimiter, as: UTF8.self) }
}

/// A compound command that is open.
struct OpenConstruct {
    /// What the next word means to it.
    enum Stage: Equatable {
        /// The commands between `if`, `elif`, `while` or `until` and `then` or `do`.
        case condition
        /// Commands that the closer may follow.
        case body
        case elseBody
        case loopName, loopIn, loopWords, loopDo
        case caseWord, caseIn, casePattern, caseBody
    }

    enum Kind { case ifClause, loop, caseClause, brace, subshell }

    var kind: Kind
    var offset: Int
    var stage: Stage
    /// The word that opened it.
    var word: String
    /// The word it has reached.
    var reached: String
    var isFunctionBody: Bool

    var unfinishedKind: UnfinishedConstruct.Kind {
        switch kind {
        case .ifClause: .ifClause(reached: reached)
        case .loop: .loop(word: word, reached: reached)
        case .caseClause: .caseClause
        case .brace: .brace
        case .subshell: .subshell
        }
    }
}
