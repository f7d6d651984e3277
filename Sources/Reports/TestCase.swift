/// `TestCase` of the API (behaviour reference, section 8.1).
package struct TestCase: Sendable, Hashable, Codable {
    /// How a test ended.
    package enum Status: String, Sendable, Hashable, Codable, CaseIterable {
        case succeeded = "SUCCEEDED"
        case failed = "FAILED"
        case error = "ERROR"
        case skipped = "SKIPPED"
        case unknown = "UNKNOWN"
    }

    /// The test's name; in a report at most 1,000 characters.
    package var name: String
    /// What the framework groups it by: a class, a feature.
    package var prefix: String
    /// The suite's name.
    package var testSuiteName: String
    /// How it ended.
    package var status: Status
    /// How long it took, in nanoseconds.
    package var durationInNanoSeconds: Int64
    /// What it said; in a report at most 5,000 characters.
    package var message: String
    /// The file it came from.
    package var testRawDataPath = ""

    init(
        name: String, prefix: String = "", suite: String = "", status: Status = .succeeded,
        duration: Int64 = 0, message: String = ""
    ) {
        self.name = name
        self.prefix = prefix
        testSuiteName = suite
        self.status = status
        durationInNanoSeconds = duration
        self.message = message
    }

    /// The case as a report lists it; whoever hides something in it does so before, so that no part of that is left.
    var shortened: TestCase {
        var short = self
        short.name = String(name.prefix(1_000))
        short.prefix = String(prefix.prefix(1_000))
        short.testSuiteName = String(testSuiteName.prefix(1_000))
        short.message = String(message.prefix(5_000))
        return short
    }
}

/// `CodeCoverage` of the API: what of a file was covered.
package struct FileCoverage: Sendable, Hashable, Codable {
    /// The file's path as the report has it.
    package var filePath: String
    /// Lines that ran.
    package var linesCovered = 0
    /// Lines that did not.
    package var linesMissed = 0
    /// Branches that were taken.
    package var branchesCovered = 0
    /// Branches that were not.
    package var branchesMissed = 0

    init(filePath: String) { self.filePath = filePath }

    static func + (left: FileCoverage, right: FileCoverage) -> FileCoverage {
        var sum = left
        sum.linesCovered = clampedSum(left.linesCovered, right.linesCovered)
        sum.linesMissed = clampedSum(left.linesMissed, right.linesMissed)
        sum.branchesCovered = clampedSum(left.branchesCovered, right.branchesCovered)
        sum.branchesMissed = clampedSum(left.branchesMissed, right.branchesMissed)
        return sum
    }
}

extension [FileCoverage] {
    /// One entry a file, in the order of their first mention.
    var merged: [FileCoverage] {
        var places: [String: Int] = [:]
        var result: [FileCoverage] = []
        for file in self {
            if let place = places[file.filePath] {
                result[place] = result[place] + file
            } else {
                places[file.filePath] = result.count
                result.append(file)
            }
        }
        return result
    }
}

/// Report files may hold any number: sums stop at the largest.
func clampedSum<Number: FixedWidthInteger>(_ left: Number, _ right: Number) -> Number {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : sum
}
