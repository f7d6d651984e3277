import AWSClient
import BuildEngine
import BuildProject
import PipelineWorker
import Sandbox
import SystemPackage

/// Decides everything about a job's build: job, project and the worker's defaults become a plan.
struct JobPlanner: Sendable {
    let job: PipelineJob
    let configuration: JobConfiguration
    /// The project as the job wants it.
    let project: BuildProject
    let defaults: JobDefaults
    let environment: RunnerEnvironment
    /// The worker's state directory.
    let state: FilePath
    /// The uuid of the build that is planned.
    let uuid = BuildUUID.make()
    /// The inputs: the primary one first.
    let inputs: [PipelineJob.Artifact]
    /// The container that commands run in, if they do.
    let container: ContainerSettings?

    /// After this time CodePipeline gives a custom action up (behaviour reference, section 11.3).
    private static let longestAction: Duration = .seconds(24 * 60 * 60)

    /// Looks at what the job names.
    /// - Throws: ``JobFault`` when something named is not there, or does not go together.
    init(
        _ job: PipelineJob, _ configuration: JobConfiguration, _ library: ProjectLibrary?,
        _ defaults: JobDefaults, environment: RunnerEnvironment, state: FilePath
    ) throws(JobFault) {
        self.job = job
        self.configuration = configuration
        self.defaults = defaults
        self.environment = environment
        self.state = state
        inputs = try Self.ordered(job.data.inputArtifacts, primary: configuration.primarySource)
        var project = try Self.project(job, configuration, library)
        container = try JobContainer(configuration, project, defaults, environment).settings()
        try ProjectNeeds(project: project, isInContainer: container != nil).check()
        for variable in configuration.variables {
            project.environmentVariables.removeAll { $0.name == variable.name }
            project.environmentVariables.append(variable)
        }
        Self.take(job.data.outputArtifacts, into: &project)
        self.project = project
    }

    /// The primary input first, the others in the action's order (behaviour reference, sections 5.4 and 11.5).
    private static func ordered(
        _ inputs: [PipelineJob.Artifact], primary: String?
    ) throws(JobFault) -> [PipelineJob.Artifact] {
        let names = inputs.map(\.name).joined(separator: ", ")
        guard let primary else {
            guard inputs.count <= 1 else {
                throw .configuration(
                    "PrimarySource: it is missing, and the action has \(inputs.count) input artifacts",
                    hint: "set PrimarySource to one of \(names)")
            }
            return inputs
        }
        guard let first = inputs.first(where: { $0.name == primary }) else {
            throw .configuration(
                "PrimarySource \(primary): the action has no such input artifact",
                hint: names.isEmpty ? "the action has no input artifacts" : "set it to one of \(names)")
        }
        return [first] + inputs.filter { $0.name != primary }
    }

    private static func project(
        _ job: PipelineJob, _ configuration: JobConfiguration, _ library: ProjectLibrary?
    ) throws(JobFault) -> BuildProject {
        guard let library else {
            let context = job.data.pipelineContext
            let names = [configuration.projectName, context?.pipelineName].compactMap { $0 }
            return BuildProject(defaultsNamed: names.first(where: ProjectLibrary.isName) ?? "pipeline")
        }
        guard let name = configuration.projectName else {
            throw .configuration(
                "ProjectName: it is missing", hint: "set it in the action's configuration")
        }
        return try library.project(named: name)
    }

    /// Output artifacts take the place of the project's own (behaviour reference, section 6.7).
    private static func take(_ outputs: [PipelineJob.Artifact], into project: inout BuildProject) {
        func artifacts(_ output: PipelineJob.Artifact, identifier: String?) -> ProjectArtifacts {
            var artifacts = ProjectArtifacts(name: output.name, identifier: identifier)
            artifacts.kind = .codePipeline
            artifacts.location = output.bucket
            artifacts.output = PipelineOutput(name: output.name, objectKey: output.key)
            return artifacts
        }
        if outputs.count == 1 {
            project.artifacts = artifacts(outputs[0], identifier: nil)
            project.secondaryArtifacts = []
        } else {
            project.artifacts = ProjectArtifacts(name: project.name)
            project.artifacts.kind = .noArtifacts
            project.secondaryArtifacts = outputs.map { artifacts($0, identifier: $0.name) }
        }
    }

