import BuildEngine
import BuildProject
import Masking
import SystemPackage

/// A source as people name it: a path, a git URL, `s3://bucket/key`.
enum SourceArgument {
    /// What is fetched; nil for a path of this machine.
    /// - Throws: ``CommandFailure`` with status `usage` for addresses that nothing fetches.
    static func remote(
        _ text: String, version: String?, _ fetch: FetchRequest
    ) throws(CommandFailure) -> RemoteSource? {
        if text.hasPrefix("s3://") {
            return try object(String(text.dropFirst(5)), version: version, shown: text)
        }
        guard isGit(text) else {
            if let scheme = scheme(of: text) {
                throw .usage(
                    "source \(withoutCredentials(text)): nothing fetches \(scheme):// addresses",
                    hint: "git is fetched from https, http, ssh, git and file; archives from s3")
            }
            return nil
        }
        return .git(git(text, version: version, fetch))
    }

    /// A repository, with user and password of its URL apart.
    static func git(_ text: String, version: String?, _ fetch: FetchRequest) -> GitSource {
        let (url, user, password) = parts(of: text)
        var source = GitSource(url: url)
        source.user = user
        source.password = password.map { SecretText($0) }
        source.version = version
        source.depth = fetch.depth
        source.fetchesSubmodules = fetch.fetchesSubmodules
        return source
    }

    /// `bucket/key`, or the ARN of an object.
    static func object(
        _ text: String, version: String?, shown: String
    ) throws(CommandFailure) -> RemoteSource {
        guard let address = BucketAddress(text) ?? BucketAddress("s3://" + text), !address.bucket.isEmpty,
            !address.path.isEmpty
        else {
            throw .usage("source \(shown): expected a bucket and a key", hint: "s3://BUCKET/KEY")
        }
        return .object(bucket: address.bucket, key: address.path, versionID: version)
    }

    private static let schemes = ["https", "http", "ssh", "git", "file"]

    private static func isGit(_ text: String) -> Bool {
        if let scheme = scheme(of: text) { return schemes.contains(scheme) }
        // `git@host:path`, as git itself tells it from a path.
        guard let colon = text.firstIndex(of: ":"), let at = text.firstIndex(of: "@"), at < colon,
            !text.hasPrefix("-")
        else { return false }
        return !text[..<colon].contains("/")
    }

    private static func scheme(of text: String) -> String? {
        let letters = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "+") }
        guard !letters.isEmpty, text.dropFirst(letters.count).hasPrefix("://") else { return nil }
        return letters.lowercased()
    }

    /// A URL that may be shown.
    static func withoutCredentials(_ text: String) -> String { parts(of: text).url }

    /// `https://user:password@host/path`, apart; the user of `ssh://git@host` is no secret and stays.
    private static func parts(of text: String) -> (url: String, user: String?, password: String?) {
        guard let scheme = scheme(of: text), scheme == "https" || scheme == "http" else {
            return (text, nil, nil)
        }
        let rest = text.dropFirst(scheme.count + 3)
        let authority = rest.prefix { $0 != "/" }
        guard let at = authority.lastIndex(of: "@") else { return (text, nil, nil) }
        let info = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let url = "\(scheme)://" + authority[at...].dropFirst() + rest.dropFirst(authority.count)
        let password = info.count > 1 ? percentDecoded(info[1]) : nil
        return (url, percentDecoded(info[0]), password)
    }

    private static func percentDecoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        let source = Array(text.utf8)
        var index = 0
        while index < source.count {
            if source[index] == UInt8(ascii: "%"), index + 2 < source.count,
                let byte = UInt8(
                    String(decoding: source[(index + 1)...(index + 2)], as: UTF8.self), radix: 16)
            {
                bytes.append(byte)
                index += 3
            } else {
                bytes.append(source[index])
                index += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// `--source-version` and its like.
struct FetchRequest: Sendable {
    var version: String?
    var secondaryVersions: [String: String]
    /// nil leaves it to the project.
    var givenDepth: Int?
    var fetchesSubmodules: Bool

    var depth: Int { givenDepth ?? 0 }

    /// Checks the options.
    /// - Throws: ``CommandFailure`` with status `usage` when one is malformed.
    init(_ options: FetchOptions) throws(CommandFailure) {
        version = options.sourceVersion.flatMap { $0.isEmpty ? nil : $0 }
        secondaryVersions = [:]
        for argument in options.secondarySourceVersion {
            guard let equals = argument.firstIndex(of: "=") else {
                throw .usage("--secondary-source-version \(argument): expected ID=VERSION")
            }
            secondaryVersions[String(argument[..<equals])] = String(argument[equals...].dropFirst())
        }
        if let depth = options.gitCloneDepth, depth < 0 {
            throw .usage("--git-clone-depth \(depth): it cannot be negative")
        }
        givenDepth = options.gitCloneDepth
        fetchesSubmodules = options.gitSubmodules
    }
}
