/// One problem in a text that a person wrote: what, where, and how to mend it.
///
/// Parsers and rules make diagnostics; only a renderer prints them.
public struct Diagnostic: Sendable, Hashable {
    /// How much a problem matters.
    public enum Severity: String, Sendable, Hashable, CaseIterable, Comparable {
        /// CodeBuild would run the file; it could be better.
        case note
        /// CodeBuild would run the file, but probably not as its author means.
        case warning
        /// CodeBuild would refuse the file, or the part does nothing at all.
        case error

        /// `note` is less than `warning` is less than `error`.
        public static func < (left: Severity, right: Severity) -> Bool {
            left.rank < right.rank
        }

        private var rank: Int {
            switch self {
            case .note: 0
            case .warning: 1
            case .error: 2
            }
        }
    }

    /// A further place that explains the problem, such as the first of two equal keys.
    public struct Note: Sendable, Hashable {
        /// One line of text.
        public var message: String
        /// Where, when it is about a place.
        public var range: SourceRange?

        /// Makes a note about a place, or about the whole problem when `range` is nil.
        public init(_ message: String, at range: SourceRange? = nil) {
            self.message = message
            self.range = range
        }
    }

    /// Stable code: `BS1xx` syntax, `BS2xx` structure, `BS3xx` meaning, `BS4xx` shell, `BS5xx` hints.
    public var code: String
    /// How much it matters.
    public var severity: Severity
    /// What is wrong in one line, in the words of CodeBuild where it has words.
    public var message: String
    /// Where; nil when it is about the file as a whole.
    public var range: SourceRange?
    /// Further places.
    public var notes: [Note]
    /// What to write instead, or what to do.
    public var mend: String?
    /// The places of secret values in the text; renderers blank them wherever source text is shown.
    ///
    /// It counts for all diagnostics of the same text, not only for this one.
    public var secrets: [SourceRange]

    /// Makes a diagnostic.
    public init(
        _ severity: Severity, code: String, _ message: String, at range: SourceRange?,
        notes: [Note] = [], mend: String? = nil, secrets: [SourceRange] = []
    ) {
        self.code = code
        self.severity = severity
        self.message = message
        self.range = range
        self.notes = notes
        self.mend = mend
        self.secrets = secrets
    }
}
