package import Buildspec

/// Which phase comes next: CodeBuild's transitions as a pure machine (behaviour reference, sections 3.1 to 3.3).
package struct PhaseMachine: Sendable, Hashable {
    /// The phase to be done now; COMPLETED at the end.
    package private(set) var current: PhaseType = .submitted
    /// Whether no phase has failed so far: `CODEBUILD_BUILD_SUCCEEDING`.
    package private(set) var isSucceeding = true
    /// The build's status: IN_PROGRESS until COMPLETED is reached.
    package private(set) var buildStatus = BuildStatus.inProgress
    private var finalStatus = BuildStatus.succeeded

    /// Starts at SUBMITTED.
    package init() {}

    /// Notes how the current phase ended, and moves on.
    /// - Parameters:
    ///   - status: How it ended.
    ///   - onFailure: The phase's `on-failure`, which counts only when it failed.
    package mutating func finish(_ status: BuildStatus, onFailure: OnFailure? = nil) {
        guard current != .completed else { return }
        note(status, onFailure)
        current = status == .succeeded ? following : followingFailure(status, onFailure)
        if current == .completed { buildStatus = finalStatus }
    }

    /// The first failure decides the build's status.
    ///
    /// A build that timed out is FAILED; only its phase is TIMED_OUT (reference 3.5).
    private mutating func note(_ status: BuildStatus, _ onFailure: OnFailure?) {
        guard status != .succeeded else { return }
        isSucceeding = false
        guard finalStatus == .succeeded || status == .stopped else { return }
        switch (status, onFailure) {
        case (.timedOut, _): finalStatus = .failed
        case (.failed, .continue): finalStatus = AssumedBehaviour.statusAfterContinuedFailure
        default: finalStatus = status
        }
    }

    private var following: PhaseType {
        let all = PhaseType.allCases
        guard let index = all.firstIndex(of: current), index + 1 < all.count else { return .completed }
        return all[index + 1]
    }

    private func followingFailure(_ status: BuildStatus, _ onFailure: OnFailure?) -> PhaseType {
        if current == .finalizing { return .completed }
        guard status == .failed || AssumedBehaviour.runsPhasesAfterInterruption else { return .finalizing }
        switch current {
        case .install, .preBuild:
            return onFailure == .continue ? following : .finalizing
        case .build, .postBuild:
            guard onFailure == .abort else { return following }
            return AssumedBehaviour.uploadsAfterAbort ? .uploadArtifacts : .finalizing
        default:
            return .finalizing
        }
    }
}
