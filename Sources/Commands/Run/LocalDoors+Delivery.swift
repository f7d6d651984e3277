import AWSAdapters
import AWSClient
import BuildEngine
import SystemPackage

extension LocalDoors {
    /// The log services that the plan names.
    /// - Throws: ``CommandFailure`` when one cannot be one.
    func deliveries(for plan: BuildPlan) throws(CommandFailure) -> [any LogDelivery] {
        guard plan.logs != LogsPlan() else { return [] }
        guard let session else {
            throw CommandFailure(.runner, "deliver the log: there is no AWS session")
        }
        do throws(AWSError) {
            return try plan.deliveries(through: session, as: actorName, key: request.logsKey)
        } catch {
            throw CommandFailure(error)
        }
    }

    /// Where the project's shared cache is.
    /// - Throws: ``CommandFailure`` when there is no way to it.
    func cache() throws(CommandFailure) -> (any CacheObjects)? {
        guard let plan = request.sharedCache, let session else { return nil }
        do throws(AWSError) {
            // A name that cannot be one is found before the build, not in it.
            _ = try ObjectLocation(bucket: plan.bucket, key: plan.prefix + "/cache")
            var client = try session.s3()
            client.journal = uploadJournal
            return S3CacheObjects(client: client, plan: plan)
        } catch {
            throw CommandFailure(error)
        }
    }

    /// Who is told of the build's changes.
    /// - Throws: ``CommandFailure`` when there is no way to the bus.
    func observer() throws(CommandFailure) -> (any BuildObserver)? {
        guard let bus = request.delivery.eventBus, let session else { return nil }
        do throws(AWSError) {
            return EventBridgeObserver(
                client: EventBridgeClient(context: try session.context(.eventBridge)), bus: bus)
        } catch {
            throw CommandFailure(error)
        }
    }

    /// The role, as CodeBuild's message names it, else who the credentials belong to.
    private var actorName: String { request.aws.roleARN ?? identity?.arn ?? "(unknown)" }
}

extension BuildPlan {
    /// The log services that the plan names, reached through a session.
    /// - Parameters:
    ///   - session: The way there.
    ///   - role: Who delivers, as CodeBuild's message names it.
    ///   - key: The key of a log in S3.
    /// - Returns: The services, each still to be opened.
    /// - Throws: `AWSError` when one cannot be one.
    func deliveries(
        through session: AWSSession, as role: String, key: RunRequest.Key?
    ) throws(AWSError) -> [any LogDelivery] {
        var deliveries: [any LogDelivery] = []
        if let group = logGroupName {
            deliveries.append(
                CloudWatchLogDelivery(
                    client: CloudWatchLogsClient(context: try session.context(.cloudWatchLogs)),
                    place: .init(
                        group: group, stream: logStreamName, role: role, build: identity.buildARN),
                    directory: directories.work, clock: { .now }))
        }
        if let logs = logs.s3Logs {
            deliveries.append(
                S3LogDelivery(
                    client: try session.s3(),
                    place: try ObjectLocation(bucket: logs.bucket, key: logs.key(uuid: identity.uuid)),
                    attributes: ObjectAttributes(ofLogs: logs, key: key),
                    file: directories.work.appending("log.gz")))
        }
        return deliveries
    }
}

extension ObjectAttributes {
    /// What a log object carries: encrypted with the key of the artifacts, or S3's own.
    init(ofLogs logs: LogsPlan.S3Logs, key: RunRequest.Key?) {
        self.init()
        contentType = "application/gzip"
        if !logs.isEncryptionDisabled {
            encryption = .kms(keyID: key?.usableByS3)
        }
        acl = logs.bucketOwnerAccess?.acl
    }
}
