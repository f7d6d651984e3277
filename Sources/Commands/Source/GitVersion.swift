import BuildEngine

/// What a source version is in a repository: a reference, a commit, or both.
struct GitVersion: Sendable {
    /// The full name of a reference there, or `HEAD`.
    var reference: String?
    /// The commit, in full or abbreviated.
    var commit: String?

    /// What to check out after a fetch.
    ///
    /// A reference may have moved on since it was looked at, and a shallow fetch has what it is now.
    func checkout(isShallow: Bool) -> String {
        isShallow && reference != nil ? "FETCH_HEAD" : commit ?? "FETCH_HEAD"
    }

    /// Asks a repository what a version is.
    /// - Throws: ``SourceFailure`` when it cannot be reached, or has none of that name.
    static func resolve(_ version: String?, _ fetch: GitFetch) async throws(SourceFailure) -> GitVersion {
        guard let version else {
            let found = try await references(["HEAD"], fetch)
            guard let commit = found["HEAD"] else { throw notFound(fetch.source) }
            return GitVersion(reference: "HEAD", commit: commit)
        }
        // `refs/heads/x^{<full commit>}`.
        if version.hasSuffix("}"), let mark = version.firstIndex(of: "^"),
            version[mark...].hasPrefix("^{"), case let id = version[mark...].dropFirst(2).dropLast(),
            isHexadecimal(id, 40...64)
        {
            return GitVersion(commit: id.lowercased())
        }
        guard isName(version) else { throw notFound(fetch.source) }
        if isHexadecimal(version[...], 40...40) || isHexadecimal(version[...], 64...64) {
            return GitVersion(commit: version.lowercased())
        }
        let names = candidates(version)
        let found = try await references(names + names.map { $0 + "^{}" }, fetch)
        for name in names {
            guard let commit = found[name + "^{}"] ?? found[name] else { continue }
            return GitVersion(reference: name, commit: commit)
        }
        guard isHexadecimal(version[...], 4...39) else { throw notFound(fetch.source) }
        return GitVersion(commit: version)
    }

    /// The repository has no such version, in CodeBuild's words.
    static func notFound(_ source: GitSource) -> SourceFailure {
        SourceFailure(
            failure: RunnerFailure("fetch \(source.url)", "reference not found"), isRunners: false)
    }

    /// The references that a version may mean, the likeliest first.
    private static func candidates(_ version: String) -> [String] {
        if version.hasPrefix("refs/") { return [version] }
        var names: [String] = []
        let parts = version.split(separator: "/")
        if parts.count == 2, parts[0] == "pr" || parts[0] == "mr", parts[1].allSatisfy(\.isNumber) {
            names = [
                "refs/pull/\(parts[1])/head", "refs/merge-requests/\(parts[1])/head",
                "refs/pull-requests/\(parts[1])/from",
            ]
        }
        return names + ["refs/heads/\(version)", "refs/tags/\(version)"]
    }

    private static func references(
        _ names: [String], _ fetch: GitFetch
    ) async throws(SourceFailure) -> [String: String] {
        let text = try await fetch.run(["ls-remote", "--quiet", "origin"] + names)
        var found: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: "\t")
            guard parts.count == 2, isHexadecimal(parts[0], 40...64), names.contains(String(parts[1])) else {
                continue
            }
            found[String(parts[1])] = String(parts[0])
        }
        return found
    }

    private static func isHexadecimal(_ text: Substring, _ lengths: ClosedRange<Int>) -> Bool {
        lengths.contains(text.utf8.count) && text.allSatisfy { $0.isASCII && $0.isHexDigit }
    }

    /// Whether git allows the text as a name; see `git help check-ref-format`.
    private static func isName(_ text: String) -> Bool {
        !text.hasPrefix("-") && !text.hasPrefix("/") && !text.hasSuffix("/") && !text.contains("..")
            && !text.contains("@{") && !text.hasSuffix(".lock")
            && text.unicodeScalars.allSatisfy {
                $0.value > 0x20 && $0.value != 0x7f && !"~^:?*[\\".unicodeScalars.contains($0)
            }
    }
}
