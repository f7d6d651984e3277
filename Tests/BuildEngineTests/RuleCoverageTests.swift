import FoundationEssentials
import SystemPackage
import Testing

/// `Cases/RULES.txt` maps the rules of the behaviour reference to what shows them; this keeps it honest.
@Suite struct RuleCoverageTests {
    private struct Rule: Sendable {
        var line: String
        var section: String
        /// Names of cases; with `@` of suites.
        var proofs: [String]
        /// Why there is none.
        var reason: String?
    }

    private static let tests = FilePath("\(#filePath)").removingLastComponent().removingLastComponent()

    private static let rules: [Rule] = {
        let file = tests.appending("BuildEngineTests/Cases/RULES.txt").string
        let text = String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
        return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let parts = line.split(separator: " = ", maxSplits: 1).map(String.init)
            let proofs = parts.count == 2 ? parts[1] : ""
            let isNone = proofs.hasPrefix("none: ")
            return Rule(
                line: String(line), section: String(line.prefix { $0 != " " }),
                proofs: isNone ? [] : proofs.split(separator: ", ").map(String.init),
                reason: isNone ? String(proofs.dropFirst(6)) : nil)
        }
    }()

    /// `Name` of every `Tests/*/Name.swift`.
    private static let suites: Set<String> = {
        let all = (try? FileManager.default.subpathsOfDirectory(atPath: tests.string)) ?? []
        return Set(all.compactMap { FilePath($0) }.filter { $0.extension == "swift" }.compactMap(\.stem))
    }()

    @Test func `every rule is shown by something that is there`() {
        let cases = Set(BehaviourCase.all.map(\.name))
        for rule in Self.rules {
            #expect(rule.reason?.isEmpty == false || !rule.proofs.isEmpty, "\(rule.line)")
            for proof in rule.proofs {
                let isThere =
                    proof.hasPrefix("@")
                    ? Self.suites.contains(String(proof.dropFirst())) : cases.contains(proof)
                #expect(isThere, "\(proof) is not there: \(rule.line)")
            }
        }
    }

    @Test func `every case shows a rule`() {
        let shown = Set(Self.rules.flatMap(\.proofs))
        let idle = BehaviourCase.all.map(\.name).filter { !shown.contains($0) }
        #expect(idle == [], "name them in RULES.txt")
    }

    @Test func `every section of the reference about execution has rules`() {
        let sections = Set(Self.rules.map(\.section))
        let wanted =
            (1...9).map { "2.\($0)" } + (1...7).map { "3.\($0)" } + (1...8).map { "4.\($0)" }
            + (1...5).map { "5.\($0)" } + ["12.2"]
        for section in wanted { #expect(sections.contains(section), "\(section)") }
    }
}
