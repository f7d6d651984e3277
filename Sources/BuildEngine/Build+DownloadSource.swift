import BuildProject
import Buildspec
import Diagnostics
import Glibc
import Sandbox
import SystemPackage

extension Build {
    /// DOWNLOAD_SOURCE: the source, the buildspec, variables, runtimes, caches (behaviour reference, sections 3.1, 4.2).
    func downloadSource(_ session: SandboxSession) async {
        await log.agent("Waiting for DOWNLOAD_SOURCE")
        await log.agent("Phase is DOWNLOAD_SOURCE")
        do throws(PhaseFailure) {
            try await copySources()
            await tellDirectories()
            let buildspec = try await readBuildspec(session)
            self.buildspec = buildspec
            try await prepareEnvironment(session, buildspec)
            await tellPhases(of: buildspec)
            await finishPhase(.succeeded)
        } catch {
            guard interruption == nil else { return }
            if let failure = error.runnerFailure { outcome.runnerFailure = failure }
            await finishPhase(.failed, error.contexts)
        }
    }

    private func copySources() async throws(PhaseFailure) {
        var sources: [(identifier: String?, source: SourcePlan, place: FilePath)] = [
            (nil, plan.source, workspace.source)
        ]
        for (secondary, place) in zip(plan.secondarySources, workspace.secondarySources) {
            sources.append((secondary.identifier, secondary.source, place.path))
        }
        for (identifier, source, place) in sources {
            do throws(SourceFailure) {
                let directory = workspace.root.host(place)
                let skipped = try SourceCopy.place(source, at: directory)
                outcome.warnings += skipped
                guard let remote = source.remote else { continue }
                fetchedCommits[identifier] = try await fetch(remote, into: directory)
            } catch {
                let failure = error.failure
                let name = identifier.map { "secondary source \($0)" } ?? "primary source"
                let text =
                    source.remote == nil
                    ? failure.description
                    : "\(failure.reason) for \(name)"
                        + (source.version.map { " and source version \($0)" } ?? "")
                throw PhaseFailure(
                    contexts: [.clientError(text)], runnerFailure: error.isRunners ? failure : nil)
            }
        }
        recorder.record.resolvedSourceVersion = plan.source.commit ?? fetchedCommits[nil]
    }

    /// Fetches a source into its directory.
    /// - Returns: Its commit, if it has one.
    private func fetch(
        _ remote: RemoteSource, into directory: FilePath
    ) async throws(SourceFailure) -> String? {
        guard let fetcher = services.sources else {
            let failure = RunnerFailure("fetch \(remote.url)", "nothing fetches sources here")
            throw SourceFailure(failure: failure, isRunners: true)
        }
        let fetched = try await fetcher.fetch(
            remote, into: directory, scratch: plan.directories.staging)
        if let archive = fetched.archive {
            defer { unlink(archive.string) }
            var source = SourcePlan(kind: .archive, path: archive)
            source.repositoryURL = remote.url
            outcome.warnings += try SourceCopy.place(source, at: directory)
        }
        return fetched.commit
    }

    private func tellDirectories() async {
        await log.agent("CODEBUILD_SRC_DIR=\(workspace.sourceDirectory)")
        for place in workspace.secondarySources {
            await log.agent("CODEBUILD_SRC_DIR_\(place.identifier)=\(workspace.root.inside(place.path))")
        }
    }

    private func readBuildspec(_ session: SandboxSession) async throws(PhaseFailure) -> Buildspec {
        let location = try await inlined(plan.buildspec)
        let reader = BuildspecReader(location: location, workspace: workspace, files: session.files)
        let found = try reader.read()
        outcome.buildspecName = found.name
        outcome.buildspecText = found.text
        await log.agent("YAML location is \(found.inside)")
        let known = await ahead?.decoded(found.text)
        let decoded = known ?? Buildspec.decode(found.text)
        outcome.diagnostics = decoded.diagnostics
        guard let buildspec = decoded.buildspec else {
            throw PhaseFailure(.yamlFileError(decoded.failureMessage ?? "the buildspec cannot be read"))
        }
        if buildspec.phases.isEmpty {
            throw PhaseFailure(.yamlFileError("the buildspec has no phases"))
        }
        for phase in buildspec.phases where phase.commands.isEmpty {
            await log.agent("No commands found for phase name: \(phase.name.value.rawValue)")
        }
        return buildspec
    }

    /// A buildspec in S3 is fetched and then as good as inline.
    private func inlined(_ location: BuildspecLocation) async throws(PhaseFailure) -> BuildspecLocation {
        guard case .object(let bucket, let key) = location else { return location }
        let remote = RemoteSource.object(bucket: bucket, key: key, versionID: nil)
        do throws(SourceFailure) {
            guard let fetcher = services.sources else {
                let failure = RunnerFailure("fetch \(remote.url)", "nothing fetches sources here")
                throw SourceFailure(failure: failure, isRunners: true)
            }
            let staging = plan.directories.staging
            guard let file = try await fetcher.fetch(remote, into: staging, scratch: staging).archive else {
                throw SourceFailure(
                    failure: RunnerFailure("read \(remote.url)", "it is a folder"), isRunners: false)
            }
            defer { unlink(file.string) }
            do {
                let text = try BuildspecReader.read(file)
                return .inline(text: text, name: remote.url)
            } catch {
                throw SourceFailure(
                    failure: RunnerFailure("read \(remote.url)", error.description), isRunners: true)
            }
        } catch {
            throw PhaseFailure(
                contexts: [.yamlFileError(error.failure.description)],
                runnerFailure: error.isRunners ? error.failure : nil)
        }
    }

