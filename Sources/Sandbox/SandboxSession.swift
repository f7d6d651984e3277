/// A running sandbox: one process that runs the commands of one build, one after the other.
///
/// Background processes live on between commands. Handed to the body of ``withSandbox(_:_:)`` and dead after it.
package actor SandboxSession {
    /// Receives output as it comes; an empty array never.
    package typealias Output = @Sendable ([UInt8]) async -> Void

    /// The build's directories.
    package nonisolated let root: BuildRoot
    /// The same, for opening files that the build may have tampered with.
    package nonisolated let files: AnchoredDirectory

    /// Why the system is read-only, when a writable one was wanted where possible.
    package nonisolated let refusal: OverlayRefusal?

    /// The name of its container, if it is one.
    package nonisolated let containerName: String?

    private let send: @Sendable ([UInt8]) async throws -> Void
    private var scanner = AnswerScanner()
    private var waiting: CheckedContinuation<ExitStatus?, Never>?
    /// An answer that came before anybody waited for it.
    private var answered: ExitStatus?
    /// Where output goes.
    ///
    /// Between commands this stays the last command's, for what background processes write.
    private var output: Output
    private var hasEnded = false
    /// Asks what the build was kept from, if it was; answers only when the build is bounded.
    private var askForLimit: @Sendable () async -> SandboxError? = { nil }
    /// Whether commands may run: nothing may outgrow the limits before they are set.
    private var isBounded = true
    private var isReady = false
    /// The last of what was said before the driver greeted: why the sandbox did not start.
    private var lastWords: [UInt8] = []

    init(
        root: BuildRoot, files: AnchoredDirectory, refusal: OverlayRefusal? = nil, asksFirst: Bool = false,
        containerName: String? = nil, send: @escaping @Sendable ([UInt8]) async throws -> Void
    ) {
        self.refusal = refusal
        self.root = root
        self.files = files
        self.send = send
        self.containerName = containerName
        output = { _ in }
        scanner.expect(nonce: asksFirst ? OverlayStage.mappingNonce : SandboxDriver.readyNonce)
    }

    /// Waits until the sandbox asks for its user ids, lets `answer` give them, and tells it to go on.
    /// - Throws: ``SandboxError`` with code `overlayRefused`, holding what its maker said.
    func waitForQuestion(_ answer: () async throws(OverlayRefusal) -> Void) async throws(SandboxError) {
        guard await self.answer() != nil else {
            throw SandboxError(
                code: .overlayRefused, detail: lastLine ?? "its process ended at once", path: nil,
                hint: "allow user namespaces to this user")
        }
        do throws(OverlayRefusal) {
            try await answer()
        } catch {
            throw SandboxError(code: .overlayRefused, detail: error.reason, path: nil, hint: error.mend)
        }
        scanner.expect(nonce: SandboxDriver.readyNonce)
        // When it has ended meanwhile, that is what waiting for its greeting will find.
        try? await send(OverlayStage.goOn)
    }

    /// Runs ``StateFiles/script`` with a shell, and returns when that shell has ended, whatever it left in the background.
    ///
    /// - Parameters:
    ///   - shell: The shell's name or path inside the sandbox; no spaces or line breaks.
    ///   - user: Who runs it; nil for the sandbox's own user.
    ///   - output: Where standard output and standard error go, merged in the order of writing.
    /// - Returns: How the shell ended. Failing is not an error.
    /// - Throws: ``SandboxError`` with code `ended` when the sandbox is gone.
    package func run(
        shell: String, user: CommandUser? = nil, output: @escaping Output
    ) async throws(SandboxError) -> ExitStatus {
        if !isBounded {
            _ = await askForLimit()
            isBounded = true
        }
        let nonce = SandboxDriver.makeNonce()
        scanner.expect(nonce: nonce)
        answered = nil
        self.output = output
        let request = SandboxDriver.request(nonce: nonce, shell: shell, user: user)
        do {
            try await send(request)
        } catch {
            throw await ended()
        }
        guard let status = await answer() else { throw await ended() }
        return status
    }

    /// Waits until the driver greets.
    /// - Throws: ``SandboxError`` with code `startFailed`, holding what the sandbox's maker said.
    func waitUntilReady() async throws(SandboxError) {
        guard await answer() != nil else {
            throw SandboxError(
                code: .startFailed, detail: lastLine ?? "its process ended at once", path: nil,
                hint: "see what `buildspec doctor` says, or use --sandbox host to run without isolation")
        }
        isReady = true
    }

    /// Takes in what came out of the log stream.
    func receive(_ buffer: [UInt8]) async {
        for event in scanner.scan(buffer) {
            switch event {
            case .output(let bytes):
                remember(bytes)
                await output(bytes)
            case .answer(let code):
                answered(ExitStatus(code: code))
            }
        }
    }

    /// The log stream is at its end: nobody is left in the sandbox.
    func streamEnded() async {
        for case .output(let bytes) in scanner.finish() {
            remember(bytes)
            await output(bytes)
        }
        hasEnded = true
        waiting?.resume(returning: nil)
        waiting = nil
    }

    private func answered(_ status: ExitStatus) {
        guard let waiting else {
            answered = status
            return
        }
        self.waiting = nil
        waiting.resume(returning: status)
    }

    private func answer() async -> ExitStatus? {
        if let answered {
            self.answered = nil
            return answered
        }
        if hasEnded { return nil }
        return await withCheckedContinuation { waiting = $0 }
    }

    /// The limit that the build has run into, if it has: why its processes may have failed or ended.
    package var limitReached: SandboxError? {
        get async { await askForLimit() }
    }

    /// Lets the first command wait for the limits.
    ///
    /// - Parameter ask: Finds out which limit was reached, when all are set.
    func bound(_ ask: @escaping @Sendable () async -> SandboxError?) {
        askForLimit = ask
        isBounded = false
    }

    private func ended() async -> SandboxError {
        if let limit = await limitReached { return limit }
        return SandboxError(code: .ended, detail: "nothing runs in it any more", path: nil, hint: nil)
    }

    private func remember(_ bytes: [UInt8]) {
        guard !isReady else { return }
        lastWords = Array((lastWords + bytes.suffix(512)).suffix(512))
    }

    private var lastLine: String? {
        String(decoding: lastWords, as: UTF8.self)
            .split(whereSeparator: \.isNewline).last { !$0.contains("dmesg(1)") }.map(String.init)
    }
}
