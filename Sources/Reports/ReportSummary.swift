/// The report of one group in one build: `Report` of the API with its test cases or files
/// (behaviour reference, sections 8.1 to 8.3).
package struct ReportSummary: Sendable, Hashable, Codable {
    /// `TestReportSummary`.
    package struct Tests: Sendable, Hashable, Codable {
        /// All cases, those left out too.
        package var total = 0
        /// How many of each status; all five are there.
        package var statusCounts: [String: Int]
        /// The sum of all durations.
        package var durationInNanoSeconds: Int64 = 0
    }

    /// `CodeCoverageReportSummary`.
    package struct Coverage: Sendable, Hashable, Codable {
        /// 0 to 100.
        package var lineCoveragePercentage: Double
        /// Lines that ran.
        package var linesCovered: Int
        /// Lines that did not.
        package var linesMissed: Int
        /// 0 to 100.
        package var branchCoveragePercentage: Double
        /// Branches that were taken.
        package var branchesCovered: Int
        /// Branches that were not.
        package var branchesMissed: Int
    }

    /// The most test cases that a report lists.
    package static let caseLimit = 500

    /// The report's ARN.
    package var arn: String
    /// The group's ARN.
    package var reportGroupArn: String
    /// The group's name.
    package var name: String
    /// `TEST` or `CODE_COVERAGE`.
    package var type: String
    /// The build's ARN.
    package var executionId: String
    /// `SUCCEEDED` or `FAILED`.
    package var status: String
    /// Whether test cases were left out.
    package var truncated: Bool
    /// For tests.
    package var testSummary: Tests?
    /// For coverage.
    package var codeCoverageSummary: Coverage?
    /// Failed ones first where not all are listed.
    package var testCases: [TestCase]?
    /// What was covered of each file.
    package var codeCoverages: [FileCoverage]?

    /// The report of test cases.
    package init(tests: TestTally, group: ReportGroupName, executionID: String) {
        self.init(group, executionID, type: "TEST")
        testSummary = tests.summary
        truncated = tests.summary.total > Self.caseLimit
        testCases = tests.listed
        status = tests.hasOnlyPassed ? "SUCCEEDED" : "FAILED"
    }

    /// The report of files that were covered.
    package init(coverage files: [FileCoverage], group: ReportGroupName, executionID: String) {
        self.init(group, executionID, type: "CODE_COVERAGE")
        let sum = files.reduce(FileCoverage(filePath: ""), +)
        codeCoverageSummary = Coverage(
            lineCoveragePercentage: Self.percentage(sum.linesCovered, sum.linesMissed),
            linesCovered: sum.linesCovered, linesMissed: sum.linesMissed,
            branchCoveragePercentage: Self.percentage(sum.branchesCovered, sum.branchesMissed),
            branchesCovered: sum.branchesCovered, branchesMissed: sum.branchesMissed)
        codeCoverages = files
    }

    private init(_ group: ReportGroupName, _ executionID: String, type: String) {
        arn = group.reportARN(executionID: executionID)
        reportGroupArn = group.arn
        name = group.name
        self.type = type
        executionId = executionID
        status = "SUCCEEDED"
        truncated = false
    }

    private static func percentage(_ part: Int, _ rest: Int) -> Double {
        part == 0 ? 0 : (Double(part) / (Double(part) + Double(rest)) * 10_000).rounded() / 100
    }

    /// One line for people.
    package var text: String {
        if let tests = testSummary {
            let counts = TestCase.Status.allCases.compactMap { status -> String? in
                let count = tests.statusCounts[status.rawValue] ?? 0
                return count > 0 ? "\(count) \(status.rawValue.lowercased())" : nil
            }
            return "\(name): \(tests.total) tests"
                + (counts.isEmpty ? "" : ", " + counts.joined(separator: ", "))
        }
        let coverage = codeCoverageSummary
        return "\(name): \(coverage?.lineCoveragePercentage ?? 0)% of lines"
            + ", \(coverage?.branchCoveragePercentage ?? 0)% of branches"
    }
}

/// A report group as a build names it: by its name, which the project's goes before, or by its ARN
/// (behaviour reference, sections 1.7 and 8.6).
package struct ReportGroupName: Sendable, Hashable {
    /// The group's whole name.
    package let name: String
    /// The group's ARN.
    package let arn: String

    /// Names the group of a key of `reports`.
    /// - Parameters:
    ///   - key: The key with its variables replaced.
    ///   - project: The project's name.
    ///   - arnPrefix: `arn:<partition>:codebuild:<region>:<account>`.
    package init(key: String, project: String, arnPrefix: String) {
        let mark = ":report-group/"
        if key.hasPrefix("arn:"), let place = Self.range(of: mark, in: key) {
            arn = key
            name = String(key[place...])
        } else {
            name = "\(project)-\(key)"
            arn = "\(arnPrefix):report-group/\(project)-\(key)"
        }
    }

    private static func range(of mark: String, in text: String) -> String.Index? {
        var rest = Substring(text)
        while !rest.isEmpty {
            if rest.hasPrefix(mark) { return rest.index(rest.startIndex, offsetBy: mark.count) }
            rest = rest.dropFirst()
        }
        return nil
    }

    /// A name for a directory: letters, digits, `.`, `_` and `-`, and never empty or hidden.
    package var directoryName: String {
        var text = ""
        for byte in name.utf8.prefix(100) {
            let scalar = Unicode.Scalar(byte)
            let isPlain =
                byte < 0x80
                && (scalar.properties.isAlphabetic || (48...57).contains(byte)
                    || "._-".unicodeScalars.contains(scalar))
            text += isPlain ? String(Character(scalar)) : "_"
        }
        if text.isEmpty || text.hasPrefix(".") { text = "_" + text }
        // Names that only look alike by now have directories of their own.
        return text == name ? text : text + "-" + Self.checksum(name)
    }

    /// FNV-1a of 64 bits, in hexadecimal: short, and the same in every build.
    private static func checksum(_ text: String) -> String {
        let value = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return String(value, radix: 16)
    }

    func reportARN(executionID: String) -> String {
        let uuid = executionID.split(separator: ":").last.map(String.init) ?? executionID
        let base = arn.split(separator: ":", omittingEmptySubsequences: false).prefix(5).joined(
            separator: ":")
        return "\(base):report/\(name):\(uuid)"
    }
}
