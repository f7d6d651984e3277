import Diagnostics
import Glibc

/// Prints findings on standard output: as they come where the format allows it, else at the end.
struct FindingsPrinter {
    private static let chunk = 1 << 16

    private let format: FindingsFormat
    private let style: DiagnosticRenderer.Style
    private var pending: [UInt8] = []
    /// What must be known as a whole before it can be encoded.
    private var report = DiagnosticReport()

    /// Nothing is printed yet.
    init(_ format: FindingsFormat) {
        self.format = format
        style = Console.isOutputColourful ? .coloured : .plain
    }

    /// Takes in what was found in one file.
    mutating func add(_ file: DiagnosticReport.File) throws(CommandFailure) {
        if file.diagnostics.isEmpty { return }
        switch format {
        case .text:
            let renderer = DiagnosticRenderer(
                fileName: file.name == "-" ? "<stdin>" : file.name, text: file.text, style: style)
            pending += renderer.render(file.diagnostics).utf8
        case .github: pending += DiagnosticReport([file]).workflowCommands()
        case .json, .sarif: report.files.append(file)
        }
        if pending.count >= Self.chunk { try flush() }
    }

    /// Prints what is left, for documents all of it.
    ///
    /// - Parameter isComplete: whether every file that was asked for could be read.
    /// - Throws: ``CommandFailure`` when standard output cannot be written.
    mutating func finish(isComplete: Bool) throws(CommandFailure) {
        switch format {
        case .text, .github: break
        case .json: pending += report.json()
        case .sarif:
            pending += report.sarif(
                DiagnosticReport.SARIFRun(toolVersion: BuildspecVersion.current, isSuccessful: isComplete))
        }
        try flush()
    }

    private mutating func flush() throws(CommandFailure) {
        if pending.isEmpty { return }
        try Console.print(pending)
        pending.removeAll(keepingCapacity: true)
    }
}
