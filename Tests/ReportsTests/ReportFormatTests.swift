import Reports
import Testing

@Suite struct ReportFormatTests {
    private static let junit = """
        <testsuites><testsuite name="s"><testcase name="a &amp; &#98;" classname="c" time="1,000.5"/>
        <testcase name="b"><failure message="first">second</failure><error message="worse"/></testcase>
        <testsuite name="inner"><testcase name="c"><skipped/></testcase></testsuite></testsuite></testsuites>
        """

    private static func cases(_ text: String, _ format: ReportFormat) throws -> [TestCase] {
        guard case .tests(let cases) = try format.read(Array(text.utf8)) else { return [] }
        return cases
    }

    @Test func `JUnit cases have names, suites, durations and the worst of their results`() throws {
        let cases = try Self.cases(Self.junit, .junitXML)
        #expect(cases.map(\.name) == ["a & b", "b", "c"])
        #expect(cases.map(\.testSuiteName) == ["s", "s", "inner"])
        #expect(cases.map(\.status) == [.succeeded, .error, .skipped])
        #expect(cases[0].durationInNanoSeconds == 1_000_500_000_000)
        #expect(cases[1].message == "worse")
    }

    @Test func `a file in UTF-16 is read`() throws {
        let units = Array("<testsuite><testcase name=\"ä\"/></testsuite>".utf16)
        var bytes: [UInt8] = [0xff, 0xfe]
        for unit in units { bytes += [UInt8(unit & 0xff), UInt8(unit >> 8)] }
        guard case .tests(let cases) = try ReportFormat.junitXML.read(bytes) else { return }
        #expect(cases.map(\.name) == ["ä"])
    }

    @Test(arguments: [
        "", "<testsuite>", "<testsuite><testcase></testsuite>", "<testsuite a=b/>",
        "<testsuite/><testsuite/>",
        "text<testsuite/>", "<testsuite>&unknown;</testsuite>", "<testsuite>&#xD800;</testsuite>",
        "<!DOCTYPE x [<!ENTITY y 'z'>]><testsuite/>", "<testsuite", "<testsuite a='", "<![CDATA[x]]>",
        "<!-- ",
    ])
    func `damaged XML is refused`(text: String) {
        #expect(throws: ReportFailure.self) { try ReportFormat.junitXML.read(Array(text.utf8)) }
    }

    @Test(arguments: ["", "[", "{\"a\":}", "[1,]", "\"\\u12\"", "[tru]", "{}", "[1] 2"])
    func `damaged JSON is refused`(text: String) {
        #expect(throws: ReportFailure.self) { try ReportFormat.simplecov.read(Array(text.utf8)) }
    }

    @Test func `deep documents are refused, not followed`() {
        let xml = String(repeating: "<testsuite>", count: 100_000)
        let json = String(repeating: "[", count: 100_000)
        #expect(throws: ReportFailure.self) { try ReportFormat.junitXML.read(Array(xml.utf8)) }
        #expect(throws: ReportFailure.self) { try ReportFormat.cucumberJSON.read(Array(json.utf8)) }
    }

    @Test(arguments: ReportFormat.allCases)
    func `no damage to a file traps a reader`(format: ReportFormat) {
        let huge = String(repeating: "9", count: 40)
        let samples = [
            Self.junit,
            "<coverage line-rate='1'><class filename='a'><lines><line hits='\(huge)' condition-coverage='5% (1/\(huge))'/>"
                + "</lines></class></coverage>",
            "<report><package name='p'><sourcefile name='f'><counter type='LINE' covered='9223372036854775807'/>"
                + "</sourcefile></package></report>",
            "[{\"elements\":[{\"name\":\"a\",\"steps\":[{\"result\":{\"status\":\"passed\",\"duration\":1e300}}]}]}]",
            "{\"a\":{\"coverage\":{\"f\":[1,null,0,\"\\ud83d\\ude00\"]}}}",
            "<TestRun><UnitTestResult testName='a' duration='99:99:1e308'/></TestRun>",
        ]
        var generator = SystemRandomNumberGenerator()
        for sample in samples {
            let bytes = Array(sample.utf8)
            for end in 0...bytes.count {
                _ = try? format.read(Array(bytes[..<end]))
                _ = ReportFormat.detect(bytes[..<end])
            }
            for _ in 0..<500 {
                var damaged = bytes
                for _ in 0..<3 {
                    damaged[Int.random(in: damaged.indices, using: &generator)] = .random(in: 0...255)
                }
                _ = try? format.read(damaged)
            }
        }
    }

    @Test func `a report lists the failed ones first when it cannot list all`() {
        let group = ReportGroupName(key: "unit", project: "p", arnPrefix: "arn:aws:codebuild:r:1")
        let text = (0..<600).map { "<testcase name='\($0)'>\($0 == 599 ? "<failure/>" : "")</testcase>" }
        guard
            let cases = try? Self.cases("<testsuite>\(text.joined())</testsuite>", .junitXML)
        else { return #expect(Bool(false)) }
        let report = ReportSummary(
            tests: TestTally(cases), group: group, executionID: "arn:aws:codebuild:r:1:build/p:uuid")
        #expect(report.testSummary?.total == 600)
        #expect(report.truncated)
        #expect(report.testCases?.count == 500)
        #expect(report.testCases?.first?.name == "599")
        #expect(report.status == "FAILED")
        #expect(report.reportGroupArn == "arn:aws:codebuild:r:1:report-group/p-unit")
        #expect(report.arn == "arn:aws:codebuild:r:1:report/p-unit:uuid")
    }

    @Test(arguments: ["../..", ".hidden", "a/b", "", "x\u{0}y", "ü"])
    func `a group's directory is one plain name`(key: String) {
        let group = ReportGroupName(
            key: "arn:aws:codebuild:r:1:report-group/" + key, project: "p", arnPrefix: "arn")
        #expect(!group.directoryName.isEmpty)
        #expect(!group.directoryName.contains("/"))
        #expect(!group.directoryName.hasPrefix("."))
        #expect(group.directoryName.utf8.allSatisfy { $0 > 32 && $0 < 127 })
    }
}
