import ArgumentParser
import BuildEngine
import BuildProject

/// Where a build's log and its events go besides the terminal and `.buildspec`.
struct DeliveryOptions: ParsableArguments {
    /// `--s3-logs-owner-access`.
    enum OwnerAccess: String, OptionWord {
        case none
        case readOnly = "read-only"
        case full
    }

    @Option(
        name: .customLong("cloudwatch-logs"),
        help: ArgumentHelp(
            "Deliver the log to CloudWatch Logs: GROUP, GROUP:STREAM, or an empty GROUP for the default.",
            discussion: "The stream is the build's uuid, or STREAM/<uuid>; the default group is "
                + "/aws/codebuild/<project>.",
            valueName: "group[:stream]"))
    var cloudWatchLogs: String?

    @Option(
        name: .customLong("s3-logs"),
        help: ArgumentHelp(
            "Store the log as s3://BUCKET[/PREFIX]/<uuid>.gz when the build has ended.",
            valueName: "s3://bucket[/prefix]"))
    var s3Logs: String?

    @Flag(name: .customLong("s3-logs-unencrypted"), help: "Store that object without asking for encryption.")
    var s3LogsUnencrypted = false

    @Option(
        name: .customLong("s3-logs-owner-access"),
        help: "What the bucket's owner may do with that object (default: what the bucket says).")
    var s3LogsOwnerAccess: OwnerAccess?

    @Option(
        help: ArgumentHelp(
            "Tell an EventBridge bus (its name or ARN) of the build's changes, as CodeBuild does.",
            valueName: "bus"))
    var events: String?
}

/// The delivery options as a value.
struct DeliveryRequest: Sendable, Hashable {
    var cloudWatchLogs: LogsPlan.CloudWatchLogs?
    var s3Logs: LogsPlan.S3Logs?
    /// The key of a log in S3 when the command line names none.
    var projectKey: RunRequest.Key?
    var eventBus: String?

    /// Nothing is delivered.
    init() {}

    /// Takes over the options.
    /// - Throws: ``CommandFailure`` with status `usage` when one is malformed.
    init(_ options: DeliveryOptions) throws(CommandFailure) {
        cloudWatchLogs = try options.cloudWatchLogs.map(Self.cloudWatchLogs)
        s3Logs = try Self.s3Logs(options)
        guard let bus = options.events else { return }
        guard !bus.isEmpty, bus.utf8.count <= 1600,
            bus.utf8.allSatisfy({ (33...126).contains($0) })
        else { throw .usage("--events \(bus): it is not the name or the ARN of an event bus") }
        eventBus = bus
    }

    /// Whether any of it needs AWS.
    var needsAWS: Bool { cloudWatchLogs != nil || s3Logs != nil || eventBus != nil }

    private static func cloudWatchLogs(_ text: String) throws(CommandFailure) -> LogsPlan.CloudWatchLogs {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        let group = parts[0]
        let stream = parts.count > 1 ? parts[1] : nil
        let logs = LogsPlan.CloudWatchLogs(groupName: group.isEmpty ? nil : group, streamName: stream)
        try check(logs, "--cloudwatch-logs \(text)")
        return logs
    }

    /// A group's and a stream's name cannot hold what the service does not allow (API reference of CreateLogGroup).
    static func check(_ logs: LogsPlan.CloudWatchLogs, _ origin: String) throws(CommandFailure) {
        if let group = logs.groupName {
            let isGroup = group.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || "._-/#".utf8.contains(byte)
            }
            guard isGroup, !group.isEmpty, group.utf8.count <= 512 else {
                throw .usage(
                    "\(origin): \(group) is not a log group's name",
                    hint: "names have letters, digits and ._-/#, such as /aws/codebuild/app")
            }
        }
        if let stream = logs.streamName {
            let isStream =
                !stream.isEmpty && stream.utf8.count <= 475 && !stream.contains { ":*".contains($0) }
            guard isStream, !stream.unicodeScalars.contains(where: { $0.value < 32 }) else {
                throw .usage("\(origin): \(stream) is not a log stream's name")
            }
        }
    }

    private static func s3Logs(_ options: DeliveryOptions) throws(CommandFailure) -> LogsPlan.S3Logs? {
        guard let text = options.s3Logs else {
            guard !options.s3LogsUnencrypted, options.s3LogsOwnerAccess == nil else {
                throw .usage("--s3-logs-...: there are no logs in S3", hint: "add --s3-logs s3://BUCKET")
            }
            return nil
        }
        guard text.hasPrefix("s3://"), var logs = LogsPlan.S3Logs(location: String(text.dropFirst(5))) else {
            throw .usage("--s3-logs \(text): expected s3://BUCKET[/PREFIX]")
        }
        logs.isEncryptionDisabled = options.s3LogsUnencrypted
        logs.bucketOwnerAccess =
            switch options.s3LogsOwnerAccess {
            case nil: nil
            case .some(.none): ProjectArtifacts.BucketOwnerAccess.none
            case .readOnly: .readOnly
            case .full: .full
            }
        return logs
    }
}
