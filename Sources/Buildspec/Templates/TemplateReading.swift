import Diagnostics

/// Puts one diagnostic in the place of all those that a template's placeholders cause.
struct TemplateReading {
    private let placeholders: TemplatePlaceholders
    private let lines: Set<Int>
    /// The first placeholder that no finished buildspec would have; nil when the text is no template.
    private let sign: TemplatePlaceholders.Placeholder?

    /// Looks for signs of a template.
    ///
    /// - Parameters:
    ///   - text: the whole text.
    ///   - commands: where commands are written, in which `{{ }}` can be an argument of a tool; nil when the text has
    ///     no structure.
    init(of text: [UInt8], commands: [SourceRange]?) {
        let placeholders = TemplatePlaceholders(in: text)
        self.placeholders = placeholders
        lines = Set(placeholders.all.map(\.line))
        var commandLines: Set<Int> = []
        if !placeholders.all.isEmpty {
            for range in commands ?? [] {
                commandLines.formUnion(range.start.line...max(range.start.line, range.end.line))
            }
        }
        sign = placeholders.all.first { placeholder in
            switch placeholder.form {
            case .control, .percent, .foreignDollar: true
            case .braces: !commandLines.contains(placeholder.line) || placeholders.isVariable(placeholder)
            case .dollar: false
            }
        }
    }

    /// The diagnostics with those about placeholders replaced by one.
    func condense(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
        let about = diagnostics.filter(isAboutPlaceholder)
        guard let first = sign ?? placeholderInError(about) else { return diagnostics }
        let hasError = about.contains { $0.severity == .error }
        guard hasError || about.count > 1 else { return diagnostics }
        var rest = diagnostics.filter {
            !isAboutPlaceholder($0) && $0.code != DiagnosticCode.variableNeverSet.rawValue
        }
        let summary = diagnostic(at: first, isError: hasError)
        let index =
            rest.firstIndex { ($0.range?.start.offset ?? 0) > first.bytes.lowerBound } ?? rest.endIndex
        rest.insert(summary, at: index)
        return rest
    }

    /// The one diagnostic for a text that has no structure; nil when that is not because it is a template.
    func unreadable(because error: Diagnostic) -> Diagnostic? {
        let line = error.range?.start.line ?? 0
        let onLine = placeholders.all.first { $0.line == line }
        guard let first = sign ?? onLine, onLine != nil || first.form != .foreignDollar else { return nil }
        var diagnostic = diagnostic(at: first, isError: true)
        diagnostic.notes.append(Diagnostic.Note(error.message, at: error.range))
        return diagnostic
    }

    private func isAboutPlaceholder(_ diagnostic: Diagnostic) -> Bool {
        guard let range = diagnostic.range, diagnostic.code != DiagnosticCode.secretInPlainText.rawValue
        else {
            return false
        }
        // A command that YAML takes for a map is wrong whatever is filled in, unless the braces are the map.
        if diagnostic.code == DiagnosticCode.commandNotText.rawValue {
            return placeholders.all.contains { $0.bytes.lowerBound == range.start.offset }
        }
        return lines.contains(range.start.line)
    }

    /// Without a sign: the placeholder of the first error, when it is the whole value or when there are several errors.
    private func placeholderInError(_ about: [Diagnostic]) -> TemplatePlaceholders.Placeholder? {
        let errors = about.filter { $0.severity == .error }
        guard let range = errors.first?.range else { return nil }
        let first = placeholders.all.first { $0.line == range.start.line }
        let isWhole = first.map { range.end.offset - range.start.offset <= $0.bytes.count + 2 } ?? false
        return isWhole || errors.count > 1 ? first : nil
    }

    private func diagnostic(at placeholder: TemplatePlaceholders.Placeholder, isError: Bool) -> Diagnostic {
        let count = lines.count
        let others = count == 1 ? "" : " (\(count) lines have placeholders)"
        return Diagnostic(
            isError ? .unrenderedTemplate : .templatePlaceholders,
            "the file is a template: `\(placeholders.text(of: placeholder))` must be filled in first\(others)",
            at: placeholders.range(of: placeholder),
            mend: "check what the template engine makes of it: `… | buildspec validate -`")
    }
}

extension TemplatePlaceholders {
    /// Where a placeholder is written.
    func range(of placeholder: Placeholder) -> SourceRange {
        let bytes = placeholder.bytes
        var lineStart = bytes.lowerBound
        while lineStart > 0, text[lineStart - 1] != 0x0A, text[lineStart - 1] != 0x0D { lineStart -= 1 }
        let column = text[lineStart..<bytes.lowerBound].count { $0 & 0xC0 != 0x80 } + 1
        let length = text[bytes].count { $0 & 0xC0 != 0x80 }
        return SourceRange(
            start: SourcePosition(line: placeholder.line, column: column, offset: bytes.lowerBound),
            end: SourcePosition(line: placeholder.line, column: column + length, offset: bytes.upperBound))
    }
}
