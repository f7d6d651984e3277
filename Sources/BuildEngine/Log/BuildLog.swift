package import Masking

/// The log of one build: agent lines and command output, in order, masked, formatted, written to every sink.
package actor BuildLog {
    /// How lines look.
    package enum Format: String, Sendable, Hashable, CaseIterable {
        /// As in CodeBuild's own log (behaviour reference, section 4).
        case codebuild
        /// One JSON object a line.
        case json
    }

    private let clock: @Sendable () -> Timestamp
    private let sinks: [(sink: any LogSink, format: Format)]
    private let lateSecrets: LateSecrets?
    private var masker: StreamMasker
    private var jsonLines: JSONLogLines
    /// Whether the next byte begins a line.
    private var isAtLineStart = true

    /// Makes a log.
    /// - Parameters:
    ///   - sinks: Who hears it, and in which format.
    ///   - clock: Gives the times of agent lines.
    ///   - masksEncodedForms: Whether the encoded forms of secrets are hidden too.
    ///   - lateSecrets: What the runner learns while the build runs.
    package init(
        sinks: [(sink: any LogSink, format: Format)], clock: @escaping @Sendable () -> Timestamp,
        masksEncodedForms: Bool = true, lateSecrets: LateSecrets? = nil
    ) {
        self.sinks = sinks
        self.clock = clock
        self.lateSecrets = lateSecrets
        masker = StreamMasker(secrets: SecretSet(encoded: masksEncodedForms))
        jsonLines = JSONLogLines()
    }

    /// Hides values from here on, in agent lines too.
    /// - Returns: What became of each, in the same order: very short values cannot be hidden.
    package func mask(_ secrets: [SecretText]) -> [SecretSet.Registration] {
        masker.register(secrets)
    }

    /// An agent line: `[Container] <time> <text>`.
    ///
    /// A text of several lines keeps its line breaks.
    package func agent(_ text: String) {
        takeLateSecrets()
        flushOutput()
        let time = clock()
        let line = masked(Array(text.utf8))
        emit(codebuild: Array("[Container] \(time.logText) ".utf8) + line + [UInt8(ascii: "\n")]) {
            $0.agent(line, time)
        }
        isAtLineStart = true
    }

    /// Output of commands, as it comes.
    package func output(_ bytes: [UInt8]) {
        takeLateSecrets()
        var visible: [UInt8] = []
        masker.feed(bytes, into: &visible)
        raw(visible)
    }

    /// The end of a command's output: an empty line follows it (behaviour reference, section 4.1).
    package func endOfCommand() {
        flushOutput()
        emit(codebuild: [UInt8(ascii: "\n")]) { _ in [] }
    }

    /// Lets out what is held back for masking, and ends an unfinished line.
    private func flushOutput() {
        var held: [UInt8] = []
        masker.finish(into: &held)
        raw(held)
        guard !isAtLineStart else { return }
        raw([UInt8(ascii: "\n")])
    }

    private func raw(_ bytes: [UInt8]) {
        guard let last = bytes.last else { return }
        isAtLineStart = last == UInt8(ascii: "\n")
        let time = clock()
        emit(codebuild: bytes) { $0.output(bytes, time) }
    }

    /// A text that is told elsewhere than in the log, without the secrets that the log hides.
    package func hidingSecrets(_ text: String) -> String {
        secrets.masked(text)
    }

    /// What the log hides by now.
    package var secrets: SecretSet {
        takeLateSecrets()
        return masker.secrets
    }

    private func takeLateSecrets() {
        guard let late = lateSecrets?.take(), !late.isEmpty else { return }
        _ = masker.register(late)
    }

    /// Masks a text that stands alone.
    private func masked(_ bytes: [UInt8]) -> [UInt8] {
        var visible: [UInt8] = []
        masker.feed(bytes, into: &visible)
        masker.finish(into: &visible)
        return visible
    }

    private func emit(codebuild: [UInt8], json: (inout JSONLogLines) -> [UInt8]) {
        let lines = sinks.contains { $0.format == .json } ? json(&jsonLines) : []
        for (sink, format) in sinks {
            let bytes = format == .json ? lines : codebuild
            if !bytes.isEmpty { sink.write(bytes) }
        }
    }
}
