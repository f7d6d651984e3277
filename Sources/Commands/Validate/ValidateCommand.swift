import ArgumentParser
import Buildspec
import Diagnostics
import ShellChecks

/// `buildspec validate`.
struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check buildspec files.",
        discussion: """
            Example:
              buildspec validate buildspec.yml ci/*.yml
              cat buildspec.yml | buildspec validate -
              buildspec validate --format sarif buildspec.yml > buildspec.sarif
            """)

    @Argument(help: "Buildspec files; - reads standard input.")
    var files: [String] = ["buildspec.yml"]

    @Option(help: "text, json, sarif or github; text unless GITHUB_ACTIONS is true.")
    var format: FindingsFormat?

    @Option(
        help: "What shells are asked: off, syntax (sh -n, bash -n) or all (shellcheck too, where installed).")
    var shellChecks = ShellReview.Depth.all

    @Flag(help: "Warnings fail too.")
    var strict = false

    func run() throws {
        let environment = RunnerEnvironment.current
        let review = ShellReview(
            shellChecks, searchPath: environment.variables["PATH"] ?? "", memory: ShellcheckCache(environment)
        )
        var printer = FindingsPrinter(format ?? .standard(environment))
        var unreadable: [CommandFailure] = []
        var isValid = true
        for file in files {
            let text: [UInt8]?
            do {
                text = try ValidatedText.read(file, environment)
            } catch {
                unreadable.append(error)
                continue
            }
            let diagnostics = text.map { review.review(CheckedBuildspec($0)).diagnostics } ?? [.textTooLarge]
            try printer.add(DiagnosticReport.File(name: file, text: text ?? [], diagnostics: diagnostics))
            let limit: Diagnostic.Severity = strict ? .warning : .error
            if diagnostics.contains(where: { $0.severity >= limit }) { isValid = false }
        }
        try printer.finish(isComplete: unreadable.isEmpty)
        try tell(unreadable)
        if !isValid { throw CommandFailure(.failed) }
    }

    /// Tells of all files that could not be read: the last one ends the command.
    private func tell(_ unreadable: [CommandFailure]) throws(CommandFailure) {
        for failure in unreadable.dropLast() {
            Console.error(failure.message ?? "", hint: failure.hint)
        }
        if let last = unreadable.last { throw last }
    }
}

extension ShellReview.Depth: OptionWord {}
