/// What CodeBuild does is not documented everywhere.
///
/// Where nobody has measured it, these are our choices, in one place so that a measurement can change them
/// (behaviour reference, Appendix A and the facts marked as assumed).
enum AssumedBehaviour {
    /// The build's status when a phase failed and `on-failure: CONTINUE` let the build go on (reference 3.3).
    static let statusAfterContinuedFailure = BuildStatus.failed

    /// Whether UPLOAD_ARTIFACTS runs after `on-failure: ABORT` ended BUILD or POST_BUILD (reference 3.3).
    static let uploadsAfterAbort = false

    /// Whether `finally` runs when the build timed out or was stopped, and phases after it (reference 1.6,
    /// 3.5).
    ///
    /// All processes are gone by then.
    static let runsPhasesAfterInterruption = false

    /// Whether a failing `finally` command stops the rest of `finally` (reference 1.6).
    static let failingFinallyStops = true

    /// Whether an exported variable that was never set is published, as empty text (reference 1.4).
    static let exportsUnsetVariables = false

    /// Names that cannot be exported are left out with a warning, and fail nothing (reference 1.4).
    static let unexportablePrefix = "AWS_"

    /// The text for a language that the image does not have (reference 12.2).
    static func unknownRuntime(_ name: String, known: [String]) -> PhaseContext {
        .yamlFileError(
            "Unknown runtime named '\(name)'. "
                + "This build image has the following runtimes: \(known.joined(separator: ", "))")
    }

    /// The text for versions that do not go together (reference 12.2).
    static func conflictingRuntimes(
        _ choice: RuntimeSelection.Choice, _ other: RuntimeSelection.Choice, _ accepted: [String]
    ) -> PhaseContext {
        .yamlFileError(
            "\(choice.language) version \(choice.version) requires \(other.language) version "
                + "\(accepted.joined(separator: " or ")), but \(other.version) is selected")
    }

    /// Whether an image wants at least one runtime version: known of CodeBuild's old ones only (reference 12.2).
    static func requiresRuntime(image: String?) -> Bool {
        let old = [
            "aws/codebuild/standard:2.0", "aws/codebuild/standard:3.0",
            "aws/codebuild/amazonlinux2-x86_64-standard:1.0",
        ]
        return old.contains { image == $0 || image?.hasPrefix($0 + "-") == true }
    }

    /// What a secondary artifact does that the project has no settings for (reference 6.8).
    static func unknownSecondaryArtifact(_ identifier: String) -> PhaseContext {
        .clientError("secondary artifact \(identifier) is not defined in the project")
    }

    /// The log line before a further attempt of a phase with `on-failure: RETRY` (reference 1.6).
    ///
    /// An attempt is the whole phase, `finally` included, in the state that the one before has left. What is matched is
    /// the output of the failed attempt and its contexts.
    static func retryLine(_ phase: PhaseType, attempt: Int, of count: Int) -> String {
        "Retrying phase \(phase.rawValue), retry \(attempt) of \(count)"
    }

    /// `run-as` names nobody: the phase fails before its first command (reference 1.3).
    static func unknownUser(_ name: String) -> PhaseContext {
        .clientError("run-as user \(name) does not exist in the build environment")
    }

    /// `run-as` names a user that the sandbox cannot become.
    static func unusableUser(_ name: String, _ reason: String) -> PhaseContext {
        .clientError("cannot run commands as user \(name): \(reason)")
    }

    /// Whether a cache is saved when the build has failed before (reference 7.2).
    static let savesCacheAfterFailure = false
}
