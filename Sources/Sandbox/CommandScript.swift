import ShellScript
package import SystemPackage

/// The text of a command's `script.sh`, as CodeBuild's agent writes it (behaviour reference, section 2.1).
///
/// Three lines precede the command, so that shells report its first line as line 4.
package struct CommandScript: Sendable, Hashable {
    /// What a command leaves for the next one.
    package enum StateKeeping: Sendable, Hashable {
        /// Version 0.2: starts in the saved directory, and saves directory and environment.
        case carried
        /// Version 0.1: starts in this directory, and saves nothing.
        case fresh(in: FilePath)
    }

    /// The command as written in the buildspec.
    package var command: String
    /// Where state is read and left.
    package var state: StateFiles
    /// Whether state carries over.
    package var keeping: StateKeeping

    /// Makes the script of a command.
    package init(command: String, state: StateFiles, keeping: StateKeeping = .carried) {
        self.command = command
        self.state = state
        self.keeping = keeping
    }

    /// The script's text.
    package var text: String {
        let environment = ShellQuoting.quote(state.inside(StateFiles.environment).string)
        let directory = ShellQuoting.quote(state.inside(StateFiles.directory).string)
        let source = ShellQuoting.quote(state.sourceDirectory.string)
        switch keeping {
        case .carried:
            // - The saved PWD is wrong when the saved directory is gone.
            // - The empty line is for a command that ends in a backslash, which would take the line below for its own.
            // - The state is written beside the old one, which the runner replaces when the directory, which comes
            //   last, is whole. What could not be written whole is made empty, which takes no room: the runner ends
            //   the build then. `>|` is for a command that sets noclobber, `command` for one that has a function of
            //   that name, and the last `|| :` for one that sets errexit.
            return """
                cd "$(cat \(directory))" 2>/dev/null || cd \(source)
                set -a
                . \(environment); PWD=$(pwd)
                \(closedCommand)

                CODEBUILD_LAST_EXIT=$?
                command export -p >| \(quoted(StateFiles.nextEnvironment)) &&
                  command pwd >| \(quoted(StateFiles.nextDirectory)) || \
                : >| \(quoted(StateFiles.nextDirectory)) || :
                exit $CODEBUILD_LAST_EXIT

                """
        case .fresh(let start):
            return """
                cd \(ShellQuoting.quote(start.string))
                set -a
                . \(environment)
                \(command)

                """
        }
    }

    private func quoted(_ file: FilePath) -> String { ShellQuoting.quote(state.inside(file).string) }

    /// The command with the last lines of its here-documents.
    ///
    /// Shells end a here-document without such a line at the end of the script, and would take the lines that save the
    /// state for a part of it.
    private var closedCommand: String {
        guard command.utf8.contains(UInt8(ascii: "<")) else { return command }
        let unfinished = ShellScan(of: command).unfinished
        let delimiters = unfinished.compactMap { construct -> String? in
            guard case .hereDocument(let delimiter) = construct.kind else { return nil }
            return delimiter
        }
        guard !delimiters.isEmpty, delimiters.count == unfinished.count else { return command }
        // A backslash at the end would join the first delimiter to its line.
        let ending = command.utf8.last == UInt8(ascii: "\\") ? "\n\n" : command.utf8.last == 10 ? "" : "\n"
        return command + ending + delimiters.joined(separator: "\n")
    }
}

/// The files in `/codebuild/output/tmp` that carry state from command to command.
package struct StateFiles: Sendable, Hashable {
    /// Relative to the build's root: the script that is run.
    package static let script: FilePath = "codebuild/output/tmp/script.sh"
    /// Relative to the build's root: exported variables, as `export` lines.
    package static let environment: FilePath = "codebuild/output/tmp/env.sh"
    /// Relative to the build's root: the working directory.
    package static let directory: FilePath = "codebuild/output/tmp/dir.txt"
    /// Relative to the build's root: ``environment`` as the running command leaves it.
    static let nextEnvironment: FilePath = "codebuild/output/tmp/env.sh.next"
    /// Relative to the build's root: ``directory`` as the running command leaves it.
    static let nextDirectory: FilePath = "codebuild/output/tmp/dir.txt.next"

    /// What is in the next state's files before a command, and after one that leaves early.
    static let untouched = [UInt8(ascii: "?")]

    /// The build's root.
    package var root: BuildRoot
    /// `CODEBUILD_SRC_DIR`, as the build sees it: where commands start when the saved directory is gone.
    package var sourceDirectory: FilePath

    /// Names the state files of a build.
    package init(root: BuildRoot, sourceDirectory: FilePath) {
        self.root = root
        self.sourceDirectory = sourceDirectory
    }

    /// The path of a state file as the build sees it.
    package func inside(_ file: FilePath) -> FilePath { root.inside(file) }
}

/// Quoting for POSIX shells.
package enum ShellQuoting {
    /// The text as one shell word that stands for exactly that text.
    package static func quote(_ text: String) -> String {
        var quoted = "'"
        for character in text.unicodeScalars {
            if character == "'" { quoted += "'\\''" } else { quoted.unicodeScalars.append(character) }
        }
        return quoted + "'"
    }

    /// Whether the text can name a variable in a POSIX shell.
    package static func isVariableName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}
