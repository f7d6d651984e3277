import AWSAdapters
import AWSClient
import BuildEngine
import BuildProject
import PipelineWorker
import Sandbox
import SystemPackage

/// Builds jobs on this machine, each in a sandbox and a directory of its own.
struct PipelineBuilder: JobBuilder {
    /// What jobs get whose project does not say.
    let defaults: JobDefaults
    /// Project definitions; nil when jobs bring all that is known of them.
    let library: ProjectLibrary?
    /// The worker's state directory.
    let state: FilePath
    let environment: RunnerEnvironment
    /// The worker's own identity: never a build's, and never that of artifacts.
    let session: AWSSession
    /// Tells operators.
    let journal: WorkerLog
    /// Removes what is older than it needs to be.
    let retention: BuildRetention
    /// This machine's name, for the place of a log that is on it.
    let host: String

    /// More warnings of one build are not told.
    private static let mostWarnings = 20

    func build(_ job: PipelineJob, artifacts: AWSSession) async -> JobResult {
        defer { retention.sweepSometimes() }
        do throws(JobFault) {
            let configuration = try JobConfiguration(job.data.configuration)
            let planner = try JobPlanner(
                job, configuration, library, defaults, environment: environment, state: state)
            return try await run(planner, artifacts)
        } catch {
            return error.result
        }
    }

    private func run(_ planner: JobPlanner, _ artifacts: AWSSession) async throws(JobFault) -> JobResult {
        let lateSecrets = lateSecrets(planner)
        let role = planner.project.serviceRole.map { arn in
            (arn: arn, session: assuming(arn, planner.uuid, lateSecrets))
        }
        let outputs = planner.job.data.outputArtifacts
        let look = JobGate(
            role: role, artifacts: artifacts, outputs: outputs, keyID: planner.job.data.encryptionKeyID)
        let gate = Task { await look.look() }
        defer { gate.cancel() }
        if planner.inputs.isEmpty, let fault = await gate.value { throw fault }
        let logs = try JobLogs(project: planner.project).plan()
        var plan = try planner.plan(region: region)
        let claim = plan.claim
        defer { claim?.release() }
        plan.logs = logs
        if let warning = planner.warning { journal.warn(planner.job.id, warning) }
        journal.began(planner.job.id, build: plan.identity.buildID)
        let run = PlannedRun(
            plan: plan, services: try services(plan, planner, artifacts, role, gate),
            lateSecrets: lateSecrets,
            // Without a network nothing could ask for them.
            lentCredentials: plan.sandbox.network == .host ? role?.session.credentials : nil)
        let outcome: BuildOutcome
        do {
            outcome = try await run.run()
        } catch let failure as CommandFailure {
            throw .unavailable(failure.message ?? "the build could not begin", hint: failure.hint)
        } catch {
            throw .unavailable("the build could not begin: \(error)")
        }
        for warning in outcome.warnings.prefix(Self.mostWarnings) { journal.warn(planner.job.id, warning) }
        return answer(outcome, isStopped: Task.isCancelled)
    }

    private func answer(_ outcome: BuildOutcome, isStopped: Bool) -> JobResult {
        let record = outcome.record
        if isStopped, record.buildStatus == .stopped {
            return .failure(
                .init(
                    kind: .systemUnavailable,
                    message:
                        "the build host was told to stop during the build, and its commands may have run in "
                        + "part; retry the action", externalExecutionID: record.id))
        }
        let link = record.logs.deepLink.hasPrefix("https:") ? record.logs.deepLink : record.logs.s3DeepLink
        return JobResult(
            record: record, runnerFailure: outcome.runnerFailure,
            log: link ?? "\(host):\(record.logs.deepLink)")
    }

    private var region: String { session.configuration.region ?? "us-east-1" }

    /// The worker's own secrets and the job's, which no log may show.
    private func lateSecrets(_ planner: JobPlanner) -> LateSecrets {
        let secrets = LateSecrets()
        secrets.add(
            ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"].compactMap { environment.variables[$0] })
        secrets.add(planner.job.data.artifactCredentials?.secretValues ?? [])
        secrets.add(planner.project.hiddenValues)
        return secrets
    }

    /// The project's role, in a session of CodeBuild's name (behaviour reference, section 5.3).
    private func assuming(_ arn: String, _ uuid: String, _ secrets: LateSecrets) -> AWSSession {
        let session = session
        let input = AssumeRoleInput(roleARN: arn, sessionName: "AWSCodeBuild-\(uuid)")
        return session.acting(
            through: CredentialProvider(
                clock: .system, observer: { secrets.add($0.secretValues) },
                fetch: { () throws(AWSError) in
                    try await STSClient(context: session.stsContext()).assumeRole(input).credentials
                }))
    }

    private func services(
        _ plan: BuildPlan, _ planner: JobPlanner, _ artifacts: AWSSession,
        _ role: (arn: String, session: AWSSession)?, _ gate: Task<JobFault?, Never>
    ) throws(JobFault) -> BuildServices {
        let job = planner.job
        let project = role?.session ?? session
        do throws(AWSError) {
            var client = try artifacts.s3()
            client.journal = UploadJournal(directory: state.appending("uploads"))
            let store = S3ArtifactStore(
                client: client, bucket: job.data.outputArtifacts.first?.bucket ?? "", prefix: "",
                encryption: .kms(keyID: job.data.encryptionKeyID), partition: plan.identity.partition)
            var services = BuildServices(
                store: JobStore(store: store), sealer: nil,
                hasher: CryptoContentHasher(),
                secrets: AWSSecretResolver(session: project), clock: { .now })
            services.deliveries = try plan.deliveries(
                through: project, as: role?.arn ?? "the build host's role",
                key: planner.project.encryptionKey.flatMap { RunRequest.isDefaultKey($0) ? nil : .kms($0) })
            if let cache = plan.sharedCache {
                var client = try project.s3()
                client.journal = UploadJournal(directory: state.appending("uploads"))
                services.cache = S3CacheObjects(client: client, plan: cache)
            }
            services.sources = JobSources(
                artifacts: SourceDoor(session: artifacts),
                // Who has no role reads nothing that the job itself could not.
                others: SourceDoor(session: role?.session ?? artifacts),
                inputs: Set(([plan.source] + plan.secondarySources.map(\.source)).compactMap(\.remote)),
                gate: gate)
            return services
        } catch {
            throw .unavailable(error.description, hint: error.hint)
        }
    }
}