    /// The plan of a new build.
    /// - Throws: ``JobFault`` when the worker's directories cannot be used.
    func plan(region: String) throws(JobFault) -> BuildPlan {
        let directories = BuildDirectories(base: state, uuid: uuid)
        let (claim, number) = try claim(directories)
        let identity = BuildIdentity(
            projectName: project.name, uuid: uuid, number: number, region: region,
            account: project.account ?? job.accountID ?? "000000000000", initiator: initiator)
        var encryption = EncryptionPlan(mode: .serverSide, keyName: job.data.encryptionKeyID)
        encryption.isDemanded = true
        let sources = sources(partition: identity.partition)
        var plan = BuildPlan(
            identity: identity, project: project,
            source: sources.first ?? SourcePlan(kind: .none, path: directories.work),
            buildspec: configuration.buildspec ?? inProject, sandbox: sandbox, encryption: encryption,
            directories: directories)
        plan.secondarySources = zip(inputs, sources).dropFirst().map { ($0.name, $1) }
        plan.isOfPipeline = true
        plan.usesProjectBuckets = true
        plan.claim = claim
        plan.timeout = timeout
        plan.cacheDirectory = project.cache?.keepsPaths == true ? directories.caches : nil
        plan.sharedCache = project.cache?.shared(encryptedWith: project.encryptionKey)
        plan.announcements = announcements
        return plan
    }

    /// Makes the build's directory, and counts.
    private func claim(
        _ directories: BuildDirectories
    ) throws(JobFault) -> (claim: BuildClaim, number: Int) {
        do throws(RunnerFailure) {
            let claim = try BuildClaim.take(directories)
            do throws(RunnerFailure) {
                return (claim, try BuildNumbers.next(for: project.name, in: directories.state))
            } catch {
                claim.release()
                throw error
            }
        } catch {
            throw JobFault(error)
        }
    }

    /// `codepipeline/<name>` (behaviour reference, section 11.5).
    private var initiator: String {
        "codepipeline/\(job.data.pipelineContext?.pipelineName ?? "unknown")"
    }

    /// When the build is ended.
    var timeout: Duration {
        let isSaid = project.definition?.lines["timeoutInMinutes"] != nil
        return isSaid ? .seconds(project.timeoutInMinutes * 60) : defaults.timeout ?? .seconds(60 * 60)
    }

    /// What the operator should know before the build begins: there is no call that keeps an action alive.
    var warning: String? {
        guard timeout > Self.longestAction else { return nil }
        let minutes = timeout.components.seconds / 60
        return "the build may take \(minutes) minutes, and CodePipeline gives up a custom action after 1440: "
            + "give the project a timeoutInMinutes of less"
    }

    private var announcements: [String] {
        var lines: [String] = []
        if let image = project.environment?.image, container == nil {
            lines.append("The project's image \(image) is not used: commands run in \(sandbox.kind.rawValue)")
        }
        if let warning { lines.append("Warning: \(warning)") }
        if let cache = project.cache, cache.kind == .s3, cache.shared(encryptedWith: nil) == nil {
            lines.append(
                "Warning: the project's cache.location names no bucket: the cache is kept on the build host")
        }
        lines += configuration.remarks.map { "Warning: \($0)" }
        if let definition = project.definition {
            // The pipeline's owner reads this, and has no way to the build host's own log.
            lines += ProjectRemarks.settings(withoutEffectIn: definition).map { "Warning: \($0)" }
        }
        return lines
    }

    private func sources(partition: String) -> [SourcePlan] {
        inputs.enumerated().map { index, input in
            var source = SourcePlan(
                fetching: .object(bucket: input.bucket, key: input.key, versionID: nil))
            source.version = "arn:\(partition):s3:::\(input.bucket)/\(input.key)"
            source.commit = input.revision
            // Behaviour reference, sections 5.1 and 6.8: sources of pipelines have no URL.
            source.repositoryURL = nil
            if inputs.count > 1 { source.layout = FilePath("s3/" + (index < 10 ? "0" : "") + "\(index)") }
            return source
        }
    }

    private var inProject: BuildspecLocation {
        switch project.source?.buildspec {
        case .inline(let text): .inline(text: Array(text.utf8), name: "the project's buildspec")
        case .path(let path): .file(FilePath(path))
        case .object(let bucket, let key): .object(bucket: bucket, key: key)
        case nil: .defaultFile
        }
    }

    private var sandbox: SandboxPlan {
        var tools: [String: FilePath] = [:]
        if let executable = environment.executable { tools["buildspec"] = executable }
        let kind: SandboxConfiguration.Kind =
            container != nil ? .container : defaults.sandbox == .host ? .host : .bubblewrap
        var plan = SandboxPlan(
            kind: kind, network: defaults.network, tools: tools, system: .writableWherePermitted)
        plan.keepsSystemInMemory = environment.variables["BUILDSPEC_OVERLAY"] == "memory"
        plan.systemCache = environment.cacheDirectory?.appending("system")
        plan.container = container
        plan.projectImage = project.environment?.image
        return plan
    }
}
