import Buildspec
import Diagnostics
import Testing

@Suite struct MutationTests {
    /// Files that together use every key.
    private static let samples = BehaviourCase.all.filter { sample in
        sample.verdict == .accepted && !["crlf-and-bom", "json", "anchors-and-merges"].contains(sample.name)
            || ["everything", "reports", "deployments"].contains(sample.name)
    }

    @Test func `tells of at least 99 of 100 damaged keys, at the damaged line`() throws {
        var missed: [String] = []
        var count = 0
        for sample in Self.samples {
            let before = Set(CheckedBuildspec(sample.text).diagnostics.map(Complaint.init))
            for mutant in try MutantMaker(sample.text).mutants {
                count += 1
                let after = CheckedBuildspec(mutant.text).diagnostics
                let isTold = after.contains { diagnostic in
                    guard diagnostic.severity >= .warning, let line = diagnostic.range?.start.line else {
                        return false
                    }
                    return mutant.lines.contains(line) && !before.contains(Complaint(diagnostic))
                }
                if !isTold { missed.append("\(sample.name): \(mutant.testDescription)") }
            }
        }
        #expect(count > 1_000)
        let share = Double(missed.count) / Double(max(count, 1))
        #expect(share <= 0.01, "\(missed.count) of \(count):\n\(missed.joined(separator: "\n"))")
    }
}

/// What makes two complaints the same in a file and in its mutant.
private struct Complaint: Hashable {
    let code: String
    let message: String
    let line: Int?

    init(_ diagnostic: Diagnostic) {
        code = diagnostic.code
        message = diagnostic.message
        line = diagnostic.range?.start.line
    }
}
