/// CUCUMBERJSON: features with scenarios with steps.
enum CucumberReport {
    static func read(_ bytes: [UInt8]) throws(ReportFailure) -> [TestCase] {
        let document = try JSON(bytes)
        guard case .array(let features) = document else {
            throw ReportFailure("expected a list of features")
        }
        return features.flatMap { feature in
            let name = feature["name"]?.text ?? ""
            return (feature["elements"]?.elements ?? []).filter(isScenario).map { scenario in
                test(scenario, feature: name)
            }
        }
    }

    private static func isScenario(_ element: JSON) -> Bool {
        (element["type"]?.text ?? "scenario") == "scenario"
    }

    private static func test(_ scenario: JSON, feature: String) -> TestCase {
        let results = (scenario["steps"]?.elements ?? []).compactMap { $0["result"] }
        let statuses = Set(results.compactMap { $0["status"]?.text })
        let duration = results.reduce(into: 0.0) { $0 += max(0, $1["duration"]?.number ?? 0) }
        return TestCase(
            name: scenario["name"]?.text ?? "", prefix: feature, suite: feature, status: status(statuses),
            duration: Int64(min(duration, 9.0e18)),
            message: trimmed(results.lazy.compactMap { $0["error_message"]?.text }.first ?? ""))
    }

    private static func status(_ statuses: Set<String>) -> TestCase.Status {
        if statuses.contains("failed") { return .failed }
        if !statuses.isDisjoint(with: ["undefined", "ambiguous"]) { return .error }
        return statuses.isDisjoint(with: ["skipped", "pending"]) ? .succeeded : .skipped
    }
}
