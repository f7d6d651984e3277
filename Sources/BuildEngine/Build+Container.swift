import Glibc
import Sandbox
import SystemPackage

extension Build {
    /// What the plan's sandbox is, with an engine and an image for a container.
    /// - Throws: ``RunnerFailure`` when there is no engine, no image, or no container of it starts.
    func sandboxConfiguration() async throws(RunnerFailure) -> SandboxConfiguration {
        var configuration = SandboxConfiguration(
            kind: plan.sandbox.kind, network: plan.sandbox.network, root: workspace.root,
            tools: plan.sandbox.tools, system: systemAccess)
        if plan.sandbox.keepsSystemInMemory { configuration.overlayWays = [.kernelInMemory] }
        configuration.systemCache = plan.sandbox.systemCache
        configuration.imageFiles = plan.sandbox.imageFiles
        guard plan.sandbox.kind == .container, var settings = plan.sandbox.container else {
            return configuration
        }
        settings.owner = plan.directories.containerOwner
        settings.build = plan.identity.uuid
        let log = log
        do throws(SandboxError) {
            let prepared = try await PreparedContainer.prepare(settings) {
                await log.agent("Pulling image \($0)")
            }
            await removeDeadContainers(prepared.engine)
            configuration.container = prepared
        } catch {
            var failure = RunnerFailure("start a container", error.description, hint: error.hint)
            if error.code == .imageMissing {
                failure.statusCode = "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE"
                failure.cause = .configuration
            }
            throw failure
        }
        engine = configuration.container?.engine
        engineCommand = configuration.container?.command ?? []
        image = configuration.container?.image
        recorder.record.environment.imageDigest = image?.digest
        return configuration
    }

    /// Looks at the commands' output for what the runner can mend.
    func noticeDocker(_ bytes: [UInt8]) {
        dockerRemark.feed(bytes)
    }

    /// Runs `body`; in privileged mode beside an engine of the build's own, which the build finds as `docker`.
    ///
    /// docker as the engine has nothing of that kind: then the image must bring and start a daemon, as CodeBuild's do.
    func withContainerEngine(
        _ configuration: SandboxConfiguration,
        _ body: @escaping @Sendable (SandboxConfiguration) async throws(SandboxError) -> Void
    ) async throws(SandboxError) {
        guard let container = configuration.container, container.settings.isPrivileged,
            container.engine.name == .podman, container.dockerSocket == nil
        else { return try await body(configuration) }
        let directory = plan.directories.work.appending("engine")
        let service = DockerService(container, directory: directory, root: workspace.root)
        let result = try await service.run { socket in
            var configuration = configuration
            configuration.container?.dockerSocket = socket
            do throws(SandboxError) {
                return Result<Void, SandboxError>.success(try await body(configuration))
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// Containers of builds whose runner was killed, and whose watchdog too.
    private func removeDeadContainers(_ engine: ContainerEngine) async {
        let base = plan.directories.base
        await engine.removeContainers(ofOwner: plan.directories.containerOwner) { build in
            // A name from outside must stay one: it becomes part of a path.
            guard !build.isEmpty, !build.contains("/"), build != "..", build != plan.identity.uuid else {
                return false
            }
            return WorkLock.isDead(BuildDirectories(base: base, uuid: build))
        }
    }
}

extension BuildDirectories {
    /// The owner of this directory's containers: on this machine, because several may share one engine.
    var containerOwner: String {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return "\(host):\(base)"
    }
}
