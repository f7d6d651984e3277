/// JUNITXML: `testcase` in `testsuite`, which may be nested (behaviour reference, section 8.5).
struct JUnitReport: XMLReport {
    let roots = ["testsuite", "testsuites"]
    private(set) var cases: [TestCase] = []
    private var suites: [String] = []
    private var current: TestCase?
    private var message = ""
    private var isInMessage = false

    mutating func start(_ name: String, _ attributes: [String: String]) throws(ReportFailure) {
        switch name {
        case "testsuite":
            try Self.check(attributes)
            suites.append(attributes["name"] ?? suites.last ?? "")
        case "testcase":
            current = TestCase(
                name: attributes["name"] ?? "", prefix: attributes["classname"] ?? "",
                suite: suites.last ?? "", duration: Numbers.nanoseconds(seconds: attributes["time"]))
        case "error", "failure", "skipped":
            // The worst that a test says of itself counts.
            guard let status = current?.status, status != .error, status != .failed || name == "error" else {
                return
            }
            current?.status = name == "error" ? .error : name == "failure" ? .failed : .skipped
            message = attributes["message"] ?? ""
            isInMessage = true
        default: break
        }
    }

    /// CodeBuild counts with the suite's own numbers (behaviour reference, sections 3.6 and 8.5).
    private static func check(_ attributes: [String: String]) throws(ReportFailure) {
        guard attributes["tests"] != nil else { return }
        let others = ["failures", "errors", "skipped"].reduce(0) {
            clampedSum($0, Numbers.count(attributes[$1]))
        }
        guard others <= Numbers.count(attributes["tests"]) else {
            throw ReportFailure("InvalidInputException: Test summary: status count cannot be negative")
        }
    }

    mutating func text(_ text: String) {
        guard isInMessage, message.utf8.count < 20_000 else { return }
        if !message.isEmpty, !message.hasSuffix("\n") { message += "\n" }
        message += text
    }

    mutating func end(_ name: String) {
        switch name {
        case "error", "failure", "skipped":
            guard isInMessage else { return }
            isInMessage = false
            current?.message = trimmed(message)
        case "testcase":
            if let current { cases.append(current) }
            current = nil
        case "testsuite": _ = suites.popLast()
        default: break
        }
    }
}

/// A message without blanks around it, at most 5,000 characters.
func trimmed(_ text: String) -> String {
    var rest = Substring(text).drop(while: \.isWhitespace)
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest.prefix(5_000))
}
