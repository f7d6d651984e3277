/// VISUALSTUDIOTRX: `UnitTestResult`, whose classes are told later, in `UnitTest`.
struct VisualStudioReport: XMLReport {
    let roots = ["TestRun"]
    private var cases: [(id: String, test: TestCase)] = []
    private var classes: [String: String] = [:]
    private var run = ""
    private var unitTest: String?
    private var isInResult = false
    private var message: String?

    /// The cases with their classes.
    var namedCases: [TestCase] {
        cases.map { entry in
            var test = entry.test
            test.prefix = classes[entry.id] ?? ""
            return test
        }
    }

    mutating func start(_ name: String, _ attributes: [String: String]) throws(ReportFailure) {
        switch name {
        case "TestRun": run = attributes["name"] ?? ""
        case "UnitTestResult":
            isInResult = true
            let test = TestCase(
                name: attributes["testName"] ?? "", suite: run, status: Self.status(attributes["outcome"]),
                duration: Numbers.nanoseconds(clock: attributes["duration"]))
            cases.append((attributes["testId"] ?? "", test))
        case "UnitTest": unitTest = attributes["id"]
        case "TestMethod":
            guard let unitTest, let name = attributes["className"] else { return }
            // Assembly-qualified names carry the assembly behind a comma.
            classes[unitTest] = String(name.prefix { $0 != "," }.prefix(1_000))
        case "Message" where isInResult: message = ""
        default: break
        }
    }

    mutating func text(_ text: String) {
        guard let said = message, said.utf8.count < 20_000 else { return }
        message = said + text
    }

    mutating func end(_ name: String) {
        switch name {
        case "Message":
            if let message, !cases.isEmpty { cases[cases.count - 1].test.message = trimmed(message) }
            message = nil
        case "UnitTestResult": isInResult = false
        case "UnitTest": unitTest = nil
        default: break
        }
    }

    private static func status(_ text: String?) -> TestCase.Status {
        switch text {
        case "Passed": .succeeded
        case "Failed": .failed
        case "NotExecuted", "Inconclusive", "Pending": .skipped
        case "Error", "Timeout", "Aborted": .error
        default: .unknown
        }
    }
}
