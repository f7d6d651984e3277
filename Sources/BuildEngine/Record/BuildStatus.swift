/// `buildStatus` and `phaseStatus` of the API (behaviour reference, section 3.5).
package enum BuildStatus: String, Sendable, Hashable, Codable {
    case succeeded = "SUCCEEDED"
    case failed = "FAILED"
    case fault = "FAULT"
    case timedOut = "TIMED_OUT"
    case inProgress = "IN_PROGRESS"
    case stopped = "STOPPED"
}

/// `phaseType` of the API, in order (behaviour reference, section 3.1).
package enum PhaseType: String, Sendable, Hashable, Codable, CaseIterable {
    case submitted = "SUBMITTED"
    case queued = "QUEUED"
    case provisioning = "PROVISIONING"
    case downloadSource = "DOWNLOAD_SOURCE"
    case install = "INSTALL"
    case preBuild = "PRE_BUILD"
    case build = "BUILD"
    case postBuild = "POST_BUILD"
    case uploadArtifacts = "UPLOAD_ARTIFACTS"
    case finalizing = "FINALIZING"
    case completed = "COMPLETED"
}

/// `PhaseContext` of the API: why a phase ended as it did; both empty on success (behaviour reference, section 3.6).
package struct PhaseContext: Sendable, Hashable, Codable {
    /// Such as `COMMAND_EXECUTION_ERROR`.
    package var statusCode: String
    /// CodeBuild's literal words where they are known.
    package var message: String

    /// Makes a context; without arguments that of a success.
    package init(statusCode: String = "", message: String = "") {
        self.statusCode = statusCode
        self.message = message
    }

    /// `YAML_FILE_ERROR`: the buildspec cannot be used.
    package static func yamlFileError(_ message: String) -> PhaseContext {
        PhaseContext(statusCode: "YAML_FILE_ERROR", message: message)
    }

    /// `CLIENT_ERROR`: artifacts or sources cannot be handled as asked for.
    package static func clientError(_ message: String) -> PhaseContext {
        PhaseContext(statusCode: "CLIENT_ERROR", message: message)
    }

    /// `COMMAND_EXECUTION_ERROR`: a command failed.
    ///
    /// `status` is CodeBuild's `exit status 1`.
    package static func commandFailed(_ command: String, _ status: String) -> PhaseContext {
        PhaseContext(
            statusCode: "COMMAND_EXECUTION_ERROR",
            message: "Error while executing command: \(command). Reason: \(status)")
    }

    /// `BUILD_TIMED_OUT`.
    package static let timedOut = PhaseContext(statusCode: "BUILD_TIMED_OUT", message: "Build has timed out.")
}
