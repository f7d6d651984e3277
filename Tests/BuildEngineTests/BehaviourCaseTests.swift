import Testing

@Suite struct BehaviourCaseTests {
    @Test func `finds the cases`() {
        #expect(BehaviourCase.all.count >= 40)
    }

    @Test(.timeLimit(.minutes(1)), arguments: BehaviourCase.all)
    func `a build does exactly what is written beside it`(sample: BehaviourCase) async throws {
        let (log, facts) = try await sample.run()
        try sample.recordIfAsked(log: log, facts: facts)
        #expect(log == sample.expectation("expected.log"))
        #expect(facts == sample.expectation("expected.json"))
    }
}
