/// NUNITXML (`test-results`) and NUNIT3XML (`test-run`): `test-case` in suites.
struct NUnitReport: XMLReport {
    let isVersion3: Bool
    var roots: [String] { isVersion3 ? ["test-run"] : ["test-results"] }
    var cases: [TestCase] { collector.cases }
    private var collector = MessageCollector()
    private var suites: [String] = []

    init(isVersion3: Bool) { self.isVersion3 = isVersion3 }

    mutating func start(_ name: String, _ attributes: [String: String]) throws(ReportFailure) {
        switch name {
        case "test-suite": suites.append(attributes["name"] ?? "")
        case "test-case":
            let names = isVersion3 ? ["fullname", "name"] : ["name"]
            let seconds = attributes[isVersion3 ? "duration" : "time"]
            collector.begin(
                TestCase(
                    name: names.lazy.compactMap { attributes[$0] }.first ?? "",
                    prefix: (isVersion3 ? attributes["classname"] : suites.last) ?? "",
                    suite: suites.last ?? "",
                    status: isVersion3 ? Self.status3(attributes) : Self.status2(attributes),
                    duration: Numbers.nanoseconds(seconds: seconds)))
        case "message": collector.beginMessage()
        default: break
        }
    }

    mutating func text(_ text: String) { collector.add(text) }

    mutating func end(_ name: String) {
        switch name {
        case "message": collector.endMessage()
        case "test-case": collector.end()
        case "test-suite": _ = suites.popLast()
        default: break
        }
    }

    private static func status2(_ attributes: [String: String]) -> TestCase.Status {
        switch attributes["result"] {
        case "Success": .succeeded
        case "Failure": .failed
        case "Error": .error
        case "Ignored", "NotRunnable", "Skipped", "Inconclusive": .skipped
        case .some: .unknown
        // Older versions have two yes-or-no attributes instead.
        case nil:
            attributes["executed"]?.lowercased() == "false"
                ? .skipped : attributes["success"]?.lowercased() == "true" ? .succeeded : .failed
        }
    }

    private static func status3(_ attributes: [String: String]) -> TestCase.Status {
        switch attributes["result"] {
        case "Passed": .succeeded
        case "Failed": attributes["label"] == "Error" ? .error : .failed
        case "Skipped", "Inconclusive": .skipped
        default: .unknown
        }
    }
}
