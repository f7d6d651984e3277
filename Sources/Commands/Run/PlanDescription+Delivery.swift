import BuildEngine
import BuildProject

extension PlanDescription {
    /// Where log and events would go; nothing for a build that delivers none.
    static func lines(of request: RunRequest, _ project: BuildProject) -> [Line] {
        let delivery = request.delivery
        func origin(_ field: String, _ option: String) -> String {
            guard request.project?.deliversLogs == true else { return option }
            return Self.origin("logsConfig.\(field)", project) ?? "--project-logs, the default"
        }
        var lines: [Line] = []
        if let logs = delivery.cloudWatchLogs {
            let group = logs.groupName ?? "/aws/codebuild/\(project.name)"
            let stream = (logs.streamName.map { $0 + "/" } ?? "") + "<uuid>"
            lines.append(
                Line("CloudWatch Logs", "\(group), \(stream)", origin("cloudWatchLogs", "--cloudwatch-logs")))
        }
        if let logs = delivery.s3Logs {
            let place = "s3://\(logs.bucket)/\(logs.key(uuid: "<uuid>"))"
            lines.append(Line("S3 log", place, origin("s3Logs", "--s3-logs")))
        }
        if let bus = delivery.eventBus { lines.append(Line("event bus", bus, "--events")) }
        return lines
    }
}
