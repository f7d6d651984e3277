package import Diagnostics
package import SystemPackage

/// How a build ended, for whoever tells it to people and to the shell.
package struct BuildOutcome: Sendable {
    /// The record.
    package var record: BuildRecord
    /// The same as text, where it could be put into words.
    package var recordText: [UInt8]?
    /// Whether the build was ended by its time limit.
    package var hasTimedOut: Bool
    /// Set when the runner could not do its part.
    package var runnerFailure: RunnerFailure?
    /// What is wrong with the buildspec, if anything.
    package var diagnostics: [Diagnostic]
    /// What diagnostics call the buildspec.
    package var buildspecName: String
    /// The buildspec's text, for showing excerpts.
    package var buildspecText: [UInt8]
    /// Remarks for the person who ran the build.
    package var warnings: [String]
    /// The reports that the build has left.
    package var reports: [WrittenReport]
    /// Where the source directory of a kept workspace is.
    package var keptWorkspace: FilePath?
    /// Whether the first phase that failed did so because of ``runnerFailure``.
    package var isRunnersFault = false
}
