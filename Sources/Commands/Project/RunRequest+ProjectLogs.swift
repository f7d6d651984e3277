import BuildEngine
import BuildProject

extension RunRequest {
    /// Takes over where log and events go: what the options say, and with `--project-logs` what the project says.
    /// - Throws: ``CommandFailure`` with status `usage` when options are malformed or contradict each other, or when the
    ///   project does not tell where its log goes.
    mutating func deliver(_ options: DeliveryOptions) throws(CommandFailure) {
        delivery = try DeliveryRequest(options)
        guard let request = project, request.deliversLogs else { return }
        for (option, isGiven) in [
            ("--cloudwatch-logs", delivery.cloudWatchLogs != nil), ("--s3-logs", delivery.s3Logs != nil),
        ] where isGiven {
            throw .usage("--project-logs: contradicts \(option)", hint: "leave one of them out")
        }
        let project = request.project
        try need("logsConfig", "logsConfig.cloudWatchLogs", "logsConfig.s3Logs", of: project, exactly: true)
        try need("logsConfig.cloudWatchLogs.status", "logsConfig.s3Logs.status", of: project)
        // CloudWatch Logs is the service's default, S3 is not (behaviour reference, section 10.5).
        let logs = project.logsConfig ?? ProjectLogsConfig()
        if logs.sendsToCloudWatch { delivery.cloudWatchLogs = try cloudWatchLogs(logs, of: project) }
        guard logs.sendsToS3 else { return }
        delivery.s3Logs = try s3Logs(logs, of: project)
        guard key == nil, !logs.isS3EncryptionDisabled else { return }
        try need("encryptionKey", of: project)
        delivery.projectKey = project.encryptionKey.flatMap { Self.isDefaultKey($0) ? nil : .kms($0) }
    }

    /// The key of a log in S3.
    var logsKey: Key? { key ?? delivery.projectKey }

    private func cloudWatchLogs(
        _ logs: ProjectLogsConfig, of project: BuildProject
    ) throws(CommandFailure) -> LogsPlan.CloudWatchLogs {
        try need("logsConfig.cloudWatchLogs", of: project)
        let place = LogsPlan.CloudWatchLogs(
            groupName: logs.groupName.flatMap { $0.isEmpty ? nil : $0 },
            streamName: logs.streamName.flatMap { $0.isEmpty ? nil : $0 })
        try DeliveryRequest.check(place, "--project-logs")
        return place
    }

    private func s3Logs(
        _ logs: ProjectLogsConfig, of project: BuildProject
    ) throws(CommandFailure) -> LogsPlan.S3Logs {
        try need("logsConfig.s3Logs", of: project)
        guard var place = logs.s3Location.flatMap(LogsPlan.S3Logs.init(location:)) else {
            throw .usage(
                "--project-logs: the project's logsConfig.s3Logs names no bucket",
                hint: "give --s3-logs s3://BUCKET instead")
        }
        place.isEncryptionDisabled = logs.isS3EncryptionDisabled
        place.bucketOwnerAccess = logs.s3BucketOwnerAccess
        return place
    }
}
