import Archiving

/// Why a template could not be packaged.
package struct TemplateError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The closed set of failures.
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// The template, or a nested one, cannot be read.
        case unreadable
        /// It is no template: not YAML or JSON, or not of a template's shape.
        case malformed
        /// A property names something local that is not there, or no path at all.
        case missingPath
        /// Templates name each other in a circle, or are nested too deeply.
        case endlessNesting
        /// What a property names cannot be packed.
        case unsuitable
        /// A file changed while it was being packed.
        case changed
        /// There can be no such store, or no such object: a bucket's name, metadata.
        case unusableStore
        /// The store refused, or could not be reached.
        case storeFailed
        /// A temporary file could not be written.
        case unwritable
        /// The task was cancelled.
        case cancelled
    }

    /// Which failure.
    package let code: Code
    /// Where and what: `template.yaml:14:16: CodeUri of Hello`.
    package let subject: String
    /// Why, in one clause.
    package let reason: String
    /// What to try.
    package let hint: String?

    /// Makes an error.
    package init(_ code: Code, _ subject: String, _ reason: String, hint: String? = nil) {
        self.code = code
        self.subject = subject
        self.reason = reason
        self.hint = hint
    }

    init(_ error: ArchivingError, _ subject: String) {
        let code: Code =
            switch error.code {
            case .changedWhileReading: .changed
            case .unwritable, .noSpace: .unwritable
            case .cancelled: .cancelled
            default: .unsuitable
            }
        let hint =
            switch error.code {
            // What is packaged is named by the template, and taken as a whole.
            case .unreadable: "make it readable for the user who packages"
            case .changedWhileReading: "package again when nothing writes there any more"
            case .limitExceeded: "let the template name a directory that holds only the code"
            default: error.hint
            }
        self.init(code, subject, error.description, hint: hint)
    }

    /// `<what>: <why>`.
    package var description: String { "\(subject): \(reason)" }
}
