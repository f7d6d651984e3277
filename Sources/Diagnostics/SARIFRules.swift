/// The rules of a SARIF run: every code that the report uses, once, in order.
struct SARIFRules {
    private struct Rule {
        var code: String
        var severity: Diagnostic.Severity
    }

    private let rules: [Rule]
    private let indices: [String: Int]

    /// Collects the codes of these files.
    init(_ files: [DiagnosticReport.File]) {
        var severities: [String: Diagnostic.Severity] = [:]
        for diagnostic in files.lazy.flatMap(\.diagnostics) {
            severities[diagnostic.code] = max(severities[diagnostic.code] ?? .note, diagnostic.severity)
        }
        let rules = severities.map { Rule(code: $0.key, severity: $0.value) }.sorted { $0.code < $1.code }
        self.rules = rules
        indices = Dictionary(uniqueKeysWithValues: rules.enumerated().map { ($0.element.code, $0.offset) })
    }

    /// Where a code's rule is in the list.
    func index(of code: String) -> Int? { indices[code] }

    /// Writes the members of a `tool` object: the driver with its rules.
    func writeDriver(_ run: DiagnosticReport.SARIFRun, to json: inout JSONText) {
        json.key("driver")
        json.object { json in
            json.member("name", "buildspec")
            json.member("version", run.toolVersion)
            if let address = run.informationURI { json.member("informationUri", address) }
            json.key("rules")
            json.array { json in
                for rule in rules {
                    json.breakLine()
                    json.object { Self.write(rule, to: &$0) }
                }
            }
        }
    }

    /// Code scanning wants a short, a full and a helping text of each rule.
    private static func write(_ rule: Rule, to json: inout JSONText) {
        let code = DiagnosticCode(rawValue: rule.code)
        let summary = code?.summary ?? rule.code
        json.member("id", rule.code)
        write("shortDescription", summary, to: &json)
        write("fullDescription", summary, to: &json)
        write("help", summary + "; each result says where, and how to mend it", to: &json)
        json.key("defaultConfiguration")
        json.object { $0.member("level", (code?.severity ?? rule.severity).rawValue) }
    }

    private static func write(_ name: StaticString, _ text: String, to json: inout JSONText) {
        json.key(name)
        json.object { $0.member("text", text) }
    }
}
