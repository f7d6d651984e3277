import Foundation
import Testing

@Suite("Project definitions")
struct ProjectCaseTests {
    @Test("a definition comes to what its case says", arguments: ProjectCase.all)
    func definition(_ project: ProjectCase) throws {
        let outcome = try project.outcome()
        if getenv("RECORD_CASES") != nil {
            try Data(outcome.utf8).write(to: project.expectation)
        }
        let expected = try String(contentsOf: project.expectation, encoding: .utf8)
        #expect(outcome == expected)
    }
}
