/// Something in a command that bash does and the default `sh` (dash) does not.
package struct Bashism: Sendable, Equatable {
    /// What it is.
    package var kind: Kind
    /// UTF-8 offsets of it.
    package var range: Range<Int>

    /// The constructs that are known.
    package enum Kind: String, Sendable, CaseIterable {
        case doubleBracket, source, array, declareBuiltin, declareOption, pipefail, shopt
        case processSubstitution, hereString, redirectBoth, pipeBoth, redirectToFile
        case substring, replacement, caseChange, indirection, transformation
        case functionKeyword, arithmeticCommand, arithmeticFor, letBuiltin, select, coprocess, caseFallThrough
        case braceExpansion, ansiQuote, doubleEquals, directoryStack, echoOption, readOption, arrayInput
        case shellVariable, trapCondition, typeOption, exportOption, printfVariable, waitOption
        case appendAssignment, bashBuiltin
    }
}

extension Bashism.Kind {
    /// The construct in words for a message, as in "`[[ ]]`".
    package var construct: String { wording.construct }

    /// What to write instead for a POSIX shell.
    package var mend: String { wording.mend }

    private var wording: (construct: String, mend: String) {
        switch self {
        case .doubleBracket: ("`[[ ]]`", "use `[ ]` with quoted variables, or `case` for patterns")
        case .source: ("`source`", "use `.` with a path that has a slash, as in `. ./file`")
        case .array: ("an array", "use separate variables or `set -- a b c` with `\"$@\"`")
        case .declareBuiltin: ("`declare` or `typeset`", "assign with `X=value`, or `local X` in a function")
        case .declareOption: ("an option of `local`", "use `local X` without options")
        case .pipefail: ("`set -o pipefail`", "split the pipeline through a file and check each command")
        case .shopt: ("`shopt`", "leave it out: POSIX shells have no such options")
        case .processSubstitution: ("process substitution `<( )`", "use a pipe or a temporary file")
        case .hereString: ("a here-string `<<<`", "use `printf '%s\\n' \"$X\" | command` or a here-document")
        case .redirectBoth: ("`&>`", "use `>file 2>&1`; here `&` sends the command to the background")
        case .pipeBoth: ("`|&`", "use `2>&1 |`")
        case .redirectToFile: ("`>&` with a file name", "use `>file 2>&1`")
        case .substring: ("the substring `${x:0:7}`", "use `$(printf '%s' \"$x\" | cut -c1-7)`")
        case .replacement: ("the replacement `${x/a/b}`", "use `$(printf '%s' \"$x\" | sed 's/a/b/')`")
        case .caseChange: ("the change of case `${x^^}` or `${x,,}`", "use `tr '[:lower:]' '[:upper:]'`")
        case .indirection: ("the indirection `${!x}`", "use `eval` with care, or `printenv \"$x\"`")
        case .transformation: ("the transformation `${x@Q}`", "quote the value where it is used")
        case .functionKeyword: ("the word `function`", "use `name() { ..; }`")
        case .arithmeticCommand: ("`(( ))` as a command", "use `[ .. -gt .. ]` or `x=$((x + 1))`")
        case .arithmeticFor: ("`for (( ))`", "use `while [ .. ]` with `i=$((i + 1))`, or `seq`")
        case .letBuiltin: ("`let`", "use `x=$((x + 1))`")
        case .select: ("`select`", "use `printf` and `read`")
        case .coprocess: ("`coproc`", "use a named pipe")
        case .caseFallThrough: ("`;&` or `;;&` in `case`", "repeat the commands and end with `;;`")
        case .braceExpansion: ("brace expansion `{a,b}`", "write the words out, or use `seq`")
        case .ansiQuote: ("`$'..'`", "use `printf` with escapes")
        case .doubleEquals: ("`==` in `[ ]`", "use a single `=`")
        case .directoryStack: ("`pushd`, `popd` or `dirs`", "use `cd` in a `( )`")
        case .echoOption: ("`echo -e`", "use `printf`; dash prints the option")
        case .readOption: ("an option of `read`", "use `read -r`; other options are not in POSIX")
        case .arrayInput: ("`mapfile` or `readarray`", "use a `while read -r` loop")
        case .shellVariable: ("a variable that only bash sets", "compute the value with a command")
        case .trapCondition: ("`trap` on ERR, DEBUG or RETURN", "use `trap .. EXIT`")
        case .typeOption: ("an option of `type`", "use `command -v name`")
        case .exportOption: ("`export -f` or `export -n`", "put the function into a script file")
        case .printfVariable: ("`printf -v`", "use `x=$(printf ..)`")
        case .waitOption: ("an option of `wait`", "wait for a process id")
        case .appendAssignment: ("`x+=..`", "use `x=\"$x\"..`")
        case .bashBuiltin: ("a builtin of bash", "use a command that the default shell has")
        }
    }
}
