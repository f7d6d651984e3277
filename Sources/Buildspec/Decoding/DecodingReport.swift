import Diagnostics
import YAMLTree

/// Collects the complaints about one text while it is decoded.
///
/// Lives on one call's stack.
final class DecodingReport {
    /// More complaints than this help nobody; errors and the rest are counted apart.
    private static let limit = 200
    /// Characters of a message or a mend; what is written in the file may be as long as the file.
    private static let longestMessage = 600
    /// Bytes that are worth quoting.
    private static let longestQuote = 400

    /// The text, for quoting from it.
    let text: [UInt8]
    /// The version of the file, once it is known.
    var version = Buildspec.Version.v0_2

    private var errors: [Diagnostic] = []
    private var others: [Diagnostic] = []
    private var leftOut = 0

    init(text: [UInt8]) {
        self.text = text
    }

    /// Whether the text is refused.
    var hasErrors: Bool { !errors.isEmpty }

    /// Whether a complaint of that kind would still be kept.
    func hasRoom(for code: DiagnosticCode) -> Bool {
        (code.severity == .error ? errors : others).count < Self.limit
    }

    /// Counts a complaint without keeping it.
    func leaveOut() {
        leftOut += 1
    }

    /// Adds a complaint.
    func add(
        _ code: DiagnosticCode, _ message: @autoclosure () -> String, at range: SourceRange?,
        notes: [Diagnostic.Note] = [], mend: @autoclosure () -> String? = nil
    ) {
        guard hasRoom(for: code) else { return leaveOut() }
        let diagnostic = Diagnostic(
            code, Self.presentable(message()), at: range, notes: notes, mend: mend().map(Self.presentable))
        if code.severity == .error { errors.append(diagnostic) } else { others.append(diagnostic) }
    }

    /// Adds a complaint that somebody else has put into words.
    func add(_ diagnostic: Diagnostic) {
        var diagnostic = diagnostic
        diagnostic.message = Self.presentable(diagnostic.message)
        diagnostic.mend = diagnostic.mend.map(Self.presentable)
        if diagnostic.severity == .error { errors.append(diagnostic) } else { others.append(diagnostic) }
    }

    /// Complains that a value is of another kind than the key takes.
    func addWrongKind(_ node: YAMLNode, path: String, expected: String, mend: String? = nil) {
        add(
            .wrongKind,
            "Expected \(path) to be \(expected): found \(node.kindInWords) at line \(node.useRange.start.line)",
            at: node.useRange, mend: mend)
    }

    /// All complaints in the order of their places.
    var diagnostics: [Diagnostic] {
        var all = (errors + others).enumerated().sorted { left, right in
            let leftOffset = left.element.range?.start.offset ?? 0
            let rightOffset = right.element.range?.start.offset ?? 0
            return (leftOffset, left.offset) < (rightOffset, right.offset)
        }.map(\.element)
        if leftOut > 0 {
            all.append(Diagnostic(.furtherProblems, "\(leftOut) further problems are not listed", at: nil))
        }
        return all
    }

    /// The text of a range, when it lies on one line and is of a length to read.
    func quote(_ range: SourceRange) -> String? {
        let start = range.start.offset
        let end = range.end.offset
        guard start < end, start >= 0, end <= text.count, end - start <= Self.longestQuote,
            range.start.line == range.end.line
        else { return nil }
        return String(decoding: text[start..<end], as: UTF8.self)
    }

    /// A text for a message: of a length to read, and without credentials.
    private static func presentable(_ text: String) -> String {
        let head = text.unicodeScalars.prefix(longestMessage)
        return SecretShape.masked(head.endIndex == text.endIndex ? text : String(head) + "…")
    }
}
