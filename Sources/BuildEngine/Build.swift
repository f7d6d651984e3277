import Buildspec
package import Diagnostics
import Glibc
import Sandbox
package import SystemPackage

/// One running build: walks CodeBuild's phases over a plan, and tells what happened.
///
/// The one actor that owns a build. Which phase comes next is decided by ``PhaseMachine``; what surrounds the phases is
/// done by ``features``.
package actor Build {
    /// All features, in the order in which they act at the same moment.
    static let features: [any BuildFeature] = [
        UnsupportedKeys(), SecretVariables(), CredentialVariables(), GitCredentialHelper(), RuntimeVersions(), DependencyCache(),
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
    private var hasTimedOut = false
    private var workLock: FileDescriptor?

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
            source: plan.source, secondarySources: plan.secondarySources)
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
    package func run() async -> BuildOutcome {
        await announceState()
        await finishPhase(.succeeded)  // SUBMITTED
        await finishPhase(.succeeded)  // QUEUED
        await withTimeout(plan.timeout) { await self.provision() }
        if machine.current != .finalizing, machine.current != .completed { await interrupt() }
        await finishDeliveries()
        await engine?.takeOver(plan.directories.work)
        removeWork()
        await finishPhase(.succeeded)  // FINALIZING
        recorder.complete(machine.buildStatus, at: services.clock())
        await announceEnd()
        return finish().hiding(await log.secrets)
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
            do throws(SandboxError) {
                try await withContainerEngine(configuration) { configuration async throws(SandboxError) in
                    try await withSandbox(configuration) { session in
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

    var systemAccess: SystemAccess {
        switch plan.sandbox.system {
        case .readOnly: .readOnly
        case .overlay: .overlay(in: plan.directories.overlay, orReadOnly: false)
        case .writableWherePermitted: .overlay(in: plan.directories.overlay, orReadOnly: true)
        }
    }

    /// All phases that need the sandbox.
    private func walk(in session: SandboxSession) async {
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

    /// Notes a phase's end in machine, record and log.
    func finishPhase(
        _ status: BuildStatus, _ contexts: [PhaseContext] = [], onFailure: OnFailure? = nil
    ) async {
        let phase = machine.current
        // The record and what is said on standard error hide what the log hides.
        var contexts = contexts
        for index in contexts.indices {
            contexts[index].message = await log.hidingSecrets(contexts[index].message)
        }
        if status == .failed {
            outcome.isRunnersFault = outcome.isRunnersFault ?? (outcome.runnerFailure != nil)
        }
        recorder.finish(phase, status, contexts, at: services.clock())
        machine.finish(status, onFailure: onFailure)
        recorder.enter(machine.current)
        await announcePhase()
        guard phase.isLogged else { return }
        await log.agent("Phase complete: \(phase.rawValue) State: \(status.rawValue)")
        for context in contexts.isEmpty ? [PhaseContext()] : contexts {
            await log.agent("Phase context status code: \(context.statusCode) Message: \(context.message)")
        }
    }

    /// Lets every feature act that acts now.
    /// - Returns: The contexts of those that failed; the first failure ends the moment.
    func act(
        at moment: BuildMoment, _ buildspec: Buildspec, hasSucceeded: Bool = true
    ) async -> (contexts: [PhaseContext], all: [Contribution]) {
        let scene = BuildScene(
            plan: plan, buildspec: buildspec, services: services, log: log, workspace: workspace,
            runner: runner, hasSucceeded: hasSucceeded)
        var contributions: [Contribution] = []
        for feature in Self.features where feature.moments.contains(moment) {
            let contribution = await feature.act(at: moment, in: scene)
            contribution.record.apply(to: &recorder.record)
            outcome.warnings += contribution.warnings
            outcome.diagnostics += contribution.diagnostics
            outcome.reports += contribution.reports
            if !contribution.reports.isEmpty {
                recorder.record.reportArns = outcome.reports.map(\.arn)
            }
            if let failure = contribution.runnerFailure { outcome.runnerFailure = failure }
            contributions.append(contribution)
            if !contribution.contexts.isEmpty { return (contribution.contexts, contributions) }
        }
        return ([], contributions)
    }

    private func uploadArtifacts() async {
        guard let buildspec else { return await finishPhase(.failed) }
        let (contexts, _) = await act(at: .uploadArtifacts, buildspec)
        guard interruption == nil else { return }
        await finishPhase(contexts.isEmpty ? .succeeded : .failed, contexts)
    }

    private func removeWork() {
        if plan.keepsWorkspace {
            do throws(RunnerFailure) {
                outcome.keptWorkspace = try BuildFiles.keepWorkspace(plan.directories).pushing(
                    workspace.source)
            } catch {
                outcome.warnings.append(error.description)
            }
        }
        if let failure = BuildFiles.removeWork(plan.directories) {
            outcome.warnings.append(failure.description)
        }
        try? workLock?.close()
        workLock = nil
    }

    private func finish() -> BuildOutcome {
        if dockerRemark.isNeeded, plan.sandbox.container?.isPrivileged != true {
            outcome.warnings.append(DockerRemark.text)
        }
        return BuildOutcome(
            record: recorder.record, hasTimedOut: hasTimedOut, runnerFailure: outcome.runnerFailure,
            diagnostics: outcome.diagnostics, buildspecName: outcome.buildspecName,
            buildspecText: outcome.buildspecText, warnings: outcome.warnings,
            reports: outcome.reports, keptWorkspace: outcome.keptWorkspace,
            isRunnersFault: outcome.isRunnersFault ?? false)
    }
}

extension PhaseType {
    /// Phases that the log tells the end of (behaviour reference, section 4.2).
    fileprivate var isLogged: Bool {
        switch self {
        case .downloadSource, .install, .preBuild, .build, .postBuild, .uploadArtifacts: true
        default: false
        }
    }
}

/// How a build ended, for whoever tells it to people and to the shell.
package struct BuildOutcome: Sendable {
    /// The record.
    package var record: BuildRecord
    /// Whether the build was ended by its time limit.
    package var hasTimedOut: Bool
    /// Set when the runner could not do its part.
    package var runnerFailure: RunnerFailure?
    /// What is wrong with the buildspec, if anything.
    package var diagnostics: [Diagnostic]
    /// What diagnostics call the buildspec.
    package var buildspecName: String
    /// The buildspec's text, for showing excerpts.
    package var buildspecText: [UInt8]
    /// Remarks for the person who ran the build.
    package var warnings: [String]
    /// The reports that the build has left.
    package var reports: [WrittenReport]
    /// Where the source directory of a kept workspace is.
    package var keptWorkspace: FilePath?
    /// Whether the first phase that failed did so because of ``runnerFailure``.
    package var isRunnersFault = false
}
