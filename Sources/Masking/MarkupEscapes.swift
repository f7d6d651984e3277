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

    /// With the names and numbers that writers use for quotes, line breaks and what is not ASCII.
    static func forms(of text: [UInt8]) -> [[UInt8]] {
        let allMarks: [[UInt8: String]] = [
            [0x26: "&amp;", 0x3C: "&lt;", 0x3E: "&gt;"], [0x26: "&amp;", 0x3C: "&lt;"],
        ]
        var forms: [[UInt8]] = []
        for marks in allMarks {
            for quote in quotes {
                let escaped = text.escaping { (marks[$0] ?? quote[$0]).map { Array($0.utf8) } }
                for space in spaces { forms.append(escaped.escaping { space[$0].map { Array($0.utf8) } }) }
            }
        }
        guard text.contains(where: { $0 >= 0x80 }) else { return forms }
        return forms
            + forms.flatMap { form in
                [
                    inASCII(form) { "&#\($0);" },
                    inASCII(form) { "&#x" + String($0, radix: 16, uppercase: true) + ";" },
                ]
            }
    }

    private static func inASCII(_ text: [UInt8], _ reference: (UInt32) -> String) -> [UInt8] {
        String(decoding: text, as: UTF8.self).unicodeScalars.flatMap { scalar in
            scalar.isASCII ? [UInt8(truncatingIfNeeded: scalar.value)] : Array(reference(scalar.value).utf8)
        }
    }
}
