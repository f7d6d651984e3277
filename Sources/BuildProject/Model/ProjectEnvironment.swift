/// `environment` of a project, but for its variables (behaviour reference, section 10.4).
package struct ProjectEnvironment: Sendable, Hashable {
    /// `type`, such as `LINUX_CONTAINER`, in its documented spelling.
    package var type = "LINUX_CONTAINER"
    /// `image`; nil when it is not known.
    package var image: String?
    /// `computeType`, such as `BUILD_GENERAL1_SMALL`.
    package var computeType: String?
    /// `privilegedMode`.
    package var privilegedMode = false

    /// Describes nothing yet.
    package init() {}

    /// The documented types (behaviour reference, section 10.4).
    package static let types = [
        "LINUX_CONTAINER", "ARM_CONTAINER", "LINUX_GPU_CONTAINER", "WINDOWS_CONTAINER",
        "WINDOWS_SERVER_2019_CONTAINER", "WINDOWS_SERVER_2022_CONTAINER", "LINUX_LAMBDA_CONTAINER",
        "ARM_LAMBDA_CONTAINER", "LINUX_EC2", "ARM_EC2", "WINDOWS_EC2", "MAC_ARM",
    ]

    /// The documented compute types.
    package static let computeTypes = [
        "BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_MEDIUM", "BUILD_GENERAL1_LARGE", "BUILD_GENERAL1_XLARGE",
        "BUILD_GENERAL1_2XLARGE", "BUILD_LAMBDA_1GB", "BUILD_LAMBDA_2GB", "BUILD_LAMBDA_4GB",
        "BUILD_LAMBDA_8GB", "BUILD_LAMBDA_10GB", "ATTRIBUTE_BASED_COMPUTE", "CUSTOM_INSTANCE_TYPE",
    ]
}

/// `cache` of a project (behaviour reference, section 7.1).
package struct ProjectCache: Sendable, Hashable {
    /// `type`.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case noCache = "NO_CACHE"
        case s3 = "S3"
        case local = "LOCAL"
    }

    /// `type`.
    package var kind: Kind
    /// `location`: `bucket/prefix`.
    package var location: String?
    /// `modes` of a local cache.
    package var modes: [String] = []
    /// `cacheNamespace`.
    package var namespace: String?

    /// Describes a cache.
    package init(kind: Kind) {
        self.kind = kind
    }

    /// Whether the `cache/paths` of a buildspec are kept at all.
    package var keepsPaths: Bool {
        switch kind {
        case .noCache: false
        case .s3: true
        case .local: modes.contains("LOCAL_CUSTOM_CACHE")
        }
    }
}

/// `logsConfig` of a project (behaviour reference, section 10.5).
package struct ProjectLogsConfig: Sendable, Hashable {
    /// `cloudWatchLogs.status` is ENABLED; the service's own default.
    package var sendsToCloudWatch = true
    /// `cloudWatchLogs.groupName`.
    package var groupName: String?
    /// `cloudWatchLogs.streamName`.
    package var streamName: String?
    /// `s3Logs.status` is ENABLED.
    package var sendsToS3 = false
    /// `s3Logs.location`: `bucket/prefix`, or the ARN of that.
    package var s3Location: String?
    /// `s3Logs.encryptionDisabled`.
    package var isS3EncryptionDisabled = false
    /// `s3Logs.bucketOwnerAccess`.
    package var s3BucketOwnerAccess: ProjectArtifacts.BucketOwnerAccess?

    /// The service's defaults.
    package init() {}
}
