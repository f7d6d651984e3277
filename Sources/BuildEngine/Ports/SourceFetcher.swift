package import SystemPackage

/// Who fetches sources that are not on this machine.
package protocol SourceFetcher: Sendable {
    /// Fetches a source.
    /// - Parameters:
    ///   - source: What is fetched.
    ///   - directory: Where its files go: an empty directory of the build's own.
    ///   - scratch: A private directory for what is temporary; emptied with the build.
    /// - Returns: What came.
    /// - Throws: ``SourceFailure`` when the source cannot be reached, or has no such version.
    func fetch(
        _ source: RemoteSource, into directory: FilePath, scratch: FilePath
    ) async throws(SourceFailure) -> FetchedSource
}

/// What was fetched.
package struct FetchedSource: Sendable, Hashable {
    /// The commit that was checked out; nil for what has no commits.
    package var commit: String?
    /// An archive that is still to be unpacked, and removed after that.
    package var archive: FilePath?

    /// Names what came.
    package init(commit: String? = nil, archive: FilePath? = nil) {
        self.commit = commit
        self.archive = archive
    }
}

/// Why a source is not in its workspace.
package struct SourceFailure: Error, Sendable {
    /// What could not be done, and why.
    package var failure: RunnerFailure
    /// Whether the runner could not do its part, rather than the source being at fault.
    package var isRunners: Bool

    /// Describes a failure.
    package init(failure: RunnerFailure, isRunners: Bool) {
        self.failure = failure
        self.isRunners = isRunners
    }
}
