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
        guard isBelowRepository(directory), let git = executable() else { return nil }
        async let inside = ask(git, directory, "rev-parse", "--is-inside-work-tree")
        async let head = ask(git, directory, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        async let remote = ask(git, directory, "config", "--get", "remote.origin.url")
        let answers = await (inside: inside, head: head, remote: remote)
        guard answers.inside == "true" else { return nil }
        let commit = answers.head.flatMap { $0.isEmpty ? nil : $0 } ?? String(repeating: "0", count: 40)
        return GitWorkTree(commit: commit, remoteURL: answers.remote.flatMap(withoutCredentials))
    }

    /// Whether this directory or one above it has a `.git`: starting git costs more than a whole sandbox.
    private static func isBelowRepository(_ directory: FilePath) -> Bool {
        var place = directory
        while true {
            var status = stat()
            if lstat(place.appending(".git").string, &status) == 0 { return true }
            guard place.removeLastComponent(), !place.isEmpty else { return false }
        }
    }

    /// The `git` of the runner's `PATH`: left to itself, starting by name forks once for each directory in it.
    static func executable() -> FilePath? {
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        return path.split(separator: ":").map { FilePath(String($0)).appending("git") }
            .first { access($0.string, X_OK) == 0 }
    }

    /// Runs git on a directory that may belong to somebody else, without anything that could prompt or page.
    private static func ask(
        _ git: FilePath, _ directory: FilePath, _ arguments: String...
    ) async -> String? {
        let result = try? await Subprocess.run(
            .path(git),
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
