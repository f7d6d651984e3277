extension DiagnosticReport {
    /// The report as workflow commands of GitHub Actions, one a line: they become annotations of the files.
    ///
    /// Columns are counted from 1 and `endColumn` is the first one behind the place. GitHub takes columns only for
    /// a place on one line. Standard input is called `stdin`. Whatever is written in a file, a line holds one
    /// command.
    public func workflowCommands() -> [UInt8] {
        var commands: [UInt8] = []
        for file in files where !file.diagnostics.isEmpty {
            let secrets = file.secrets
            for diagnostic in file.diagnostics {
                commands += Self.command(for: secrets.blanked(diagnostic), of: file).utf8
            }
        }
        return commands
    }

    private static func command(for diagnostic: Diagnostic, of file: File) -> String {
        var properties = [("file", file.isStandardInput ? "stdin" : String(file.plainName))]
        if let range = diagnostic.range {
            properties += [("line", String(range.start.line)), ("endLine", String(range.end.line))]
            if range.start.line == range.end.line {
                properties += [("col", String(range.start.column)), ("endColumn", String(range.end.column))]
            }
        }
        properties.append(("title", diagnostic.code))
        let given = properties.map { "\($0.0)=\(escaped(property: $0.1))" }.joined(separator: ",")
        let data = message(of: diagnostic).map { escaped(data: $0) }.joined(separator: "%0A")
        return "::\(diagnostic.severity.workflowCommand) \(given)::\(data)\n"
    }

    /// The lines of an annotation.
    private static func message(of diagnostic: Diagnostic) -> [String] {
        let notes = diagnostic.notes.map { note in
            "note: " + note.message + (note.range.map { " (line \($0.start.line))" } ?? "")
        }
        return [diagnostic.message] + notes + (diagnostic.mend.map { ["mend: " + $0] } ?? [])
    }

    /// Text behind `::`, escaped as `escapeData` of actions/toolkit does it.
    private static func escaped(data text: String) -> String {
        replacing(text) { percentCode(of: $0) }
    }

    /// A property's value, escaped as `escapeProperty` of actions/toolkit does it.
    private static func escaped(property text: String) -> String {
        replacing(text) { scalar in
            switch scalar {
            case ":": "%3A"
            case ",": "%2C"
            default: percentCode(of: scalar)
            }
        }
    }

    /// What must not stand in any part of a command; what a terminal would obey is made visible.
    private static func percentCode(of scalar: Unicode.Scalar) -> String? {
        switch scalar {
        case "%": "%25"
        case "\r": "%0D"
        case "\n": "%0A"
        default: DisplayText.isHarmful(scalar) ? DisplayText.harmless(String(scalar)) : nil
        }
    }

    private static func replacing(_ text: String, _ replacement: (Unicode.Scalar) -> String?) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if let other = replacement(scalar) {
                result.append(contentsOf: other.unicodeScalars)
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }
}

extension Diagnostic.Severity {
    fileprivate var workflowCommand: String {
        switch self {
        case .error: "error"
        case .warning: "warning"
        case .note: "notice"
        }
    }
}
