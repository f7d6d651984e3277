import Synchronization

extension PreparedContainer {
    /// Finds an engine, an image and options with which a container of that image runs a shell.
    ///
    /// What worked is remembered as long as this process lives.
    /// - Parameters:
    ///   - settings: What is wanted.
    ///   - willPull: Told the image's name before a registry is asked.
    /// - Returns: A container that is known to start.
    /// - Throws: ``SandboxError`` with code `toolMissing`, `imageMissing` or `startFailed`.
    package static func prepare(
        _ settings: ContainerSettings, willPull: @Sendable (String) async -> Void = { _ in }
    ) async throws(SandboxError) -> PreparedContainer {
        let engine = try await ContainerEngine.find(settings.engine)
        let image = try await engine.image(settings, willPull: willPull)
        var prepared = PreparedContainer(
            settings: settings, engine: engine, image: image, engineOptions: EngineOptions(),
            dockerSocket: settings.dockerSocket)
        let question = Question(settings, engine, image)
        if let known = known.withLock({ $0[question] }) {
            prepared.engineOptions = known
            return prepared
        }
        prepared.engineOptions = try await prepared.probe()
        known.withLock { $0[question] = prepared.engineOptions }
        return prepared
    }

    /// What the answer depends on.
    private struct Question: Hashable {
        var engine: ContainerEngine
        var image: String
        var options: [String]
        var isPrivileged: Bool
        var size: ComputeSize?

        init(_ settings: ContainerSettings, _ engine: ContainerEngine, _ image: ContainerImage) {
            self.engine = engine
            self.image = image.id
            options = settings.options
            isPrivileged = settings.isPrivileged
            size = settings.size
        }
    }

    private static let known = Mutex<[Question: EngineOptions]>([:])

    /// Starts containers of the image until one says that it ran.
    private func probe() async throws(SandboxError) -> EngineOptions {
        var first: String?
        for options in EngineOptions.candidates(engine.name) {
            var attempt = self
            attempt.engineOptions = options
            let arguments = ContainerArguments.probe(attempt)
            let answer = await engine.askCancellably(arguments, limit: .seconds(120))
            if answer.isSuccess { return options }
            // The engine's own failures are 125 and 126; 127 comes from the runtime: there is no such program.
            if answer.status == 127 || answer.errors.contains("executable file") {
                throw SandboxError(
                    code: .startFailed, detail: "the image \(settings.image) has no `sh`", path: nil,
                    hint: "CodeBuild needs a shell in the image, too")
            }
            first = first ?? answer.reason
            if answer.errors.contains("unknown flag") || answer.errors.contains("unknown shorthand") { break }
        }
        throw SandboxError(
            code: .startFailed, detail: "\(engine.name.rawValue): \(first ?? "nothing worked")", path: nil,
            hint:
                "see what `buildspec doctor` says; --engine-option hands options to \(engine.name.rawValue) run"
        )
    }
}
