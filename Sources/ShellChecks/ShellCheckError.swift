package import SystemPackage

/// Why nothing can be said about any command; what a shell refuses is a result, not an error.
package struct ShellCheckError: Error, Sendable, Equatable {
    /// What went wrong.
    package enum Code: Sendable, Equatable {
        /// No such shell or `shellcheck` is installed.
        case noProgram
        /// The program cannot be started, or its input cannot be written.
        case system(Errno)
        /// The program ended in a way or with words that are not its own.
        case unexpected
    }

    /// What went wrong.
    package let code: Code
    /// The program that was to answer.
    package let program: String

    init(_ code: Code, _ program: String) {
        self.code = code
        self.program = program
    }
}

extension ShellCheckError: CustomStringConvertible {
    /// What is wrong and what to try, in one sentence.
    package var description: String {
        switch code {
        case .noProgram: "\(program) is not installed; install it or leave the shell checks out"
        case .system(let errno): "\(program) cannot be run: \(errno)"
        case .unexpected: "\(program) gave no answer that can be understood"
        }
    }
}
