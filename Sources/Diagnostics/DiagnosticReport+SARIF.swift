extension DiagnosticReport {
    /// What a SARIF document says about the run that made it.
    public struct SARIFRun: Sendable, Hashable {
        /// The version of this tool.
        public var toolVersion: String
        /// The address of the tool's home page, if it has one.
        public var informationURI: String?
        /// Whether the tool could do its part: read every file it was asked to check.
        public var isSuccessful: Bool

        /// Describes a run.
        public init(toolVersion: String, informationURI: String? = nil, isSuccessful: Bool = true) {
            self.toolVersion = toolVersion
            self.informationURI = informationURI
            self.isSuccessful = isSuccessful
        }
    }

    /// The report as a SARIF 2.1.0 document with one run, as GitHub code scanning takes it.
    ///
    /// Lines and columns are counted from 1, columns in Unicode scalars (`unicodeCodePoints`); `endColumn` is the
    /// first one behind the place (SARIF 2.1.0, section 3.30.8). A problem of the file as a whole is placed on
    /// line 1, because code scanning shows nothing without a line. Relative names are relative to the root of the
    /// repository.
    public func sarif(_ run: SARIFRun) -> [UInt8] {
        let rules = SARIFRules(files)
        var json = JSONText()
        json.object { json in
            json.member("$schema", Self.sarifSchema)
            json.member("version", "2.1.0")
            json.key("runs")
            json.array { json in
                json.object { json in
                    json.key("tool")
                    json.object { rules.writeDriver(run, to: &$0) }
                    json.key("invocations")
                    json.array { $0.object { $0.member("executionSuccessful", run.isSuccessful) } }
                    json.member("columnKind", "unicodeCodePoints")
                    json.key("results")
                    json.array { json in
                        for file in files where !file.diagnostics.isEmpty {
                            Self.writeResults(file, rules, to: &json)
                        }
                    }
                }
            }
        }
        return json.bytes + [UInt8(ascii: "\n")]
    }

    private static let sarifSchema =
        "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

    private static func writeResults(_ file: File, _ rules: SARIFRules, to json: inout JSONText) {
        let secrets = file.secrets
        let uri = SARIFLocation.uri(of: file)
        var fingerprints = LineFingerprints(text: file.text, secrets: secrets)
        for diagnostic in file.diagnostics {
            let fingerprint = fingerprints.next(for: diagnostic)
            let shown = secrets.blanked(diagnostic)
            json.breakLine()
            json.object { json in
                json.member("ruleId", shown.code)
                json.member("ruleIndex", rules.index(of: shown.code))
                json.member("level", shown.severity.rawValue)
                json.key("message")
                json.object { $0.member("text", message(of: shown)) }
                json.key("locations")
                json.array { SARIFLocation(uri: uri, range: shown.range).write(to: &$0) }
                writeRelatedLocations(shown.notes, uri, to: &json)
                json.key("partialFingerprints")
                json.object { $0.member("codeAndLine/v1", fingerprint) }
            }
        }
    }

    private static func writeRelatedLocations(
        _ notes: [Diagnostic.Note], _ uri: String, to json: inout JSONText
    ) {
        let placed = notes.filter { $0.range != nil }
        guard !placed.isEmpty else { return }
        json.key("relatedLocations")
        json.array { json in
            for (index, note) in placed.enumerated() {
                SARIFLocation(
                    uri: uri, range: note.range, identifier: index + 1, message: plain(note.message)
                )
                .write(to: &json)
            }
        }
    }

    /// Message, notes without a place, and mend, each in a line.
    private static func message(of diagnostic: Diagnostic) -> String {
        var lines = [diagnostic.message]
        lines += diagnostic.notes.filter { $0.range == nil }.map { "note: " + $0.message }
        if let mend = diagnostic.mend { lines.append("mend: " + mend) }
        return plain(lines.joined(separator: "\n"))
    }

    /// Text in which no viewer sees a link that a file's author has smuggled in (SARIF 2.1.0, section 3.11.6).
    private static func plain(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar == "(", result.last == "]" { result.append(" ") }
            result.append(scalar)
        }
        return String(result)
    }
}
