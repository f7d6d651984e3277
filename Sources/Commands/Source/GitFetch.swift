import BuildEngine
import Masking
import Subprocess
import SystemPackage

/// Fetches one git repository with `git` itself.
///
/// No hook runs, no configuration of the repository is taken, only the usual protocols are spoken, and a password is
/// handed over in git's environment, never in its arguments or in the repository's configuration.
struct GitFetch: Sendable {
    let git: FilePath
    let source: GitSource
    /// Where the work tree goes: an empty directory.
    let directory: FilePath

    /// Fetches and checks out, with a detached HEAD.
    /// - Returns: The commit.
    /// - Throws: ``SourceFailure`` when the repository cannot be reached, or has no such version.
    func run() async throws(SourceFailure) -> String {
        try await ask("init", "--quiet", "--template=", ".")
        try await ask("remote", "add", "origin", source.url)
        let wanted = try await GitVersion.resolve(source.version, self)
        try await fetch(wanted)
        try await ask("checkout", "--quiet", "--detach", wanted.checkout(isShallow: isShallow))
        if source.fetchesSubmodules {
            try await ask("submodule", "--quiet", "update", "--init", "--recursive")
        }
        return try await ask("rev-parse", "--verify", "HEAD^{commit}")
    }

    /// More than 25 commits count as all (behaviour reference, section 10.2).
    private var isShallow: Bool { (1...25).contains(source.depth) }

    private func fetch(_ wanted: GitVersion) async throws(SourceFailure) {
        let everything = ["--tags", "origin", "+refs/heads/*:refs/remotes/origin/*"]
        if isShallow, let reference = wanted.reference ?? wanted.commit {
            do throws(SourceFailure) {
                try await ask(
                    "fetch", "--quiet", "--no-tags", "--depth", "\(source.depth)", "origin", reference)
                return
            } catch {
                // Not every server hands out commits by their ids.
                guard wanted.reference == nil else { throw error }
            }
        }
        var references = everything
        if let reference = wanted.reference, !reference.hasPrefix("refs/heads/"), reference != "HEAD" {
            references.append("+\(reference):refs/buildspec/source")
        }
        try await run(["fetch", "--quiet"] + references)
        guard let commit = wanted.commit else { return }
        if (try? await ask("cat-file", "-e", "\(commit)^{commit}")) != nil { return }
        do throws(SourceFailure) {
            try await ask("fetch", "--quiet", "origin", commit)
        } catch {
            throw GitVersion.notFound(source)
        }
    }

    /// Runs git; the first line of what it says.
    /// - Throws: ``SourceFailure`` with git's own words.
    @discardableResult
    func ask(_ arguments: String...) async throws(SourceFailure) -> String {
        let text = try await run(arguments)
        return String(text.prefix { !$0.isNewline })
    }

    /// Runs git; all that it says.
    /// - Throws: ``SourceFailure`` with git's own words.
    @discardableResult
    func run(_ arguments: [String]) async throws(SourceFailure) -> String {
        let result: ExecutionResult<String>
        do {
            let outcome = try await Subprocess.run(
                .path(git), arguments: Arguments(settings + arguments), environment: environment,
                workingDirectory: directory, platformOptions: Self.platformOptions,
                output: .string(limit: 4 << 20), error: .string(limit: 1 << 20))
            result = ExecutionResult(
                isSuccess: outcome.terminationStatus.isSuccess, output: outcome.standardOutput,
                error: outcome.standardError)
        } catch {
            throw failure("git: \(error)")
        }
        guard result.isSuccess else { throw failure(Self.reason(result.error)) }
        return result.output
    }

    /// A session of its own: nothing can ask at the terminal, and a signal to the runner is the runner's to pass on.
    private static var platformOptions: PlatformOptions {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
        return options
    }

    private struct ExecutionResult<Text: Sendable> {
        var isSuccess: Bool
        var output: Text
        var error: Text
    }

    private func failure(_ reason: String) -> SourceFailure {
        var hint: String?
        if reason.contains("not allowed") {
            hint =
                "the environment variable GIT_ALLOW_PROTOCOL names the protocols that git may speak, such as https:file"
        } else if reason.contains("could not read Username") || reason.contains("Authentication failed") {
            hint = "git asks the credential helpers of its own configuration; see `git help credentials`"
        }
        return SourceFailure(
            failure: RunnerFailure("fetch \(source.url)", reason, hint: hint), isRunners: true)
    }

    /// The line of git's complaint that says what is wrong, without control characters.
    private static func reason(_ text: String) -> String {
        let lines = text.split(whereSeparator: \.isNewline).map(String.init)
            // ssh says what is wrong before git says that something is.
            .filter { line in
                !line.hasPrefix("fatal: Could not read from remote repository")
                    && !line.hasPrefix("Please make sure you have the correct access rights")
                    && line != "and the repository exists."
            }
        let place =
            lines.firstIndex { $0.hasPrefix("fatal: ") } ?? lines.firstIndex { $0.hasPrefix("error: ") }
            ?? lines.indices.last
        var line = place.map { lines[$0] } ?? "git said nothing"
        // The reason may be on the next line.
        if let place, line.hasSuffix(":"), place + 1 < lines.count { line += " " + lines[place + 1] }
        let shown = line.prefix(400)
        return String(
            String.UnicodeScalarView(shown.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7f }))
    }

    /// Configuration that outweighs that of the user, where the build's safety or its result depends on it.
    private var settings: [String] {
        var settings = [
            "core.hooksPath=/dev/null", "core.fsmonitor=false", "core.autocrlf=false", "gc.auto=0",
            "maintenance.auto=false", "advice.detachedHead=false", "fetch.recurseSubmodules=false",
            "submodule.recurse=false", "credential.interactive=false", "protocol.allow=never",
            "protocol.https.allow=always", "protocol.http.allow=always", "protocol.ssh.allow=always",
            "protocol.git.allow=always",
            // Submodules may not name files of this machine.
            "protocol.file.allow=user",
        ]
        if source.isInsecure { settings.append("http.sslVerify=false") }
        return settings.flatMap { ["-c", $0] }
    }

    private var environment: Environment {
        var changes: [Environment.Key: String?] = [
            "GIT_DIR": nil, "GIT_WORK_TREE": nil, "GIT_INDEX_FILE": nil, "GIT_OBJECT_DIRECTORY": nil,
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": nil, "GIT_COMMON_DIR": nil, "GIT_NAMESPACE": nil,
            "GIT_CONFIG_PARAMETERS": nil, "GIT_TRACE": nil, "GIT_TRACE_CURL": nil, "GIT_CURL_VERBOSE": nil,
            "GIT_TEMPLATE_DIR": nil, "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "SSH_ASKPASS": "",
            "GIT_LFS_SKIP_SMUDGE": "1", "LC_ALL": "C",
        ]
        if let user = source.user {
            changes["BUILDSPEC_GIT_USER"] = user
            changes["BUILDSPEC_GIT_PASSWORD"] = source.password?.reveal() ?? ""
            changes["GIT_CONFIG_COUNT"] = "1"
            changes["GIT_CONFIG_KEY_0"] = "credential.\(origin).helper"
            changes["GIT_CONFIG_VALUE_0"] =
                #"!f() { test "$1" = get && printf 'username=%s\npassword=%s\n' "$BUILDSPEC_GIT_USER" "$BUILDSPEC_GIT_PASSWORD"; }; f"#
        }
        return Environment.inherit.updating(changes)
    }

    /// `https://host:port`: what the password is for.
    private var origin: String {
        source.url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).prefix(3)
            .joined(separator: "/")
    }
}
