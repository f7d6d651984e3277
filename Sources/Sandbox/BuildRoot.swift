package import SystemPackage

/// The private directory of one build that mirrors `/` as the build sees it: `codebuild`, `root`, `tmp`, `var/tmp`.
///
/// The build owns everything below it and may put links anywhere, so the runner opens files only through
/// ``AnchoredDirectory``, never by joining paths.
package struct BuildRoot: Sendable, Hashable {
    /// The directory on the host.
    package var hostPath: FilePath
    /// The same directory as the build sees it: `/` in a sandbox with mounts, `hostPath` without.
    package var insidePath: FilePath

    /// Names a root; nothing is created.
    package init(hostPath: FilePath, insidePath: FilePath = "/") {
        self.hostPath = hostPath
        self.insidePath = insidePath
    }

    /// Where `path` (relative to the mirrored `/`, such as `codebuild/output/tmp`) is for the build.
    package func inside(_ path: FilePath) -> FilePath {
        insidePath.pushing(path)
    }

    /// Where `path` (relative to the mirrored `/`) is on the host; only for paths the build cannot have touched yet.
    package func host(_ path: FilePath) -> FilePath {
        hostPath.pushing(path)
    }

    /// The directories that every build finds, relative to the mirrored `/`.
    package static let directories: [FilePath] = [
        "codebuild", "codebuild/output", "codebuild/output/tmp", "codebuild/readonly", "codebuild/user",
        "codebuild/user/bin", "root", "tmp", "var", "var/tmp",
    ]

    /// Creates the directories of a fresh root.
    /// - Throws: ``SandboxError`` when one cannot be created.
    package func create() throws(SandboxError) {
        for directory in Self.directories {
            let shared = directory == "tmp" || directory == "var/tmp"
            try makePrivateDirectory(host(directory), mode: shared ? 0o1777 : 0o755)
        }
    }
}
