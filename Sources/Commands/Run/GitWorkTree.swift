import Glibc
import Subprocess
import SystemPackage

/// What git says about a source directory.
struct GitWorkTree: Sendable {
    /// The checked-out commit, 40 hexadecimal digits; zeros before the first commit, so that it is never empty.
    var commit: String
    /// The URL of the remote `origin`, without a password in it.
    var remoteURL: String?

    /// Asks git; nil when `directory` is in no work tree or git is not installed.
    static func version(of directory: FilePath) async -> GitWorkTree? {
        guard await ask(directory, "rev-parse", "--is-inside-work-tree") == "true" else { return nil }
        let head = await ask(directory, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        let commit = head.flatMap { $0.isEmpty ? nil : $0 } ?? String(repeating: "0", count: 40)
        let remote = await ask(directory, "config", "--get", "remote.origin.url")
        return GitWorkTree(commit: commit, remoteURL: remote.flatMap(withoutCredentials))
    }

    /// Runs git on a directory that may belong to somebody else, without anything that could prompt or page.
    private static func ask(_ directory: FilePath, _ arguments: String...) async -> String? {
        let result = try? await Subprocess.run(
            .name("git"),
            arguments: Arguments(["-C", directory.string, "-c", "safe.directory=*"] + arguments),
            environment: .inherit.updating([
                "GIT_DIR": nil, "GIT_WORK_TREE": nil, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0",
            ]),
            output: .string(limit: 1 << 16), error: .discarded)
        guard let result, result.terminationStatus.isSuccess else { return nil }
        return String(result.standardOutput.prefix { !$0.isNewline })
    }

    /// `https://user:password@host/` becomes `https://host/`.
    private static func withoutCredentials(_ url: String) -> String? {
        guard !url.isEmpty else { return nil }
        let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 3, parts[0].hasSuffix(":"), parts[1].isEmpty else { return url }
        let host = parts[2].split(separator: "@").last.map(String.init) ?? parts[2]
        return (parts[..<2] + [host] + parts[3...]).joined(separator: "/")
    }
}