    private func prepareEnvironment(
        _ session: SandboxSession, _ buildspec: Buildspec
    ) async throws(PhaseFailure) {
        let shell = try CommandShell.named(buildspec.env.shell?.value)
        let (contexts, contributions) = await act(at: .environment, buildspec)
        guard contexts.isEmpty else {
            throw PhaseFailure(contexts: contexts, runnerFailure: outcome.runnerFailure)
        }
        var environment = BuildEnvironment()
        providedVariables().apply(to: &environment)
        for entry in buildspec.env.variables {
            environment.set(entry.name.value, entry.value.value, from: .buildspec)
        }
        for variable in contributions.flatMap(\.variables) {
            environment.set(variable.name, variable.value, from: variable.origin)
        }
        for variable in plan.project.environmentVariables where variable.kind == .plaintext {
            environment.set(variable.name, variable.value, from: .project)
        }
        for variable in plan.overrides { environment.set(variable.name, variable.value, from: .start) }
        for name in environment.refused {
            outcome.warnings.append(
                "the variable \(name) is not set: the name is reserved or no shell can hold it")
        }
        try startRunner(session, buildspec, shell, environment)
        let (failures, _) = await act(at: .runtimes, buildspec)
        guard failures.isEmpty else {
            throw PhaseFailure(contexts: failures, runnerFailure: outcome.runnerFailure)
        }
        await log.agent("Moving to directory \(workspace.sourceDirectory)")
        _ = await act(at: .restore, buildspec)
        if plan.isDebugged {
            // Behaviour reference, section 4.2.
            await log.agent("Configuring ssm agent with target id: codebuild:\(plan.identity.uuid)")
            await log.agent("Successfully updated ssm agent configuration")
        }
        await log.agent("Registering with agent")
    }

    private func startRunner(
        _ session: SandboxSession, _ buildspec: Buildspec, _ shell: String, _ environment: BuildEnvironment
    ) throws(PhaseFailure) {
        let (log, watch) = (log, outputWatch)
        let isFresh = buildspec.version.value == .v0_1
        let runner = CommandRunner(
            session: session,
            state: StateFiles(root: workspace.root, sourceDirectory: workspace.sourceDirectory),
            shell: shell, keeping: isFresh ? .fresh(in: workspace.sourceDirectory) : .carried
        ) { [weak self] bytes in
            watch.feed(bytes)
            await log.output(bytes)
            await self?.noticeDocker(bytes)
        }
        do {
            try runner.start(environment: environment.variables)
        } catch {
            throw PhaseFailure(
                RunnerFailure("write the build's variables", error.description, hint: error.hint))
        }
        self.runner = runner
    }

    private func providedVariables() -> ProvidedVariables {
        let identity = plan.identity
        return ProvidedVariables(
            identity: identity, image: plan.sandbox.imageName, imageEnvironment: image?.environment ?? [],
            keyID: plan.encryption.keyID(
                region: identity.region, account: identity.account, partition: identity.partition),
            logPath: plan.logStreamName, startTime: startTime, home: workspace.root.inside("root"),
            toolDirectory: workspace.root.inside("codebuild/user/bin"),
            sourceDirectory: workspace.sourceDirectory,
            secondarySourceDirectories: workspace.secondarySources.map {
                ($0.identifier, workspace.root.inside($0.path))
            },
            sourceVersion: plan.source.version ?? plan.source.commit,
            resolvedSourceVersion: plan.source.commit ?? fetchedCommits[nil],
            repositoryURL: plan.source.repositoryURL,
            secondarySources: plan.secondarySources)
    }

    /// Behaviour reference, section 4.2: document order, commands only.
    private func tellPhases(of buildspec: Buildspec) async {
        await log.agent("Phases found in YAML: \(buildspec.phases.count)")
        for phase in buildspec.phases {
            let name = phase.name.value.rawValue.uppercased()
            await log.agent(" \(name): \(phase.commands.count) commands")
        }
    }
}

/// Why DOWNLOAD_SOURCE failed.
struct PhaseFailure: Error, Sendable {
    var contexts: [PhaseContext]
    /// Set when it is the runner's failure.
    var runnerFailure: RunnerFailure?

    init(contexts: [PhaseContext], runnerFailure: RunnerFailure?) {
        self.contexts = contexts
        self.runnerFailure = runnerFailure
    }

    init(_ context: PhaseContext) {
        contexts = [context]
    }

    init(_ failure: RunnerFailure) {
        contexts = [.clientError(failure.description)]
        runnerFailure = failure
    }
}
