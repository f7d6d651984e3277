import BuildEngine
import Glibc
import SystemPackage

/// Standard output and standard error.
enum Console {
    /// Writes text to standard output.
    static func out(_ text: String) {
        write(Array(text.utf8), to: STDOUT_FILENO)
    }

    /// Writes text to standard error.
    static func err(_ text: String) {
        write(Array(text.utf8), to: STDERR_FILENO)
    }

    /// `buildspec: error: <what>: <why>`, and `  hint: <what to do>`.
    static func error(_ message: String, hint: String?) {
        err("buildspec: error: \(harmless(message))\n" + (hint.map { "  hint: \(harmless($0))\n" } ?? ""))
    }

    /// `buildspec: warning: <text>`.
    static func warning(_ message: String) {
        err("buildspec: warning: \(harmless(message))\n")
    }

    /// `buildspec: <text>`: something worth knowing.
    static func note(_ message: String) {
        err("buildspec: \(harmless(message))\n")
    }

    /// The same without what a terminal would obey: names in files and in answers are anybody's.
    private static func harmless(_ message: String) -> String {
        func isObeyed(_ scalar: Unicode.Scalar) -> Bool {
            scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
        }
        guard message.unicodeScalars.contains(where: isObeyed) else { return message }
        return message.unicodeScalars.reduce(into: "") { text, scalar in
            if isObeyed(scalar) {
                text += "\\u{" + String(scalar.value, radix: 16) + "}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
    }

    /// Nothing is buffered; kept as the one place to change if that ever does.
    static func flush() {}

    /// Whether people look at standard error, so that colour is welcome.
    static var isColourful: Bool { isColourful(STDERR_FILENO) }

    /// Whether people look at standard output, so that colour is welcome.
    static var isOutputColourful: Bool { isColourful(STDOUT_FILENO) }

    private static func isColourful(_ descriptor: Int32) -> Bool {
        isatty(descriptor) == 1 && getenv("NO_COLOR") == nil
    }

    /// Writes all bytes; a reader that went away is no error.
    static func write(_ bytes: [UInt8], to descriptor: Int32) {
        _ = try? FileDescriptor(rawValue: descriptor).writeAll(bytes)
    }

    /// Writes what was asked for to standard output.
    ///
    /// - Throws: ``CommandFailure`` when it cannot be written, unless nobody reads it any more.
    static func print(_ bytes: [UInt8]) throws(CommandFailure) {
        do {
            try FileDescriptor.standardOutput.writeAll(bytes)
        } catch let error as Errno {
            guard error != .brokenPipe else { return }
            throw CommandFailure(.runner, "standard output: \(error.description)")
        } catch {
            throw CommandFailure(.runner, "standard output: \(error)")
        }
    }
}

/// The log on standard output.
struct StandardOutputSink: LogSink {
    func write(_ bytes: [UInt8]) {
        Console.write(bytes, to: STDOUT_FILENO)
    }
}
