import Buildspec
import Diagnostics

/// Called by libFuzzer with every input that it makes: reads it, checks it and prints what was found in every format.
///
/// A crash, a hang or memory beyond the limit is what libFuzzer reports; that every place lies in the text is checked here.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzBuildspec(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = Array(UnsafeBufferPointer(start: start, count: count))
    let diagnostics = CheckedBuildspec(text).diagnostics
    for diagnostic in diagnostics {
        guard let range = diagnostic.range else { continue }
        precondition(range.start <= range.end && range.end.offset <= count, "a place outside of the text")
    }
    _ = DiagnosticRenderer(fileName: "fuzz.yml", text: text).render(diagnostics)
    let report = DiagnosticReport([
        DiagnosticReport.File(name: "fuzz.yml", text: text, diagnostics: diagnostics)
    ])
    _ = report.json()
    _ = report.workflowCommands()
    return 0
}

/// What the package manager takes for the executable's `main`.
@_cdecl("BuildspecFuzzer_main")
public func runFuzzer(
    _ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
    var count = count
    var arguments = arguments
    return runDriver(&count, &arguments, fuzzBuildspec)
}

/// `LLVMFuzzerRunDriver` of libFuzzer.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt
