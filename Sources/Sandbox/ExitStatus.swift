/// How a command ended, as a shell tells it: the exit code, or 128 plus the number of the signal that killed it.
package struct ExitStatus: Sendable, Hashable, CustomStringConvertible {
    /// 0 to 255.
    package var code: Int

    /// Makes a status from a code of 0 to 255.
    package init(code: Int) {
        self.code = code
    }

    /// Whether the command did its job.
    package var isSuccess: Bool { code == 0 }

    /// CodeBuild's wording: `exit status 1`.
    package var description: String { "exit status \(code)" }
}
