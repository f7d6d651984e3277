import BuildEngine
import BuildProject

/// Where the log of a job goes besides the build host: to where the project's `logsConfig` says, if it has one.
struct JobLogs: Sendable {
    var project: BuildProject

    /// Reads `logsConfig`.
    /// - Throws: ``JobFault`` when it cannot be used.
    func plan() throws(JobFault) -> LogsPlan {
        var plan = LogsPlan()
        guard let logs = project.logsConfig else { return plan }
        if logs.sendsToCloudWatch {
            let place = LogsPlan.CloudWatchLogs(
                groupName: logs.groupName.flatMap { $0.isEmpty ? nil : $0 },
                streamName: logs.streamName.flatMap { $0.isEmpty ? nil : $0 })
            do throws(CommandFailure) {
                try DeliveryRequest.check(place, "the project's logsConfig.cloudWatchLogs")
            } catch {
                throw .configuration(error.message ?? "logsConfig.cloudWatchLogs", hint: error.hint)
            }
            plan.cloudWatchLogs = place
        }
        if logs.sendsToS3 {
            guard var place = logs.s3Location.flatMap(LogsPlan.S3Logs.init(location:)) else {
                throw .configuration("the project's logsConfig.s3Logs names no bucket")
            }
            place.isEncryptionDisabled = logs.isS3EncryptionDisabled
            place.bucketOwnerAccess = logs.s3BucketOwnerAccess
            plan.s3Logs = place
        }
        return plan
    }
}
