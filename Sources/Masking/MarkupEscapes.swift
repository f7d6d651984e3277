/// A text as it stands in XML and HTML, for instance in the reports of tests.
enum MarkupEscapes {
    private static let quotes: [[UInt8: String]] = [
        [:], [0x22: "&quot;"], [0x22: "&quot;", 0x27: "&apos;"], [0x22: "&quot;", 0x27: "&#39;"],
        [0x22: "&quot;", 0x27: "&#x27;"], [0x22: "&#34;", 0x27: "&#39;"], [0x22: "&#x22;", 0x27: "&#x27;"],
        [0x22: "&quot;", 0x27: "&#039;"],
    ]
    private static let spaces: [[UInt8: String]] = [
        [:], [0x09: "&#9;", 0x0A: "&#10;", 0x0D: "&#13;"], [0x09: "&#x9;", 0x0A: "&#xA;", 0x0D: "&#xD;"],
        [0x0D: "&#13;"], [0x0D: "&#xD;"], [0x0A: "&#10;"], [0x0A: "&#xA;"],
    ]

    /// With the names and numbers that writers of XML use for quotes and line breaks.
    static func forms(of text: [UInt8]) -> [[UInt8]] {
        var forms: [[UInt8]] = []
        for marks in [[0x26: "&amp;", 0x3C: "&lt;", 0x3E: "&gt;"], [0x26: "&amp;", 0x3C: "&lt;"]]
            as [[UInt8: String]]
        {
            for quote in quotes {
                let escaped = text.escaping { (marks[$0] ?? quote[$0]).map { Array($0.utf8) } }
                for space in spaces { forms.append(escaped.escaping { space[$0].map { Array($0.utf8) } }) }
            }
        }
        return forms
    }
}
