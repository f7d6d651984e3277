import Buildspec
import Diagnostics
import Sandbox
import SystemPackage

/// Something that surrounds the phases: secrets, cache, reports, artifacts.
///
/// One small type in a file of its own, composed with the others in ``Build/features``; the phase machine
/// knows none of them by name.
protocol BuildFeature: Sendable {
    /// When it acts, in a build that gets that far.
    var moments: Set<BuildMoment> { get }

    /// Does its part, and tells what it adds to the build. Failing is told by the contribution's contexts.
    func act(at moment: BuildMoment, in scene: BuildScene) async -> Contribution
}

/// The moments at which features act.
enum BuildMoment: Sendable, Hashable {
    /// In DOWNLOAD_SOURCE, when the buildspec is known: variables.
    case environment
    /// In DOWNLOAD_SOURCE, when commands can be run: runtimes.
    case runtimes
    /// In DOWNLOAD_SOURCE, after that: caches.
    case restore
    /// In POST_BUILD, after its commands, whether they failed or not.
    case afterCommands
    /// UPLOAD_ARTIFACTS.
    case uploadArtifacts
}

/// What a feature finds.
struct BuildScene: Sendable {
    /// The build's decisions.
    var plan: BuildPlan
    /// The decoded buildspec.
    var buildspec: Buildspec
    /// The doors to the world.
    var services: BuildServices
    /// The log.
    var log: BuildLog
    /// Where things are in the workspace.
    var workspace: Workspace
    /// Runs commands; nil before the sandbox is prepared.
    var runner: CommandRunner?
    /// Whether nothing has failed so far.
    var hasSucceeded = true
}

/// What a feature adds to the build.
struct Contribution: Sendable {
    /// Variables for the commands.
    var variables: [(name: String, value: String, origin: BuildEnvironment.Origin)] = []
    /// Why the phase failed; empty when it did not.
    var contexts: [PhaseContext] = []
    /// Set when the failure is the runner's and not the build's.
    var runnerFailure: RunnerFailure?
    /// Remarks for the person who runs the build, outside the log.
    var warnings: [String] = []
    /// What is wrong at places of the buildspec.
    var diagnostics: [Diagnostic] = []
    /// Reports that are written.
    var reports: [WrittenReport] = []
    /// Adds to the record.
    var record: RecordChanges = .init()
}

/// What features add to a build record.
struct RecordChanges: Sendable {
    var artifacts: BuildRecord.Artifacts?
    var secondaryArtifacts: [BuildRecord.Artifacts] = []
    var exportedVariables: [BuildRecord.ExportedVariable] = []

    /// Writes the changes into a record.
    func apply(to record: inout BuildRecord) {
        if let artifacts { record.artifacts = artifacts }
        record.secondaryArtifacts += secondaryArtifacts
        record.exportedEnvironmentVariables += exportedVariables
    }
}
