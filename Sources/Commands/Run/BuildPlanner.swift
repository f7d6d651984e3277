import AWSAdapters
import AWSClient
import BuildEngine
import BuildProject
import Glibc
import Sandbox
import SystemPackage

/// Decides everything about a build: request and project become a plan.
struct BuildPlanner: Sendable {
    let request: RunRequest
    let environment: RunnerEnvironment
    let source: SourcePlan
    /// The `.buildspec` directory.
    let base: FilePath
    let project: BuildProject
    let buildspec: BuildspecLocation
    let secondarySources: [(identifier: String, source: SourcePlan)]
    /// What is to be said about the project.
    let remarks: ProjectRemarks
    /// The uuid of the build that is planned.
    let uuid = BuildUUID.make()

    /// Looks at what the request names.
    /// - Throws: ``CommandFailure`` with status `usage` when something named is not there.
    init(_ request: RunRequest, environment: RunnerEnvironment) throws(CommandFailure) {
        self.request = request
        self.environment = environment
        let sources = try PlannedSources(request, environment)
        source = sources.primary
        secondarySources = sources.secondary
        base = sources.base.appending(BuildDirectories.name)
        project = request.project?.project ?? BuildProject(defaultsNamed: sources.name)
        buildspec = try PlannedLocation(request, source, environment).find()
        remarks = ProjectRemarks(
            request, source: source, secondarySources: secondarySources.map(\.identifier))
    }

    /// Whether the build cannot be run without AWS: sources or artifacts are there, or it is lent credentials.
    var needsAWS: Bool {
        if case .object = buildspec { return true }
        let sources = [source] + secondarySources.map(\.source)
        return request.needsAWS
            || sources.contains { source in
                if case .object = source.remote { true } else { false }
            }
    }

    /// The flags for AWS; a role that is assumed has a session of CodeBuild's name (behaviour reference, section 5.3).
    var overrides: AWSConfiguration.Overrides {
        var overrides = request.aws.overrides
        if overrides.roleARN != nil { overrides.sessionName = "AWSCodeBuild-\(uuid)" }
        return overrides
    }

    /// The plan of a new build.
    /// - Throws: ``CommandFailure`` when the sandbox is not available or the `.buildspec` directory cannot be used.
    func plan(region: String, keyName: String?) async throws(CommandFailure) -> BuildPlan {
        let directories = BuildDirectories(base: base, uuid: uuid)
        async let version = versioned(source)
        let (claim, number) = try await prepare(directories)
        let identity = BuildIdentity(
            projectName: project.name, uuid: uuid, number: number, region: region,
            account: project.account ?? "000000000000",
            initiator: environment.userName)
        var plan = BuildPlan(
            identity: identity, project: project, source: await version, buildspec: buildspec,
            sandbox: sandbox, encryption: encryption(keyName), directories: directories)
        plan.secondarySources = secondarySources
        plan.remarks = remarks.warnings
        plan.announcements = remarks.announcements
        plan.usesProjectBuckets = request.project?.storesInBuckets ?? false
        plan.claim = claim
        plan.overrides = request.variables
        if let timeout = request.timeout { plan.timeout = timeout }
        plan.cacheDirectory = project.cache?.keepsPaths == false ? nil : directories.caches
        plan.sharedCache = request.sharedCache
        plan.keepsWorkspace = request.keepsWorkspace
        plan.isDebugged = request.isDebugged
        if let logs = request.delivery.cloudWatchLogs { plan.logs.cloudWatchLogs = logs }
        if let logs = request.delivery.s3Logs { plan.logs.s3Logs = logs }
        return plan
    }

    /// Makes the build's directory, removes what dead builds left, and counts.
    private func prepare(
        _ directories: BuildDirectories
    ) async throws(CommandFailure) -> (claim: BuildClaim, number: Int) {
        // A directory apart from all others takes the file system its time: meanwhile the rest is looked at.
        let claiming = Task.detached { Self.claim(directories) }
        await BuildFiles.sweep(directories.base)
        do throws(RunnerFailure) {
            let claim = try await claiming.value.get()
            do throws(RunnerFailure) {
                try BuildFiles.ignoreItself(directories.base)
                return (claim, try BuildNumbers.next(for: project.name, in: directories.state))
            } catch {
                claim.release()
                throw error
            }
        } catch {
            throw CommandFailure(.runner, error.description, hint: error.hint)
        }
    }

    private static func claim(_ directories: BuildDirectories) -> Result<BuildClaim, RunnerFailure> {
        do throws(RunnerFailure) {
            return .success(try BuildClaim.take(directories))
        } catch {
            return .failure(error)
        }
    }

    private var sandbox: SandboxPlan {
        var tools: [String: FilePath] = [:]
        if let executable = environment.executable { tools["buildspec"] = executable }
        var plan = SandboxPlan(
            kind: request.sandboxKind, network: request.network, tools: tools, system: request.system)
        plan.keepsSystemInMemory = environment.variables["BUILDSPEC_OVERLAY"] == "memory"
        plan.systemCache = environment.cacheDirectory?.appending("system")
        plan.container = request.container
        plan.projectImage = project.environment?.image
        return plan
    }

    private func encryption(_ keyName: String?) -> EncryptionPlan {
        var plan = EncryptionPlan(mode: request.encryption, keyName: keyName)
        plan.projectKey = project.encryptionKey
        plan.isDemanded = request.isEncryptionDemanded
        return plan
    }

    private func versioned(_ source: SourcePlan) async -> SourcePlan {
        guard source.kind == .directory, let version = await GitWorkTree.version(of: source.path) else {
            return source
        }
        var source = source
        source.commit = version.commit
        source.repositoryURL = version.remoteURL ?? source.repositoryURL
        return source
    }
}

/// Build uuids.
enum BuildUUID {
    /// A random (version 4) uuid in lower case.
    static func make() -> String {
        var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return [digits[0..<4], digits[4..<6], digits[6..<8], digits[8..<10], digits[10..<16]]
            .map { $0.joined() }.joined(separator: "-")
    }
}
