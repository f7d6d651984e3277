import Glibc
import Sandbox
import Testing

@Suite struct BehaviourCaseTests {
    @Test func `finds the cases`() {
        #expect(BehaviourCase.all.count >= 120)
    }

    @Test(.timeLimit(.minutes(1)), arguments: BehaviourCase.all)
    func `a build does exactly what is written beside it`(sample: BehaviourCase) async throws {
        guard try sample.isFor(.bubblewrap) else { return }
        let (log, facts) = try await sample.run(.bubblewrap)
        try sample.recordIfAsked(log: log, facts: facts)
        #expect(log == sample.expectation("expected.log"))
        #expect(facts == sample.expectation("expected.json"))
    }

    @Test(.timeLimit(.minutes(1)), arguments: BehaviourCase.all)
    func `a build on the host does the same`(sample: BehaviourCase) async throws {
        guard getenv("RECORD_CASES") == nil, try sample.isFor(.host) else { return }
        let (log, facts) = try await sample.run(.host)
        #expect(log == sample.expectation("expected.log"))
        #expect(facts == sample.expectation("expected.json"))
    }
}
