/// The formats of report files, in CodeBuild's spelling (behaviour reference, section 1.7).
package enum ReportFormat: String, Sendable, Hashable, CaseIterable {
    case cucumberJSON = "CUCUMBERJSON"
    case junitXML = "JUNITXML"
    case nunitXML = "NUNITXML"
    case nunit3XML = "NUNIT3XML"
    case testNGXML = "TESTNGXML"
    case visualStudioTRX = "VISUALSTUDIOTRX"
    case cloverXML = "CLOVERXML"
    case coberturaXML = "COBERTURAXML"
    case jacocoXML = "JACOCOXML"
    case simplecov = "SIMPLECOV"

    /// Whether it tells what was covered, rather than which tests passed.
    package var isCoverage: Bool {
        switch self {
        case .cloverXML, .coberturaXML, .jacocoXML, .simplecov: true
        default: false
        }
    }
}

/// What a report file says.
package enum ReportContent: Sendable, Hashable {
    case tests([TestCase])
    case coverage([FileCoverage])
}

/// Why a report file cannot be used; the text has one line.
package struct ReportFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong with it.
    package let description: String

    init(_ description: String) { self.description = description }
}

extension ReportFormat {
    /// Files beyond this size, in bytes, are not read.
    package static let sizeLimit = 64 << 20

    /// Refuses a file that is larger than can be read.
    /// - Throws: ``ReportFailure``.
    package static func checkSize(_ bytes: [UInt8]) throws(ReportFailure) {
        guard bytes.count <= sizeLimit else {
            throw ReportFailure("the file is larger than \(sizeLimit) bytes")
        }
    }

    /// Reads a file of this format.
    /// - Throws: ``ReportFailure`` when it is damaged, or of another format.
    package func read(_ bytes: [UInt8]) throws(ReportFailure) -> ReportContent {
        try Self.checkSize(bytes)
        switch self {
        case .cucumberJSON: return .tests(try CucumberReport.read(bytes))
        case .junitXML: return .tests(try readXML(bytes, JUnitReport()).cases)
        case .nunitXML, .nunit3XML:
            return .tests(try readXML(bytes, NUnitReport(isVersion3: self == .nunit3XML)).cases)
        case .testNGXML: return .tests(try readXML(bytes, TestNGReport()).cases)
        case .visualStudioTRX: return .tests(try readXML(bytes, VisualStudioReport()).namedCases)
        case .cloverXML: return .coverage(try readXML(bytes, CloverReport()).files)
        case .coberturaXML: return .coverage(try readXML(bytes, CoberturaReport()).files.merged)
        case .jacocoXML: return .coverage(try readXML(bytes, JaCoCoReport()).files)
        case .simplecov: return .coverage(try SimpleCovReport.read(bytes))
        }
    }

    /// The format that a file seems to have: by its first element, or by what its JSON begins with.
    package static func detect(_ bytes: ArraySlice<UInt8>) -> ReportFormat? {
        guard let first = bytes.first(where: { $0 > 32 && $0 != 0xef && $0 != 0xbb && $0 != 0xbf }) else {
            return nil
        }
        if first == UInt8(ascii: "<") {
            var reader = XMLEvents(Array(bytes))
            while let event = try? reader.next() {
                if case .start(let name, let attributes) = event { return detect(name, attributes) }
            }
            return nil
        }
        let text = String(decoding: bytes.prefix(4096), as: UTF8.self)
        if first == UInt8(ascii: "["), text.contains("\"keyword\""), text.contains("\"elements\"") {
            return .cucumberJSON
        }
        return first == UInt8(ascii: "{") && text.contains("\"coverage\"") && text.contains("\"lines\"")
            ? .simplecov : nil
    }

    private static func detect(_ root: String, _ attributes: [String: String]) -> ReportFormat? {
        switch root {
        case "testsuite", "testsuites": .junitXML
        case "test-results": .nunitXML
        case "test-run": .nunit3XML
        case "testng-results": .testNGXML
        case "TestRun": .visualStudioTRX
        case "report": .jacocoXML
        case "coverage": attributes["line-rate"] == nil ? .cloverXML : .coberturaXML
        default: nil
        }
    }
}
