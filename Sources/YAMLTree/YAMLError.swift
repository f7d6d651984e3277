package import Diagnostics

/// Why a text has no YAML tree.
package struct YAMLError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The closed set of reasons.
    package enum Code: Sendable, Hashable, CaseIterable {
        case encoding
        case controlCharacter
        case tooLarge
        case tooDeep
        case tooManyAliases
        case tooManyNodes
        case tooManyDirectives
        case syntax
        case unknownAnchor
        case recursiveAnchor
        case invalidMerge
    }

    /// Which reason.
    package let code: Code
    /// What is wrong, without its place, in the words of the Go YAML library where it has words.
    package let problem: String
    /// Where reading stopped.
    package let range: SourceRange
    /// What was being read there, such as "while parsing a block mapping", and where that began.
    package let context: Diagnostic.Note?

    init(_ code: Code, _ problem: String, at range: SourceRange, context: Diagnostic.Note? = nil) {
        self.code = code
        self.problem = problem
        self.range = range
        self.context = context
    }

    /// The refusal of a text for its length alone: nothing of it has been looked at, so it has no place but the beginning.
    package static func tooLarge(_ limits: YAMLLimits) -> YAMLError {
        let start = SourcePosition(line: 1, column: 1, offset: 0)
        return YAMLError(
            .tooLarge, "the text is larger than the limit of \(limits.bytes) bytes",
            at: SourceRange(start: start, end: start))
    }

    /// The problem and its line, as CodeBuild prints it (behaviour reference, section 3.6).
    package var description: String {
        "\(problem) at line \(range.start.line)"
    }

    /// What to try.
    package var hint: String? {
        switch code {
        case .encoding: "save the file as UTF-8"
        case .controlCharacter:
            "remove the character; in double quotes it can be written as an escape such as \\e"
        case .tooLarge, .tooManyNodes: "move long scripts into files of their own and call them"
        case .tooDeep: "nest less deeply"
        case .tooManyAliases: "write repeated values out, or anchor larger parts"
        case .tooManyDirectives: "write tags out instead of abbreviating them"
        case .unknownAnchor: "define the anchor with & before it is used; quote text that begins with *"
        case .recursiveAnchor: "an anchored value cannot contain itself"
        case .invalidMerge: "<< takes a map, or a list of maps"
        case .syntax: syntaxHint
        }
    }

    private var syntaxHint: String? {
        if problem.hasPrefix("mapping values are not allowed") {
            return "quote text that holds a colon followed by a blank; check the indentation of the line"
        }
        if problem.hasPrefix("found character that cannot start any token") {
            return "indent with spaces, never tabs; quote text that begins with @, ` or %"
        }
        if problem.contains("did not find expected key") || problem.contains("expected '-' indicator") {
            return "check the indentation of this line, and quotes and brackets before it"
        }
        if problem.contains("alphabetic or numeric") { return "quote text that begins with * or &" }
        if problem.contains("',' or") { return "close the bracket, or quote text that begins with [ or {" }
        return nil
    }

    /// The error as a diagnostic about the text.
    package var diagnostic: Diagnostic {
        // What is never closed is to be mended where it was opened, not where the text ends.
        if problem.hasPrefix("found unexpected end of stream"), let context, context.range != nil {
            return Diagnostic(
                diagnosticCode, description, at: context.range,
                notes: [Diagnostic.Note("the text ends here", at: range)],
                mend: "close the quote that is opened here")
        }
        return Diagnostic(
            diagnosticCode, description, at: range, notes: context.map { [$0] } ?? [], mend: hint)
    }

    private var diagnosticCode: DiagnosticCode {
        switch code {
        case .encoding: .notUTF8
        case .controlCharacter: .controlCharacter
        case .tooLarge: .textTooLarge
        case .tooDeep: .nestingTooDeep
        case .tooManyAliases: .tooManyAliases
        case .tooManyNodes: .tooManyNodes
        case .tooManyDirectives: .tooManyDirectives
        case .syntax: .invalidYAML
        case .unknownAnchor: .unknownAnchor
        case .recursiveAnchor: .recursiveAnchor
        case .invalidMerge: .invalidMerge
        }
    }
}
