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
    mutating func add(_ file: DiagnosticReport.File) {
        if file.diagnostics.isEmpty { return }
        switch format {
        case .text:
            let renderer = DiagnosticRenderer(
                fileName: file.name == "-" ? "<stdin>" : file.name, text: file.text, style: style)
            pending += renderer.render(file.diagnostics).utf8
        case .github: pending += DiagnosticReport([file]).workflowCommands()
        case .json, .sarif: report.files.append(file)
        }
        if pending.count >= Self.chunk { flush() }
    }

    /// Prints what is left, for documents all of it.
    ///
    /// - Parameter isComplete: whether every file that was asked for could be read.
    mutating func finish(isComplete: Bool) {
        switch format {
        case .text, .github: break
        case .json: pending += report.json()
        case .sarif:
            pending += report.sarif(
                DiagnosticReport.SARIFRun(toolVersion: BuildspecVersion.current, isSuccessful: isComplete))
        }
        flush()
    }

    private mutating func flush() {
        if pending.isEmpty { return }
        Console.write(pending, to: STDOUT_FILENO)
        pending.removeAll(keepingCapacity: true)
    }
}
