/// A SARIF `location` (section 3.28): a place in a file.
struct SARIFLocation {
    /// The file.
    var uri: String
    /// The place; nil is the file as a whole.
    var range: SourceRange?
    /// Number among the related locations of one result.
    var identifier: Int?
    /// What is to be said about the place.
    var message: String?

    /// Writes the object.
    func write(to json: inout JSONText) {
        json.object { json in
            if let identifier { json.member("id", identifier) }
            json.key("physicalLocation")
            json.object { json in
                json.key("artifactLocation")
                json.object { $0.member("uri", uri) }
                json.key("region")
                json.object { json in
                    json.member("startLine", range?.start.line ?? 1)
                    guard let range else { return }
                    json.member("startColumn", range.start.column)
                    json.member("endLine", range.end.line)
                    json.member("endColumn", range.end.column)
                }
            }
            if let message {
                json.key("message")
                json.object { $0.member("text", message) }
            }
        }
    }

    /// The name of a file as a URI reference (RFC 3986): `file:` for an absolute path, else a relative one.
    static func uri(of file: DiagnosticReport.File) -> String {
        if file.isStandardInput { return "stdin" }
        var path = file.plainName
        let isAbsolute = path.utf8.first == UInt8(ascii: "/")
        // Two slashes at the beginning would name a host.
        if isAbsolute { path = path.drop { $0 == "/" } }
        return (isAbsolute ? "file:///" : "") + percentEncoded(path)
    }

    private static func percentEncoded(_ path: Substring) -> String {
        var encoded = ""
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "-"),
                UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
            }
        }
        return encoded
    }
}
