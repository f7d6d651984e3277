import Glibc

/// Asks for the six digits that the device with a serial number shows.
package typealias OneTimeCode = @Sendable (String) async throws(AWSError) -> String

/// Asks on the terminal, without showing what is typed.
///
/// Where standard input is none, nobody is there to answer: that is an error at once.
enum TerminalPrompt {
    static let oneTimeCode: OneTimeCode = { (serial) async throws(AWSError) in
        let subject = "one-time code of \(serial.visible)"
        let terminal = isatty(STDIN_FILENO) == 1 ? open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY) : -1
        guard terminal >= 0 else {
            throw AWSError(
                .configuration, subject, "a person must type it, and there is no terminal",
                hint:
                    "use a role that a runner can assume without mfa_serial, or get temporary credentials before, "
                    + "as with `aws sts get-session-token`")
        }
        defer { close(terminal) }
        let code = try await answer(to: "Enter MFA code for \(serial.visible): ", on: terminal, subject)
        guard code.utf8.count == 6, code.utf8.allSatisfy({ (48...57).contains($0) }) else {
            throw AWSError(.configuration, subject, "it is not six digits")
        }
        return code
    }

    private static func answer(
        to question: String, on terminal: Int32, _ subject: String
    ) async throws(AWSError) -> String {
        var before = termios()
        tcgetattr(terminal, &before)
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(terminal, TCSAFLUSH, &silent)
        defer {
            tcsetattr(terminal, TCSAFLUSH, &before)
            show("\n", on: terminal)
        }
        show(question, on: terminal)
        // Waiting must end when the run is cancelled, so the terminal is only asked whether there is a line.
        var line = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
        while poll(&line, 1, 0) == 0 {
            do {
                try await Task.sleep(for: .milliseconds(50))
            } catch {
                throw AWSError.cancelled(subject)
            }
        }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(terminal, &bytes, bytes.count)
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        return String(text[...].trimmed(where: \.isWhitespace))
    }

    private static func show(_ text: String, on terminal: Int32) {
        _ = Array(text.utf8).withUnsafeBytes { write(terminal, $0.baseAddress, $0.count) }
    }
}
