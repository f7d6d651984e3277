import Buildspec
import Diagnostics
import Testing

@Suite struct BehaviourCaseTests {
    @Test func `finds the cases`() {
        #expect(BehaviourCase.all.count > 40)
        #expect(Set(BehaviourCase.all.map(\.verdict)).count == 3)
    }

    @Test(arguments: BehaviourCase.all)
    func `says about a file exactly what is written beside it`(_ sample: BehaviourCase) {
        sample.recordIfAsked()
        #expect(sample.rendering == sample.expectation)
    }

    @Test(arguments: BehaviourCase.all)
    func `gives a model if and only if there is no error`(_ sample: BehaviourCase) {
        let decoded = Buildspec.decode(sample.text)
        let errors = decoded.diagnostics.filter { $0.severity == .error }
        #expect((decoded.buildspec == nil) == !errors.isEmpty)
        #expect(decoded.failureMessage == errors.first?.message)
        let checked = CheckedBuildspec(sample.text).diagnostics
        let hasError = checked.contains { $0.severity == .error }
        #expect(hasError == !errors.isEmpty)
        switch sample.verdict {
        case .refused: #expect(hasError)
        case .warned: #expect(!hasError && !checked.isEmpty)
        case .accepted: #expect(checked.isEmpty)
        }
    }

    @Test(arguments: BehaviourCase.all)
    func `tells the place of every problem, in the order of the places`(_ sample: BehaviourCase) {
        let diagnostics = CheckedBuildspec(sample.text).diagnostics
        let starts = diagnostics.compactMap(\.range?.start)
        #expect(starts.count == diagnostics.count)
        #expect(starts == starts.sorted())
        #expect(starts.allSatisfy { $0.line >= 1 && $0.column >= 1 && $0.offset <= sample.text.count })
    }
}
