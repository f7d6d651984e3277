package import SystemPackage

/// Why the sandbox could not do its part.
///
/// A build command that fails is no error: it is an ``ExitStatus``.
package struct SandboxError: Error, Sendable, CustomStringConvertible {
    /// The closed set of causes.
    package enum Code: Sendable, Hashable {
        /// The tool that makes the sandbox (such as `bwrap`) is not installed.
        case toolMissing
        /// The image is not on this machine and cannot be fetched.
        case imageMissing
        /// The sandbox did not come up.
        case startFailed
        /// The machine does not allow a writable system.
        case overlayRefused
        /// The sandbox ended while a command was running or wanted to run.
        case ended
        /// The build wanted more of the machine than it may have.
        case limitReached
        /// A file of the build directory could not be read or written.
        case fileSystem
        /// A command has ended, but its variables and its directory could not be kept for the next one.
        case stateLost
        /// The output of an internal command was larger than allowed.
        case outputTooLarge
    }

    /// What went wrong.
    package var code: Code
    /// The facts, in one line.
    package var detail: String
    /// The file it is about, if it is about one.
    package var path: FilePath?
    /// What to try.
    package var hint: String?

    /// One sentence: what, where and why.
    package var description: String {
        let place = path.map { " \($0)" } ?? ""
        switch code {
        case .toolMissing: return "the sandbox is not available: \(detail)"
        case .imageMissing: return "the image is not available: \(detail)"
        case .startFailed: return "the sandbox did not start: \(detail)"
        case .overlayRefused: return "the system cannot be made writable: \(detail)"
        case .ended: return "the sandbox ended unexpectedly: \(detail)"
        case .limitReached: return "the build reached a limit: \(detail)"
        case .fileSystem: return "cannot use\(place): \(detail)"
        case .stateLost: return "the command's variables and directory are lost: \(detail)"
        case .outputTooLarge: return "too much output: \(detail)"
        }
    }

    /// A command's state could not be written; `errno` is known when that is the machine's fault.
    static func stateLost(_ errno: Errno?, root: BuildRoot) -> SandboxError {
        SandboxError(
            code: .stateLost, detail: errno?.description ?? "the command lets its shell write no files",
            path: nil,
            hint: errno == .noSpace
                ? "free space on the file system of \(root.hostPath)"
                : "leave limits such as `ulimit -f` to a subshell: ( ulimit -f 0; ... )")
    }

    static func fileSystem(_ path: FilePath, _ errno: Errno) -> SandboxError {
        SandboxError(
            code: .fileSystem, detail: errno.description, path: path,
            hint: errno == .noSpace ? "free space on the file system of \(path)" : nil)
    }
}
