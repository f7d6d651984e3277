package import Masking
package import SystemPackage

/// A source that is fetched when the build begins.
package enum RemoteSource: Sendable, Hashable {
    /// A git repository.
    case git(GitSource)
    /// An object in S3 (an archive), or, where the key ends with a slash, everything below it.
    case object(bucket: String, key: String, versionID: String?)

    /// What `CODEBUILD_SOURCE_REPO_URL` says (behaviour reference, section 5.1).
    package var url: String {
        switch self {
        case .git(let git): git.url
        case .object(let bucket, let key, _): "s3://\(bucket)/\(key)"
        }
    }

    /// What `CODEBUILD_SOURCE_VERSION` says; nil when none was asked for.
    package var version: String? {
        switch self {
        case .git(let git): git.version
        case .object(_, _, let versionID): versionID
        }
    }
}

/// What is fetched of a git repository (behaviour reference, section 10.2).
package struct GitSource: Sendable, Hashable {
    /// The clone URL, without user or password.
    package var url: String
    /// A user that was written in the URL.
    package var user: String?
    /// A password or token that was written in the URL.
    package var password: SecretText?
    /// A commit, branch, tag, `pr/<number>` or a full reference; nil for the default branch.
    package var version: String?
    /// How many commits are fetched; 0, and more than 25, for all.
    package var depth = 0
    /// Whether submodules are fetched too.
    package var fetchesSubmodules = false
    /// Whether certificates that nobody vouches for are accepted.
    package var isInsecure = false

    /// Describes a repository.
    package init(url: String) {
        self.url = url
    }

    /// Where below `src` the cloud would have the work tree: `github.com/<org>/<repo>` (behaviour reference, section 5.4).
    package var layout: FilePath? {
        var rest = url[...]
        if let scheme = url.range(of: "://") {
            guard !url.hasPrefix("file:") else { return nil }
            rest = url[scheme.upperBound...]
        } else if let colon = url.firstIndex(of: ":"), !url.hasPrefix("/") {
            // `git@host:path`.
            rest = url[...].replacing(colon)
        } else {
            return nil
        }
        if let at = rest.prefix(while: { $0 != "/" }).lastIndex(of: "@") { rest = rest[at...].dropFirst() }
        var parts = rest.split(separator: "/").map(String.init)
        guard parts.count >= 2, let last = parts.last else { return nil }
        parts[0] = String(parts[0].prefix { $0 != ":" })
        if last.hasSuffix(".git"), last.utf8.count > 4 { parts[parts.count - 1] = String(last.dropLast(4)) }
        guard parts.allSatisfy(Self.isPlain) else { return nil }
        return FilePath(parts.joined(separator: "/"))
    }

    /// A component that cannot lead elsewhere, and needs no quotes.
    private static func isPlain(_ part: String) -> Bool {
        part != "." && part != ".." && !part.isEmpty && part.utf8.count < 128
            && part.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                    || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "~")].contains(
                        $0)
            }
    }
}

extension Substring {
    /// With a slash in place of the character at `index`.
    fileprivate func replacing(_ index: Index) -> Substring {
        (self[..<index] + "/" + self[self.index(after: index)...])[...]
    }
}

extension String {
    /// Where a text begins and ends in this one.
    fileprivate func range(of text: String) -> Range<Index>? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(text) { return index..<self.index(index, offsetBy: text.count) }
            index = self.index(after: index)
        }
        return nil
    }
}
