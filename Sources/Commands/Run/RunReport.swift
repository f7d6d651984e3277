import BuildEngine
import Diagnostics

/// Tells people, on standard error, how a build ended, and turns it into an exit status.
struct RunReport: Sendable {
    var outcome: BuildOutcome
    /// The signal that stopped the build, if one did.
    var signal: Int32?

    /// Tells it.
    /// - Throws: ``CommandFailure`` with the status of the contract unless the build succeeded.
    func tell() throws(CommandFailure) {
        for warning in outcome.warnings { Console.warning(warning) }
        let renderer = DiagnosticRenderer(
            fileName: outcome.buildspecName, text: outcome.buildspecText,
            style: Console.isColourful ? .coloured : .plain)
        Console.err(renderer.render(outcome.diagnostics.filter(isShown)))
        if let kept = outcome.keptWorkspace { Console.note("the workspace is kept: \(kept)") }
        for report in outcome.reports { Console.note("report: \(report.text) (\(report.file))") }
        for artifact in stored { Console.note("artifact: \(artifact.location)") }
        try finish()
    }

    /// Notes are for `validate`.
    private func isShown(_ diagnostic: Diagnostic) -> Bool {
        diagnostic.severity >= .warning
    }

    private var stored: [BuildRecord.Artifacts] {
        (outcome.record.artifacts.map { [$0] } ?? []) + outcome.record.secondaryArtifacts
    }

    private func finish() throws(CommandFailure) {
        let record = outcome.record
        if let signal, record.buildStatus == .stopped { throw CommandFailure(signal: signal) }
        if outcome.hasTimedOut {
            let seconds = Int((record.endTime ?? record.startTime) - record.startTime)
            throw CommandFailure(
                .timedOut, "the build timed out after \(seconds) second(s)",
                hint: "--timeout sets the limit in minutes")
        }
        if record.buildStatus == .succeeded {
            guard let failure = outcome.runnerFailure else { return }
            throw CommandFailure(.runner, failure.description, hint: failure.hint)
        }
        let failed = record.phases.filter { $0.phaseStatus != .succeeded && $0.phaseStatus != nil }
        // A command's failure outweighs the runner's own: it is what the author of the build has to mend.
        if let failure = outcome.runnerFailure, outcome.isRunnersFault || failed.count <= 1 {
            throw CommandFailure(.runner, failure.description, hint: failure.hint)
        }
        let first = failed.first
        let context = first?.contexts?.first
        let reason = context.map { Self.oneLine($0.message) } ?? "it was stopped"
        throw CommandFailure(
            .failed, "the build failed in \(first?.phaseType.rawValue ?? "no phase"): \(reason)")
    }

    /// Commands may have many lines; an error has one.
    private static func oneLine(_ text: String) -> String {
        let words = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return words.count > 300 ? words.prefix(300) + "..." : words
    }
}
