import BuildEngine

extension PlanDescription {
    /// Where log and events would go; nothing for a build that delivers none.
    static func lines(of delivery: DeliveryRequest, project: String) -> [Line] {
        var lines: [Line] = []
        if let logs = delivery.cloudWatchLogs {
            let group = logs.groupName ?? "/aws/codebuild/\(project)"
            let stream = (logs.streamName.map { $0 + "/" } ?? "") + "<uuid>"
            lines.append(Line("CloudWatch Logs", "\(group), \(stream)", "--cloudwatch-logs"))
        }
        if let logs = delivery.s3Logs {
            lines.append(Line("S3 log", "s3://\(logs.bucket)/\(logs.key(uuid: "<uuid>"))", "--s3-logs"))
        }
        if let bus = delivery.eventBus { lines.append(Line("event bus", bus, "--events")) }
        return lines
    }
}
