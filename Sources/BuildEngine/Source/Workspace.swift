import Sandbox
import SystemPackage

/// Where things are in a build's private `/`, relative to it and as the build sees it.
struct Workspace: Sendable, Hashable {
    /// The build's private directories.
    var root: BuildRoot
    /// `codebuild/output/src<digits>/src`, relative to the root.
    var source: FilePath
    /// The same for secondary sources.
    var secondarySources: [(identifier: String, path: FilePath)] = []

    /// Chooses directories for a build.
    init(root: BuildRoot, secondaryIdentifiers: [String]) {
        self.root = root
        source = Self.makeSourcePath()
        secondarySources = secondaryIdentifiers.map { ($0, Self.makeSourcePath()) }
    }

    /// `CODEBUILD_SRC_DIR`.
    var sourceDirectory: FilePath { root.inside(source) }

    /// A random decimal number of nine or ten digits per source (behaviour reference, section 5.4).
    private static func makeSourcePath() -> FilePath {
        FilePath("codebuild/output/src\(UInt32.random(in: 100_000_000...UInt32.max))/src")
    }

    static func == (left: Workspace, right: Workspace) -> Bool {
        left.root == right.root && left.source == right.source
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(root)
        hasher.combine(source)
    }
}
