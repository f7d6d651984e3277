extension DiagnosticReport {
    /// The report as JSON: one array with one object a diagnostic, each in a line of its own.
    ///
    /// The keys and their order are `file` (the name as given), `line`, `column`, `endLine`, `endColumn`,
    /// `severity` (`error`, `warning`, `note`), `code`, `summary`, `message`, `mend` and `notes`; each note has
    /// `message`, `file` and the four numbers. Lines and columns are counted from 1, columns in Unicode scalars;
    /// the end is the first position behind the place. Numbers are null for a problem of the file as a whole,
    /// `mend` is null when there is none, and `summary` for codes that ``DiagnosticCode`` does not list.
    public func json() -> [UInt8] {
        var json = JSONText()
        json.array { json in
            var isEmpty = true
            for file in files where !file.diagnostics.isEmpty {
                let secrets = file.secrets
                for diagnostic in file.diagnostics {
                    json.breakLine(indent: 2)
                    Self.write(secrets.blanked(diagnostic), of: file, to: &json)
                    isEmpty = false
                }
            }
            if !isEmpty { json.endLine() }
        }
        return json.bytes + [UInt8(ascii: "\n")]
    }

    private static func write(_ diagnostic: Diagnostic, of file: File, to json: inout JSONText) {
        json.object { json in
            json.member("file", file.name)
            write(diagnostic.range, to: &json)
            json.member("severity", diagnostic.severity.rawValue)
            json.member("code", diagnostic.code)
            json.member("summary", DiagnosticCode(rawValue: diagnostic.code)?.summary)
            json.member("message", diagnostic.message)
            json.member("mend", diagnostic.mend)
            json.key("notes")
            json.array { json in
                for note in diagnostic.notes {
                    json.object { json in
                        json.member("message", note.message)
                        json.member("file", file.name)
                        write(note.range, to: &json)
                    }
                }
            }
        }
    }

    private static func write(_ range: SourceRange?, to json: inout JSONText) {
        json.member("line", range?.start.line)
        json.member("column", range?.start.column)
        json.member("endLine", range?.end.line)
        json.member("endColumn", range?.end.column)
    }
}
