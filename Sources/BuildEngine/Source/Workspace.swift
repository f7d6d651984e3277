import Sandbox
import SystemPackage

/// Where things are in a build's private `/`, relative to it and as the build sees it.
struct Workspace: Sendable, Hashable {
    /// The build's private directories.
    var root: BuildRoot
    /// `codebuild/output/src<digits>/src`, or below it as the source's layout says; relative to the root.
    var source: FilePath
    /// The same for secondary sources.
    var secondarySources: [(identifier: String, path: FilePath)] = []

    /// Chooses directories for a build; the sources of a pipeline's action lie side by side.
    init(
        root: BuildRoot, source: SourcePlan, secondarySources: [(identifier: String, source: SourcePlan)],
        areSideBySide: Bool = false
    ) {
        self.root = root
        let common = areSideBySide ? Self.makeDigits() : nil
        self.source = Self.makeSourcePath(source, common)
        self.secondarySources = secondarySources.map {
            ($0.identifier, Self.makeSourcePath($0.source, common))
        }
    }

    /// `CODEBUILD_SRC_DIR`.
    var sourceDirectory: FilePath { root.inside(source) }

    /// A random decimal number of nine or ten digits per source (behaviour reference, section 5.4).
    private static func makeDigits() -> UInt32 { .random(in: 100_000_000...UInt32.max) }

    private static func makeSourcePath(_ source: SourcePlan, _ digits: UInt32?) -> FilePath {
        let path = FilePath("codebuild/output/src\(digits ?? makeDigits())/src")
        return source.layout.map { path.pushing($0) } ?? path
    }

    static func == (left: Workspace, right: Workspace) -> Bool {
        left.root == right.root && left.source == right.source
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(root)
        hasher.combine(source)
    }
}
