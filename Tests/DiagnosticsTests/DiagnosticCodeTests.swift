import Diagnostics
import Testing

@Suite struct DiagnosticCodeTests {
    @Test(arguments: DiagnosticCode.allCases)
    func `has the form of a code and a summary`(_ code: DiagnosticCode) {
        #expect(code.rawValue.wholeMatch(of: /BS[1-5][0-9]{2}/) != nil)
        #expect(!code.summary.isEmpty && !code.summary.hasSuffix("."))
    }

    @Test func `gives its severity to the diagnostic`() {
        #expect(Diagnostic(.duplicateKey, "m", at: nil).severity == .warning)
        #expect(Diagnostic(.wrongKind, "m", at: nil).code == "BS205")
    }
}
