package import BuildProject

/// Where a build's log goes besides its own directory: what `logsConfig` of a project says
/// (behaviour reference, sections 4.8 and 10.5).
package struct LogsPlan: Sendable, Hashable {
    /// `cloudWatchLogs`; nil when it is not enabled.
    package var cloudWatchLogs: CloudWatchLogs?
    /// `s3Logs`; nil when it is not enabled.
    package var s3Logs: S3Logs?

    /// The log goes nowhere else, unless told otherwise.
    package init(cloudWatchLogs: CloudWatchLogs? = nil, s3Logs: S3Logs? = nil) {
        self.cloudWatchLogs = cloudWatchLogs
        self.s3Logs = s3Logs
    }

    /// `CloudWatchLogsConfig`.
    package struct CloudWatchLogs: Sendable, Hashable {
        /// `groupName`; nil is `/aws/codebuild/<project>`.
        package var groupName: String?
        /// `streamName`: what stands before `/<uuid>` in the stream's name.
        package var streamName: String?

        /// Names the place.
        package init(groupName: String? = nil, streamName: String? = nil) {
            self.groupName = groupName
            self.streamName = streamName
        }
    }

    /// `S3LogsConfig`.
    package struct S3Logs: Sendable, Hashable {
        /// The bucket of `location`.
        package var bucket: String
        /// What stands before `/<uuid>.gz` in the key; without slashes at its ends, may be empty.
        package var prefix: String
        /// `encryptionDisabled`.
        package var isEncryptionDisabled = false
        /// `bucketOwnerAccess`; nil is the same as `none`.
        package var bucketOwnerAccess: ProjectArtifacts.BucketOwnerAccess?

        /// Names the place.
        package init(bucket: String, prefix: String) {
            self.bucket = bucket
            self.prefix = prefix
        }

        /// Reads `location`: `bucket/prefix` or `arn:aws:s3:::bucket/prefix`.
        ///
        /// Nil when there is no bucket in it.
        package init?(location: String) {
            var text = location[...]
            if text.hasPrefix("arn:"), let start = text.firstRange(of: ":::") {
                text = text[start.upperBound...]
            }
            let parts = text.split(separator: "/")
            guard let bucket = parts.first else { return nil }
            self.init(bucket: String(bucket), prefix: parts.dropFirst().joined(separator: "/"))
        }

        /// The key of a build's log.
        package func key(uuid: String) -> String { (prefix.isEmpty ? "" : prefix + "/") + uuid + ".gz" }

        /// `location` as the API gives it.
        package var location: String { prefix.isEmpty ? bucket : "\(bucket)/\(prefix)" }
    }
}

extension BuildPlan {
    /// The log group, when there is one.
    package var logGroupName: String? {
        logs.cloudWatchLogs.map { $0.groupName ?? "/aws/codebuild/\(identity.projectName)" }
    }

    /// The log stream's name, which `CODEBUILD_LOG_PATH` says.
    package var logStreamName: String {
        logs.cloudWatchLogs?.streamName.map { "\($0)/\(identity.uuid)" } ?? identity.uuid
    }
}
