import Buildspec
import Diagnostics
import Glibc
import Sandbox
import SystemPackage

/// One running build: walks CodeBuild's phases over a plan, and tells what happened.
///
/// The one actor that owns a build. Which phase comes next is decided by ``PhaseMachine``; what surrounds the phases is
/// done by ``features``.
package actor Build {
    /// All features, in the order in which they act at the same moment.
    static let features: [any BuildFeature] = [
        UnsupportedKeys(), SecretVariables(), CredentialVariables(), GitCredentialHelper(), RuntimeVersions(),
        DependencyCache(),
        ExportedVariables(), ArtifactUpload(), TestReports(),
    ]

    let plan: BuildPlan
    let services: BuildServices
    let log: BuildLog
    let workspace: Workspace
    let startTime: Timestamp
    var machine = PhaseMachine()
    var recorder: BuildRecorder
    var outcome = Findings()
    var buildspec: Buildspec?
    var runner: CommandRunner?
    let outputWatch = OutputWatch()
    var engine: ContainerEngine?
    var engineCommand: [String] = []
    /// Set when a command's variables are lost: nothing runs without them.
    var lostState: SandboxError?
    var image: ContainerImage?
    var dockerRemark = DockerRemark()
    /// The commits that were fetched, by identifier; the primary source has none.
    var fetchedCommits: [String?: String] = [:]
    var hasTimedOut = false
    var workLock: FileDescriptor?
    /// The buildspec, read while the sandbox comes up.
    var ahead: BuildspecAhead?
    /// What must be there before the first line of the log is.
    var begun: Task<Void, Never>?

    /// What a build finds out besides its record.
    struct Findings {
        var diagnostics: [Diagnostic] = []
        var buildspecText: [UInt8] = []
        var buildspecName = "buildspec.yml"
        var runnerFailure: RunnerFailure?
        /// Whether the first phase that failed did so because of the runner; nil when none has failed.
        var isRunnersFault: Bool?
        var warnings: [String] = []
        var reports: [WrittenReport] = []
        var keptWorkspace: FilePath?
    }

    /// Prepares a build; nothing happens before ``run()``.
    package init(plan: BuildPlan, services: BuildServices, log: BuildLog) {
        self.plan = plan
        self.services = services
        self.log = log
        let root = plan.directories.root
        workspace = Workspace(
            root: BuildRoot(hostPath: root, insidePath: plan.sandbox.kind == .host ? root : "/"),
            source: plan.source, secondarySources: plan.secondarySources, areSideBySide: plan.isOfPipeline)
        startTime = services.clock()
        recorder = BuildRecorder(plan: plan, startTime: startTime)
        outcome.warnings = plan.remarks
    }

    /// The record so far, without secrets.
    package var record: BuildRecord {
        get async { recorder.record.hiding(await log.secrets) }
    }

    /// Runs the build to its end.
    ///
    /// Cancelling the task stops it: its processes end, nothing half-written stays, and the record says
    /// STOPPED.
    ///
    /// A build that fails is no error; how it ended is in the outcome.
    /// - Parameter begun: What is to be done before the build tells anything.
    /// - Returns: How it ended.
    package func run(after begun: Task<Void, Never>? = nil) async -> BuildOutcome {
        self.begun = begun
        await announceState()
        await finishPhase(.succeeded)  // SUBMITTED
        await finishPhase(.succeeded)  // QUEUED
        await withTimeout(plan.timeout) { await self.provision() }
        await begun?.value
        if machine.current != .finalizing, machine.current != .completed { await interrupt() }
        await finishDeliveries()
        await engine?.takeOver(plan.directories.work)
        keepWorkspace()
        let text = await end()
        var outcome = finish().hiding(await log.secrets)
        outcome.recordText = text
        return outcome
    }

    /// Runs `body`, and cancels it when it takes longer.
    private func withTimeout(_ limit: Duration, _ body: @escaping @Sendable () async -> Void) async {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await body()
                return false
            }
            group.addTask {
                do {
                    try await Task.sleep(for: limit)
                    return true
                } catch {
                    return false
                }
            }
            if await group.next() == true { hasTimedOut = true }
            group.cancelAll()
        }
    }

    /// PROVISIONING: the build's directories and its sandbox.
    private func provision() async {
        do throws(RunnerFailure) {
            try BuildFiles.createWork(plan.directories, root: workspace.root, lock: &workLock)
            let breakpoints = try makeBreakpoints()
            try await openDeliveries()
            let configuration = try await sandboxConfiguration()
            ahead = BuildspecAhead(plan.buildspec, in: plan.source)
            do throws(SandboxError) {
                try await withContainerEngine(configuration) { configuration async throws(SandboxError) in
                    try await withSandbox(configuration, leaving: self.leaving) { session in
                        await self.withBreakpoints(breakpoints, session) { await self.walk(in: session) }
                    }
                }
            } catch {
                throw RunnerFailure("start the sandbox", error.description, hint: error.hint)
            }
        } catch {
            guard interruption == nil else { return }
            outcome.runnerFailure = error
            await finishPhase(.failed, [error.context])
        }
    }

    /// What is done beside the end of the sandbox: nobody needs the build's files any more.
    ///
    /// A container's are not this user's to remove yet, and on the host its processes are in no namespace that ends at once.
    private nonisolated var leaving: (@Sendable () -> Void)? {
        guard plan.sandbox.kind == .bubblewrap, !plan.keepsWorkspace else { return nil }
        return { [directories = plan.directories] in BuildFiles.removeContents(of: [directories.root]) }
    }

    var systemAccess: SystemAccess {
        switch plan.sandbox.system {
        case .readOnly: .readOnly
        case .overlay: .overlay(in: plan.directories.overlay, orReadOnly: false)
        case .writableWherePermitted: .overlay(in: plan.directories.overlay, orReadOnly: true)
        }
    }

    /// All phases that need the sandbox.
    private func walk(in session: SandboxSession) async {
        await begun?.value
        await log.agent("Running on CodeBuild On-demand")
        if let image {
            await log.agent("Using image \(plan.sandbox.imageName) (\(image.digest ?? image.id))")
        }
        for line in plan.announcements { await log.agent(line) }
        await log.agent("Waiting for agent ping")
        if let refusal = session.refusal {
            await log.agent("System directories are read-only: \(refusal.reason) (\(refusal.mend))")
        }
        await finishPhase(.succeeded)  // PROVISIONING
        await downloadSource(session)
        while interruption == nil, machine.current != .finalizing, machine.current != .completed {
            switch machine.current {
            case .install, .preBuild, .build, .postBuild: await runCommandPhase()
            default: await uploadArtifacts()
            }
        }
    }

    /// Why the build must not go on, if it must not.
    var interruption: BuildStatus? {
        if hasTimedOut { return .timedOut }
        return Task.isCancelled ? .stopped : nil
    }

    /// The running phase ends because the build does.
    private func interrupt() async {
        if hasTimedOut {
            await finishPhase(.timedOut, [.timedOut])
        } else {
            await finishPhase(.stopped)
        }
    }

    private func uploadArtifacts() async {
        guard let buildspec else { return await finishPhase(.failed) }
        let (contexts, _) = await act(at: .uploadArtifacts, buildspec)
        guard interruption == nil else { return }
        await finishPhase(contexts.isEmpty ? .succeeded : .failed, contexts)
    }
}
