package import BuildEngine

/// What a worker answers CodePipeline when a job's build has ended (behaviour reference, sections 11.2 and 11.3).
package enum JobResult: Sendable, Hashable, Codable {
    /// `PutJobSuccessResult`.
    case success(ExecutionDetails, outputVariables: [String: String])
    /// `PutJobFailureResult`.
    case failure(FailureDetails)

    /// `executionDetails`.
    package struct ExecutionDetails: Sendable, Hashable, Codable {
        /// At most 2,048 characters.
        package var summary: String
        /// The build's id: at most 1,500 characters.
        package var externalExecutionID: String

        /// Details; both texts are cut to what CodePipeline takes.
        package init(summary: String, externalExecutionID: String) {
            self.summary = JobResult.cut(summary, 2048)
            self.externalExecutionID = JobResult.cut(externalExecutionID, 1500)
        }
    }

    /// `failureDetails`.
    package struct FailureDetails: Sendable, Hashable, Codable {
        /// `type`: whose fault it is.
        package enum Kind: String, Sendable, Hashable, Codable {
            /// The build failed.
            case jobFailed = "JobFailed"
            /// The action's configuration or the project is wrong.
            case configurationError = "ConfigurationError"
            /// A role, a key or a bucket does not allow what is needed.
            case permissionError = "PermissionError"
            /// The worker could not do its part.
            case systemUnavailable = "SystemUnavailable"
        }

        /// Whose fault it is.
        package var kind: Kind
        /// Why: 1 to 5,000 characters.
        package var message: String
        /// The build's id: at most 1,500 characters; nil when there was no build.
        package var externalExecutionID: String?

        /// Details; the message is cut to what CodePipeline takes.
        package init(kind: Kind, message: String, externalExecutionID: String? = nil) {
            self.kind = kind
            self.message = JobResult.cut(message.isEmpty ? kind.rawValue : message, 5000)
            self.externalExecutionID = externalExecutionID.map { JobResult.cut($0, 1500) }
        }
    }

    /// The answer for a build that has ended.
    ///
    /// - Parameters:
    ///   - record: How the build ended. Its exported variables become output variables; those whose names CodePipeline
    ///     does not take (`[A-Za-z0-9@\-_]+`) are left out.
    ///   - runnerFailure: What the runner could not do, if there is such a thing.
    ///   - log: Where the build's log is: a link, or a place on the build host.
    package init(record: BuildRecord, runnerFailure: RunnerFailure?, log: String? = nil) {
        let id = Self.cut(record.id, 1500)
        let log = log.map { "; log: \(Self.cut($0, 900))" } ?? ""
        guard record.buildStatus != .succeeded || runnerFailure != nil else {
            let variables = record.exportedEnvironmentVariables.filter { Self.isOutputName($0.name) }
            self = .success(
                ExecutionDetails(
                    summary: "build \(record.buildNumber) of \(Self.cut(record.projectName, 1000)) succeeded"
                        + log,
                    externalExecutionID: id),
                outputVariables: Dictionary(
                    variables.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last }))
            return
        }
        let failed = record.phases.first { $0.phaseStatus != nil && $0.phaseStatus != .succeeded }
        let context = failed?.contexts?.first
        let isRunners = runnerFailure != nil && context?.statusCode != "COMMAND_EXECUTION_ERROR"
        let phase = failed.map { "\($0.phaseType.rawValue): " } ?? ""
        let reason = context.map { "\($0.statusCode) \($0.message)" } ?? ""
        let failure = isRunners ? runnerFailure : nil
        let message = failure?.advice ?? (phase + reason)
        let text = message.isEmpty ? "the build was stopped" : message
        self = .failure(
            FailureDetails(
                kind: failure.map { FailureDetails.Kind($0.cause) } ?? .jobFailed,
                message: Self.cut(text, 5000 - log.utf16.count, keepingEnd: 300) + log,
                externalExecutionID: id))
    }

    private static func isOutputName(_ name: String) -> Bool {
        !name.isEmpty
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "@-_".contains($0)) }
    }

    /// A text as CodePipeline takes it: so many characters as UTF-16 counts them, without control characters.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - limit: Characters.
    ///   - end: How many of them are kept of the end of a text that is too long: a command's reason follows the command.
    /// - Returns: The text.
    fileprivate static func cut(_ text: String, _ limit: Int, keepingEnd end: Int = 0) -> String {
        let text = String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    let isPlain =
                        scalar == "\n" || scalar == "\t" || scalar.value >= 0x20 && scalar.value != 0x7F
                    return isPlain ? scalar : "\u{FFFD}"
                }))
        guard text.utf16.count > limit else { return text }
        guard end > 0, limit > 2 * end else { return prefix(text.unicodeScalars, limit) }
        let tail = prefix(text.unicodeScalars.reversed(), end)
        return prefix(text.unicodeScalars, limit - end - 5) + " ... "
            + String(String.UnicodeScalarView(tail.unicodeScalars.reversed()))
    }

    private static func prefix(_ scalars: some Sequence<Unicode.Scalar>, _ limit: Int) -> String {
        var result = String.UnicodeScalarView()
        var count = 0
        for scalar in scalars {
            count += scalar.value > 0xFFFF ? 2 : 1
            if count > limit { break }
            result.append(scalar)
        }
        return String(result)
    }
}

extension JobResult.FailureDetails.Kind {
    /// Whose fault it is when the runner could not do its part.
    package init(_ cause: RunnerFailure.Cause) {
        switch cause {
        case .permission: self = .permissionError
        case .configuration: self = .configurationError
        case .runner, .unavailable: self = .systemUnavailable
        }
    }
}

extension RunnerFailure {
    /// What, why, and what to try.
    fileprivate var advice: String { description + (hint.map { "; \($0)" } ?? "") }
}
