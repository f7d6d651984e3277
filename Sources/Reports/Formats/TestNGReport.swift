/// TESTNGXML: `test-method` in `class` in `test`.
struct TestNGReport: XMLReport {
    let roots = ["testng-results"]
    private(set) var cases: [TestCase] = []
    private var test = ""
    private var testClass = ""
    private var current: TestCase?
    private var message: String?

    mutating func start(_ name: String, _ attributes: [String: String]) throws(ReportFailure) {
        switch name {
        case "test": test = attributes["name"] ?? ""
        case "class": testClass = attributes["name"] ?? ""
        case "test-method":
            guard attributes["is-config"]?.lowercased() != "true" else { return }
            current = TestCase(
                name: attributes["name"] ?? "", prefix: testClass, suite: test,
                status: Self.status(attributes["status"]),
                duration: Numbers.nanoseconds(seconds: attributes["duration-ms"], unit: 1e6))
        case "message" where current != nil: message = ""
        default: break
        }
    }

    mutating func text(_ text: String) {
        guard let said = message, said.utf8.count < 20_000 else { return }
        message = said + text
    }

    mutating func end(_ name: String) {
        switch name {
        case "message":
            if let message { current?.message = trimmed(message) }
            message = nil
        case "test-method":
            if let current { cases.append(current) }
            current = nil
        default: break
        }
    }

    private static func status(_ text: String?) -> TestCase.Status {
        switch text {
        case "PASS": .succeeded
        case "FAIL": .failed
        case "SKIP": .skipped
        default: .unknown
        }
    }
}
