import Archiving
import SystemPackage
import TestSupport

/// A build's root with a source directory, as a build leaves it behind.
struct BuildTree {
    static let source: FilePath = "/codebuild/output/src123/src"
    let scratch: Scratch
    let root: FilePath

    /// `script` runs in the source directory; `$ROOT` is the host's path of the root.
    init(_ script: String) throws {
        scratch = try Scratch()
        root = scratch.path.appending("root")
        try scratch.sh(
            """
            export ROOT="$PWD/root"; mkdir -p root/codebuild/output/src123/src root/root root/tmp
            cd root/codebuild/output/src123/src
            \(script)
            """)
    }

    func select(_ request: ArtifactSelectionRequest, limits: SelectionLimits = .init()) throws -> Selection {
        try FileSelector(root: root, sourceDirectory: Self.source, limits: limits).select(request)
    }

    func names(
        _ patterns: String..., exclude: [String] = [], base: String? = nil, discard: Bool = false
    ) throws -> [String] {
        let request = ArtifactSelectionRequest(
            patterns: patterns, excludePaths: exclude, baseDirectory: base, discardPaths: discard)
        return try select(request).files.map(\.name.description)
    }
}
