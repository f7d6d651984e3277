import ArgumentParser
import Buildspec
import Diagnostics
import SystemPackage

/// `buildspec validate`.
struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check buildspec files.",
        discussion: """
            Example:
              buildspec validate buildspec.yml ci/*.yml
              cat buildspec.yml | buildspec validate -
            """)

    @Argument(help: "Buildspec files; - reads standard input.")
    var files: [String] = ["buildspec.yml"]

    @Flag(help: "Warnings fail too.")
    var strict = false

    func run() throws {
        let environment = RunnerEnvironment.current
        var isValid = true
        for file in files {
            let text = try read(file, environment)
            let decoded = Buildspec.decode(text)
            let renderer = DiagnosticRenderer(
                fileName: file == "-" ? "<stdin>" : file, text: text,
                style: Console.isColourful ? .coloured : .plain)
            Console.err(renderer.render(decoded.diagnostics))
            let limit: Diagnostic.Severity = strict ? .warning : .error
            if decoded.diagnostics.contains(where: { $0.severity >= limit }) { isValid = false }
        }
        if !isValid { throw CommandFailure(.failed) }
    }

    private func read(_ file: String, _ environment: RunnerEnvironment) throws(CommandFailure) -> [UInt8] {
        guard file == "-" else {
            return try SmallInputFile.read(environment.absolute(file), option: "validate")
        }
        do {
            return try SmallInputFile.read(.standardInput)
        } catch {
            throw .usage("validate -: standard input: \(error)")
        }
    }
}
