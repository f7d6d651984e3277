/// A format that is read from elements as they come.
protocol XMLReport {
    /// The names that the first element may have.
    var roots: [String] { get }
    mutating func start(_ name: String, _ attributes: [String: String]) throws(ReportFailure)
    mutating func text(_ text: String)
    mutating func end(_ name: String)
}

extension XMLReport {
    mutating func text(_ text: String) {}
    mutating func end(_ name: String) {}
}

/// Reads a document as a report.
/// - Throws: ``ReportFailure`` when it is no XML, or its first element belongs to no such report.
func readXML<Report: XMLReport>(_ bytes: [UInt8], _ report: Report) throws(ReportFailure) -> Report {
    var report = report
    var events = XMLEvents(bytes)
    var hasRoot = false
    while let event = try events.next() {
        switch event {
        case .start(let name, let attributes):
            if !hasRoot, !report.roots.contains(name) {
                // The words of CodeBuild's own reader (behaviour reference, section 3.6).
                throw ReportFailure("expected element type <\(report.roots[0])> but have <\(name)>")
            }
            hasRoot = true
            try report.start(name, attributes)
        case .text(let text): report.text(text)
        case .end(let name): report.end(name)
        }
    }
    return report
}
