package import Diagnostics

/// Why a project definition cannot be used.
package struct ProjectFailure: Error, Sendable, Hashable {
    /// What is wrong; never shows a value.
    package var message: String
    /// Where; nil when it is about the file as a whole, or about an option.
    package var range: SourceRange?
    /// What to try.
    package var hint: String?
    /// The file that the place is in, where that is not the project's own.
    package var file: String?

    /// Describes a failure.
    package init(_ message: String, at range: SourceRange? = nil, hint: String? = nil) {
        self.message = message
        self.range = range
        self.hint = hint
    }

    /// The same about another file.
    func of(_ file: String) -> ProjectFailure {
        var failure = self
        failure.file = file
        return failure
    }
}
