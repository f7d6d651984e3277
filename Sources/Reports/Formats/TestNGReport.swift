/// TESTNGXML: `test-method` in `class` in `test`.
struct TestNGReport: XMLReport {
    let roots = ["testng-results"]
    var cases: [TestCase] { collector.cases }
    private var collector = MessageCollector()
    private var test = ""
    private var testClass = ""

    mutating func start(_ name: String, _ attributes: [String: String]) throws(ReportFailure) {
        switch name {
        case "test": test = attributes["name"] ?? ""
        case "class": testClass = attributes["name"] ?? ""
        case "test-method":
            guard attributes["is-config"]?.lowercased() != "true" else { return }
            collector.begin(
                TestCase(
                    name: attributes["name"] ?? "", prefix: testClass, suite: test,
                    status: Self.status(attributes["status"]),
                    duration: Numbers.nanoseconds(seconds: attributes["duration-ms"], unit: 1e6)))
        case "message": collector.beginMessage()
        default: break
        }
    }

    mutating func text(_ text: String) { collector.add(text) }

    mutating func end(_ name: String) {
        switch name {
        case "message": collector.endMessage()
        case "test-method": collector.end()
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
