package import SystemPackage

/// Where builds leave things: everything is below one `.buildspec` directory, which ignores itself in git.
package struct BuildDirectories: Sendable, Hashable {
    /// The name of the directory in a source; never copied into a workspace, never matched by a pattern.
    package static let name: FilePath.Component = ".buildspec"

    /// The `.buildspec` directory.
    package var base: FilePath
    /// The build's own directory: record, log, and while it runs its workspace.
    package var build: FilePath

    /// The directories of the build `uuid` below a `.buildspec` directory.
    package init(base: FilePath, uuid: String) {
        self.base = base
        build = base.appending("builds").appending(uuid)
    }

    /// The build record.
    package var record: FilePath { build.appending("build.json") }
    /// The log as shown.
    package var log: FilePath { build.appending("build.log") }
    /// Everything temporary: removed at the end.
    package var work: FilePath { build.appending("work") }
    /// The mirror of `/` as the build sees it.
    package var root: FilePath { work.appending("root") }
    /// Artifacts before they are stored; the build cannot see it.
    package var staging: FilePath { work.appending("staging") }
    /// What the build changes in the system, when it may; the build cannot see it.
    package var overlay: FilePath { work.appending("overlay") }
    /// Where shells of the build are to be had, while it is paused; the build cannot see it.
    package var paused: FilePath { work.appending("paused.json") }
    /// Build numbers.
    package var state: FilePath { base.appending("state.json") }
    /// Reports of the build.
    package var reports: FilePath { build.appending("reports") }
    /// Caches, kept from build to build.
    package var caches: FilePath { base.appending("cache") }
    /// Default place of artifacts.
    package var artifacts: FilePath { base.appending("artifacts") }
}
