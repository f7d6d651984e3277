package import BuildProject

/// What happened in a build, with the field names of CodeBuild's `Build` (behaviour reference, section 10.9).
///
/// Times are seconds since 1970 with a fraction. Skipped phases are absent.
package struct BuildRecord: Sendable, Hashable, Codable {
    /// One entry of `phases`.
    package struct Phase: Sendable, Hashable, Codable {
        /// Which phase.
        package var phaseType: PhaseType
        /// How it ended; absent for COMPLETED, which only marks the end.
        package var phaseStatus: BuildStatus?
        /// When it began.
        package var startTime: Double
        /// When it ended; absent for COMPLETED.
        package var endTime: Double?
        /// Whole seconds between the two; absent for COMPLETED.
        package var durationInSeconds: Int?
        /// Why it ended so.
        ///
        /// More than one when several things went wrong.
        package var contexts: [PhaseContext]?
    }

    /// `BuildArtifacts`.
    package struct Artifacts: Sendable, Hashable, Codable {
        /// ARN of the object or folder, or its path in a directory.
        package var location: String
        /// Lower-case hexadecimal MD5 of the object; with packaging ZIP only.
        package var md5sum: String?
        /// Lower-case hexadecimal SHA-256 of the object; with packaging ZIP only.
        package var sha256sum: String?
        /// Whether the buildspec could name the artifact.
        package var overrideArtifactName: Bool?
        /// Whether it is stored without encryption.
        package var encryptionDisabled: Bool?
        /// What the bucket's owner may do with it, when the project says so.
        package var bucketOwnerAccess: String?
        /// Set for secondary artifacts.
        package var artifactIdentifier: String?
    }

    /// `ProjectSource`, as far as a local build has one.
    package struct Source: Sendable, Hashable, Codable {
        /// `S3`, `NO_SOURCE`; `DIRECTORY`, `ARCHIVE` and `GIT` of any host, for which CodeBuild has no word.
        package var type: String
        /// Where it came from.
        package var location: String
        /// The buildspec that was used: a path in the source, or `-` for inline text.
        package var buildspec: String?
        /// Set for secondary sources.
        package var sourceIdentifier: String?
        /// How many commits were fetched, when not all.
        package var gitCloneDepth: Int?
        /// Of git sources that are fetched.
        package var gitSubmodulesConfig: Submodules?
        /// Of git sources that are fetched.
        package var insecureSsl: Bool?
        /// As the project says.
        package var auth: ProjectSetting?
        /// As the project says.
        package var reportBuildStatus: ProjectSetting?
        /// As the project says.
        package var buildStatusConfig: ProjectSetting?
    }

    /// `ProjectEnvironment`.
    package struct Environment: Sendable, Hashable, Codable {
        /// `EnvironmentVariable`; values of secret types are the names of their sources.
        package struct Variable: Sendable, Hashable, Codable {
            /// Name of the variable.
            package var name: String
            /// Its value, or where the secret is.
            package var value: String
            /// `PLAINTEXT`, `PARAMETER_STORE` or `SECRETS_MANAGER`.
            package var type: String
        }

        /// The project's, or `LINUX_CONTAINER`.
        package var type: String
        /// What commands ran in: `bubblewrap`, `host`, or an image.
        package var image: String
        /// `<repository>@sha256:...` of the image, where it is known; CodeBuild has no such field.
        package var imageDigest: String?
        /// As the project says.
        package var computeType: String?
        /// As the project says.
        package var privilegedMode: Bool?
        /// As the project says.
        package var certificate: ProjectSetting?
        /// As the project says.
        package var registryCredential: ProjectSetting?
        /// As the project says.
        package var imagePullCredentialsType: ProjectSetting?
        /// As the project says.
        package var fleet: ProjectSetting?
        /// As the project says.
        package var computeConfiguration: ProjectSetting?
        /// As the project says.
        package var dockerServer: ProjectSetting?
        /// Variables of the project and of the start of the build.
        package var environmentVariables: [Variable]
    }

    /// `LogsLocation`.
    package struct Logs: Sendable, Hashable, Codable {
        /// `CloudWatchLogsConfig`.
        package struct CloudWatchLogs: Sendable, Hashable, Codable {
            /// Always `ENABLED`: what is not is absent.
            package var status = "ENABLED"
            /// The group, where the project names it.
            package var groupName: String?
            /// What stands before `/<uuid>` in the stream's name.
            package var streamName: String?
        }

        /// `S3LogsConfig`.
        package struct S3Logs: Sendable, Hashable, Codable {
            /// Always `ENABLED`: what is not is absent.
            package var status = "ENABLED"
            /// `bucket/prefix`.
            package var location: String
            /// Whether the log is stored without encryption.
            package var encryptionDisabled: Bool
            /// `NONE`, `READ_ONLY` or `FULL`.
            package var bucketOwnerAccess: String?
        }

        /// The log group; absent without CloudWatch Logs.
        package var groupName: String?
        /// The log stream's name, as `CODEBUILD_LOG_PATH` has it.
        package var streamName: String
        /// The log in the console of CloudWatch Logs; without it, the log file on this machine.
        package var deepLink: String
        /// The log in the console of S3; absent without S3 logs.
        package var s3DeepLink: String?
        /// The stream's ARN; absent without CloudWatch Logs.
        package var cloudWatchLogsArn: String?
        /// The object's ARN; absent without S3 logs.
        package var s3LogsArn: String?
        /// What was configured.
        package var cloudWatchLogs: CloudWatchLogs?
        /// What was configured.
        package var s3Logs: S3Logs?
    }

    /// `ExportedEnvironmentVariable`.
    package struct ExportedVariable: Sendable, Hashable, Codable {
        /// Name of the variable.
        package var name: String
        /// Its value at the end of POST_BUILD.
        package var value: String
    }

    /// `<project>:<uuid>`.
    package var id: String
    /// The build's ARN.
    package var arn: String
    /// Counts up per project.
    package var buildNumber: Int
    /// When it began.
    package var startTime: Double
    /// When it ended.
    package var endTime: Double?
    /// The phase it is in; `COMPLETED` at the end.
    package var currentPhase: PhaseType
    /// How it ended, or `IN_PROGRESS`.
    package var buildStatus: BuildStatus
    /// The version asked for, when there was one.
    package var sourceVersion: String?
    /// The commit that was built, in a git work tree.
    package var resolvedSourceVersion: String?
    /// The project's name.
    package var projectName: String
    /// What happened, in order.
    package var phases: [Phase]
    /// What was built.
    package var source: Source
    /// The secondary sources.
    package var secondarySources: [Source]?
    /// The versions of secondary sources, where they have any.
    package var secondarySourceVersions: [SourceVersion]?
    /// The primary artifact, when it was stored.
    package var artifacts: Artifacts?
    /// The secondary artifacts that were stored.
    package var secondaryArtifacts: [Artifacts]
    /// Where commands ran, and the variables from outside the buildspec.
    package var environment: Environment
    /// The project's cache.
    package var cache: Cache?
    /// The project's role, whether it was assumed or not.
    package var serviceRole: String?
    /// Where the log is.
    package var logs: Logs
    /// Minutes until the build would have been ended.
    package var timeoutInMinutes: Int
    /// As the project says; builds do not queue here.
    package var queuedTimeoutInMinutes: Int?
    /// Whether nothing more will happen.
    package var buildComplete: Bool
    /// Who started the build.
    package var initiator: String
    /// The key that artifacts are encrypted with: a KMS key, or `local` for a key in a file.
    package var encryptionKey: String?
    /// The variables that the buildspec exports.
    package var exportedEnvironmentVariables: [ExportedVariable]
    /// As the project says; the build used this machine's network.
    package var vpcConfig: ProjectSetting?
    /// As the project says; none was mounted.
    package var fileSystemLocations: ProjectSetting?
    /// As the project says; no build is started again.
    package var autoRetryConfig: AutoRetry?
    /// Set when breakpoints pause the build.
    package var debugSession: DebugSession?
    /// The ARNs of the build's reports, when it has any.
    package var reportArns: [String]?
}
