import Buildspec
import Diagnostics
import Testing

@Suite struct DiagnosticCodeTests {
    /// Codes of problems that are found out by others than the reading of a file.
    private static let elsewhere: Set<DiagnosticCode> = [
        // A build finds out what paths match.
        .noMatchingArtifactPaths, .noMatchingBaseDirectory, .artifactPathWithoutMatch,
        // Shells say these: see the tests of ShellChecks.
        .shellSyntax, .shellSyntaxOfOneShell, .splitConstruct, .shellcheckWarning, .shellcheckNote,
        .shellNotChecked,
        // Files that are too large for a directory of cases: see HostileTextTests.
        .textTooLarge, .nestingTooDeep, .tooManyAliases, .tooManyNodes, .tooManyDirectives, .furtherProblems,
    ]

    @Test(arguments: DiagnosticCode.allCases.filter { !elsewhere.contains($0) })
    func `every code has a case that shows it`(_ code: DiagnosticCode) {
        #expect(BehaviourCase.all.contains { $0.expectation.contains("[\(code.rawValue)]") })
    }

    @Test func `codes, summaries and severities fit together`() {
        #expect(Set(DiagnosticCode.allCases.map(\.summary)).count == DiagnosticCode.allCases.count)
        for code in DiagnosticCode.allCases {
            #expect(!code.summary.isEmpty && !code.summary.hasSuffix("."))
            if code.rawValue.hasPrefix("BS5") { #expect(code.severity == .note) }
        }
    }
}
