/// The test cases of one report, however many there are: all are counted, and as many are kept as a report lists.
package struct TestTally: Sendable, Hashable {
    /// The counts.
    package private(set) var summary = ReportSummary.Tests(
        statusCounts: Dictionary(uniqueKeysWithValues: TestCase.Status.allCases.map { ($0.rawValue, 0) }))
    /// The first cases in their order; enough for a report that lists all.
    private var first: [TestCase] = []
    /// The first that passed, and the first that did not, for a report that cannot.
    private var passed: [TestCase] = []
    private var others: [TestCase] = []

    /// Counts cases.
    package init(_ tests: [TestCase] = []) {
        for test in tests { add(test) }
    }

    /// Counts one more.
    package mutating func add(_ test: TestCase) {
        summary.total += 1
        summary.statusCounts[test.status.rawValue, default: 0] += 1
        summary.durationInNanoSeconds = clampedSum(summary.durationInNanoSeconds, test.durationInNanoSeconds)
        let limit = ReportSummary.caseLimit
        guard first.count < limit || lists(test.status) else { return }
        let test = test.shortened
        if first.count < limit { first.append(test) }
        if test.status == .succeeded || test.status == .skipped {
            if passed.count < limit { passed.append(test) }
        } else if others.count < limit {
            others.append(test)
        }
    }

    /// Whether another case can be among those that are listed.
    package func lists(_ status: TestCase.Status) -> Bool {
        let isPassed = status == .succeeded || status == .skipped
        return (isPassed ? passed : others).count < ReportSummary.caseLimit
    }

    /// Whether no case has failed.
    var hasOnlyPassed: Bool { others.isEmpty }

    /// What a report lists: all in their order, or the failed ones first where not all find room.
    var listed: [TestCase] {
        summary.total <= ReportSummary.caseLimit
            ? first : Array((others + passed).prefix(ReportSummary.caseLimit))
    }
}
