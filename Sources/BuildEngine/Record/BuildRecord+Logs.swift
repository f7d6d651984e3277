import BuildProject
import SystemPackage

extension BuildRecord.Logs {
    /// Where the log of a build will be (behaviour reference, section 10.9).
    init(_ plan: BuildPlan) {
        let identity = plan.identity
        streamName = plan.logStreamName
        deepLink = plan.directories.log.string
        if let group = plan.logGroupName, let settings = plan.logs.cloudWatchLogs {
            groupName = group
            cloudWatchLogs = .init(groupName: settings.groupName, streamName: settings.streamName)
            deepLink =
                "https://console.\(identity.consoleDomain)/cloudwatch/home?region=\(identity.region)"
                + "#logsV2:log-groups/log-group/\(Self.linked(group))/log-events/\(Self.linked(streamName))"
            cloudWatchLogsArn =
                "arn:\(identity.partition):logs:\(identity.region):\(identity.account)"
                + ":log-group:\(group):log-stream:\(streamName)"
        }
        if let settings = plan.logs.s3Logs {
            let key = settings.key(uuid: identity.uuid)
            s3Logs = .init(
                location: settings.location, encryptionDisabled: settings.isEncryptionDisabled,
                bucketOwnerAccess: settings.bucketOwnerAccess?.rawValue)
            s3DeepLink =
                "https://s3.console.\(identity.consoleDomain)/s3/object/\(settings.bucket)/\(key)"
                + "?region=\(identity.region)"
            s3LogsArn = "arn:\(identity.partition):s3:::\(settings.bucket)/\(key)"
        }
    }

    /// A name in a link of the console, which is percent-encoded twice, the second time with `$` for `%`.
    private static func linked(_ name: String) -> String {
        name.utf8.map { byte in
            let isPlain =
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
            if isPlain { return String(UnicodeScalar(byte)) }
            let digits = String(byte, radix: 16, uppercase: true)
            return "$25" + (digits.count == 1 ? "0" : "") + digits
        }.joined()
    }
}

extension BuildIdentity {
    /// Where the partition's console is.
    fileprivate var consoleDomain: String {
        switch partition {
        case "aws-cn": "amazonaws.cn"
        case "aws-us-gov": "amazonaws-us-gov.com"
        default: "aws.amazon.com"
        }
    }
}
