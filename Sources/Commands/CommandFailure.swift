import ArgumentParser
import Glibc

/// Why a command ends with a status other than 0: the one place where errors become text and exit codes.
struct CommandFailure: Error, Sendable {
    /// The statuses of the contract.
    enum Status: Int32, Sendable {
        /// The build failed, or a file is invalid.
        case failed = 1
        /// The invocation is wrong.
        case usage = 2
        /// The runner could not do its part.
        case runner = 3
        /// The build timed out.
        case timedOut = 124
        /// Stopped by SIGINT.
        case interrupted = 130
        /// Stopped by SIGTERM or SIGHUP.
        case terminated = 143
    }

    /// The status.
    var status: Status
    /// `<what>: <why>`; nil when everything has been told already.
    var message: String?
    /// What to do.
    var hint: String?

    /// Everything has been told already.
    init(_ status: Status) {
        self.status = status
    }

    /// Something to tell.
    init(_ status: Status, _ message: String, hint: String? = nil) {
        self.status = status
        self.message = message
        self.hint = hint
    }

    /// The invocation is wrong.
    static func usage(_ message: String, hint: String? = nil) -> CommandFailure {
        CommandFailure(.usage, message, hint: hint)
    }

    /// Tells an error on standard error (help and version on standard output), and gives the exit status.
    static func report(_ error: any Error) -> ExitCode {
        if let failure = error as? CommandFailure {
            if let message = failure.message { Console.error(message, hint: failure.hint) }
            return ExitCode(failure.status.rawValue)
        }
        if let code = error as? ExitCode { return code }
        let text = BuildspecTool.fullMessage(for: error)
        guard BuildspecTool.exitCode(for: error) != .success else {
            Console.out(text + "\n")
            return .success
        }
        guard BuildspecTool.exitCode(for: error) == .validationFailure else {
            Console.error("unexpected: \(error)", hint: nil)
            return ExitCode(Status.runner.rawValue)
        }
        Console.error("invalid arguments: " + firstLine(of: text), hint: helpHint(in: text))
        return ExitCode(Status.usage.rawValue)
    }

    /// The parser's words, without its label.
    private static func firstLine(of text: String) -> String {
        let line = text.prefix { !$0.isNewline }
        return String(line.hasPrefix("Error: ") ? line.dropFirst(7) : line)
    }

    /// `see 'buildspec run --help'`, from the parser's own last line.
    private static func helpHint(in text: String) -> String? {
        guard let line = text.split(separator: "\n").last(where: { $0.hasPrefix("  See '") }),
            let end = line.lastIndex(of: "'")
        else { return nil }
        return "see " + line[line.index(line.startIndex, offsetBy: 6)...end]
    }
}
