/// What a buildspec's `artifacts` section asks for, variables already expanded (behaviour reference, section
/// 1.8).
package struct ArtifactSelectionRequest: Sendable, Hashable {
    /// `files`, in order.
    package var patterns: [String]
    /// `exclude-paths`, relative to the base directory.
    package var excludePaths: [String]
    /// `base-directory`, relative to the source directory, absolute in the root, or a pattern; nil for the
    /// source directory.
    package var baseDirectory: String?
    /// `discard-paths`: keep only the last component of names.
    package var discardPaths: Bool
    /// `enable-symlinks`: keep links that point inside the artifact.
    package var enableSymlinks: Bool
    /// Every link is kept as it is written, wherever it leads, and none is followed: what a package wants, and
    /// no buildspec can ask for.
    package var keepsEveryLink: Bool

    /// Makes a request.
    package init(
        patterns: [String], excludePaths: [String] = [], baseDirectory: String? = nil,
        discardPaths: Bool = false,
        enableSymlinks: Bool = false, keepsEveryLink: Bool = false
    ) {
        self.patterns = patterns
        self.excludePaths = excludePaths
        self.baseDirectory = baseDirectory
        self.discardPaths = discardPaths
        self.enableSymlinks = enableSymlinks
        self.keepsEveryLink = keepsEveryLink
    }
}

/// How much a selection may hold before it is refused.
package struct SelectionLimits: Sendable, Hashable {
    /// Files that may be selected.
    package var files = 4_000_000
    /// Names that may be looked at, over all directories, also through links.
    package var visitedNames = 20_000_000
    /// Bytes of one name in the artifact.
    package var nameLength = 4_096
    /// Notes that are kept besides those on patterns; further ones are only counted.
    package var notes = 1_000

    /// The defaults.
    package init() {}
}
