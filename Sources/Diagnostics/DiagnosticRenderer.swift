/// Prints diagnostics as text: where, what, the source line with the place marked, further places, and the mend.
///
/// ```
/// buildspec.yml:6:9: error: Expected Commands[0] to be of string type: ... [BS204]
///    6 |       - echo "Tag: $TAG"
///      |         ^~~~~~~~~~~~~~~~
///   mend: quote the command: `- 'echo "Tag: $TAG"'`
/// ```
///
/// Nothing from the text reaches the terminal as a control sequence: control characters and characters that change the
/// direction of text are shown by their numbers. Secret values (``Diagnostic/secret``) are shown as `*`.
public struct DiagnosticRenderer: Sendable {
    /// Whether the output has colours.
    public enum Style: Sendable, Hashable, CaseIterable {
        case plain
        /// ANSI escape sequences of a terminal.
        case coloured
    }

    private let fileName: String
    private let text: [UInt8]
    private let style: Style

    /// Makes a renderer for the diagnostics of one text.
    ///
    /// - Parameters:
    ///   - fileName: what the text is called in the output.
    ///   - text: the text that the diagnostics' ranges are about; need not be valid UTF-8.
    ///   - style: whether the output has colours.
    public init(fileName: String, text: [UInt8], style: Style = .plain) {
        self.fileName = fileName
        self.text = text
        self.style = style
    }

    /// One diagnostic as lines of text, each ended by a line feed.
    ///
    /// Knows of no secrets but its own: diagnostics of one text belong into one call of `render(_:)`.
    public func render(_ diagnostic: Diagnostic) -> String {
        render([diagnostic])
    }

    /// Several diagnostics, one after the other; no secret that any of them knows of is shown by another.
    public func render(_ diagnostics: [Diagnostic]) -> String {
        let secrets = SecretPlaces(of: diagnostics, in: text)
        return diagnostics.map { render(secrets.blanked($0), hiding: secrets) }.joined()
    }

    private func render(_ diagnostic: Diagnostic, hiding secrets: SecretPlaces) -> String {
        var lines = [heading(diagnostic)]
        lines += excerpt(diagnostic.range, hiding: secrets, colour: diagnostic.severity.colour)
        for note in diagnostic.notes {
            lines.append(
                "  " + place(note.range) + paint("note:", .cyan) + " " + DisplayText.harmless(note.message))
            lines += excerpt(note.range, hiding: secrets, colour: .cyan)
        }
        if let mend = diagnostic.mend {
            lines.append("  " + paint("mend:", .green) + " " + DisplayText.harmless(mend))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func heading(_ diagnostic: Diagnostic) -> String {
        let severity = paint(diagnostic.severity.rawValue + ":", diagnostic.severity.colour)
        let message = paint(DisplayText.harmless(diagnostic.message), .bold)
        return "\(place(diagnostic.range))\(severity) \(message) [\(diagnostic.code)]"
    }

    private func place(_ range: SourceRange?) -> String {
        let name = DisplayText.harmless(fileName)
        guard let start = range?.start else { return paint("\(name):", .bold) + " " }
        return paint("\(name):\(start.line):\(start.column):", .bold) + " "
    }

    private func excerpt(_ range: SourceRange?, hiding secrets: SecretPlaces, colour: Colour) -> [String] {
        guard let range, let excerpt = SourceExcerpt(of: range, in: text, hiding: secrets) else { return [] }
        let number = String(range.start.line)
        let margin = String(repeating: " ", count: max(0, 5 - number.utf8.count)) + number
        let blank = String(repeating: " ", count: margin.utf8.count)
        let underline =
            String(repeating: " ", count: excerpt.indent)
            + paint("^" + String(repeating: "~", count: excerpt.length - 1), colour)
        return [
            "\(paint(margin + " |", .faint)) \(excerpt.line)", "\(paint(blank + " |", .faint)) \(underline)",
        ]
    }

    private func paint(_ text: String, _ colour: Colour) -> String {
        style == .plain ? text : "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m"
    }
}

/// Parameters of the terminal's "select graphic rendition" sequence (ECMA-48, section 8.3.117).
private enum Colour: String {
    case bold = "1"
    case faint = "2"
    case red = "1;31"
    case green = "32"
    case yellow = "1;33"
    case cyan = "36"
}

extension Diagnostic.Severity {
    fileprivate var colour: Colour {
        switch self {
        case .error: .red
        case .warning: .yellow
        case .note: .cyan
        }
    }
}
