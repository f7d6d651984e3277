/// `source` of a project (behaviour reference, section 10.2).
package struct ProjectSource: Sendable, Hashable {
    /// `type`.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case codeCommit = "CODECOMMIT"
        case codePipeline = "CODEPIPELINE"
        case gitHub = "GITHUB"
        case gitLab = "GITLAB"
        case gitLabSelfManaged = "GITLAB_SELF_MANAGED"
        case s3 = "S3"
        case bitbucket = "BITBUCKET"
        case gitHubEnterprise = "GITHUB_ENTERPRISE"
        case noSource = "NO_SOURCE"

        /// Whether `location` is a clone URL.
        package var isGit: Bool {
            switch self {
            case .codePipeline, .s3, .noSource: false
            default: true
            }
        }
    }

    /// `type`.
    package var kind: Kind
    /// `location`: a clone URL, or `bucket/key`.
    package var location: String?
    /// `gitCloneDepth`; 0 means everything.
    package var gitCloneDepth = 0
    /// `gitSubmodulesConfig.fetchSubmodules`.
    package var fetchesSubmodules = false
    /// `insecureSsl`.
    package var isInsecure = false
    /// `buildspec`; empty text counts as absent.
    package var buildspec: ProjectBuildspec?
    /// `sourceIdentifier`; nil for the primary source.
    package var identifier: String?
    /// `sourceVersion` of the project, or the one of `secondarySourceVersions`.
    package var version: String?

    /// Describes a source.
    package init(kind: Kind, location: String? = nil) {
        self.kind = kind
        self.location = location
    }
}

/// `source.buildspec`: three things in one field (behaviour reference, section 1.1).
package enum ProjectBuildspec: Sendable, Hashable {
    /// The YAML (or JSON) text itself.
    case inline(String)
    /// A path in the primary source.
    case path(String)
    /// An object in S3.
    case object(bucket: String, key: String)

    /// Tells them apart; nil when there is nothing.
    package init?(_ text: String) {
        let trimmed = TextPieces.trimmed(text)
        guard !trimmed.isEmpty else { return nil }
        if text.utf8.contains(0x0A) || trimmed.hasPrefix("{") {
            self = .inline(text)
        } else if let object = Self.object(trimmed) {
            self = object
        } else {
            self = .path(trimmed)
        }
    }

    /// `arn:aws:s3:::bucket/key`.
    private static func object(_ text: String) -> ProjectBuildspec? {
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "s3",
            let slash = parts[5].firstIndex(of: "/"), slash != parts[5].startIndex
        else { return nil }
        let key = parts[5][slash...].dropFirst()
        return key.isEmpty ? nil : .object(bucket: String(parts[5][..<slash]), key: String(key))
    }
}
