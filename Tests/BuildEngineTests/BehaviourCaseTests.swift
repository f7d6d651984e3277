import Glibc
import Sandbox
import TestSupport
import Testing

@Suite struct BehaviourCaseTests {
    @Test func `finds the cases`() {
        #expect(BehaviourCase.all.count >= 120)
    }

    @Test(.timeLimit(.minutes(5)), arguments: BehaviourCase.all)
    func `a build does exactly what is written beside it`(sample: BehaviourCase) async throws {
        guard try isRun(sample, on: .bubblewrap) else { return }
        let (log, facts) = try await sample.run(.bubblewrap)
        try sample.recordIfAsked(log: log, facts: facts)
        #expect(log == sample.expectation("expected.log"))
        #expect(facts == sample.expectation("expected.json"))
    }

    /// Four at a time: the end of a host sandbox looks at all processes of the machine.
    @Test(.timeLimit(.minutes(10)))
    func `builds on the host do the same`() async throws {
        guard getenv("RECORD_CASES") == nil else { return }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, sample) in BehaviourCase.all.enumerated() where try isRun(sample, on: .host) {
                if index >= 4 { try await group.next() }
                group.addTask { try await check(sample, on: .host) }
            }
            try await group.waitForAll()
        }
    }

    /// Whether a case can be run; says so aloud when it cannot.
    private func isRun(_ sample: BehaviourCase, on kind: SandboxConfiguration.Kind) throws -> Bool {
        if try sample.isFor(kind) { return true }
        print(
            "SKIPPED: the case \(sample.name) on \(kind.rawValue): it needs another kind of sandbox, or root")
        return false
    }

    private func check(_ sample: BehaviourCase, on kind: SandboxConfiguration.Kind) async throws {
        let (log, facts) = try await sample.run(kind)
        #expect(log == sample.expectation("expected.log"), "\(sample.name)")
        #expect(facts == sample.expectation("expected.json"), "\(sample.name)")
    }

    @Test(
        .enabled("no container engine works here", { await TestContainer.isAvailable() }),
        .timeLimit(.minutes(10)))
    func `a build does the same in a container`() async throws {
        guard getenv("RECORD_CASES") == nil else { return }
        for sample in BehaviourCase.all where try isRun(sample, on: .container) {
            let (log, facts) = try await TestContainer.inTurn { try await sample.run(.container, in: $0) }
            #expect(log == sample.expectation("expected.log"), "\(sample.name)")
            #expect(facts == sample.expectation("expected.json"), "\(sample.name)")
        }
    }
}
