/// The diagnostics of any number of texts, for encoding as one document.
public struct DiagnosticReport: Sendable, Hashable {
    /// One text and what there is to say about it.
    public struct File: Sendable, Hashable {
        /// The name as it was given; `-` is standard input.
        public var name: String
        /// The text that the diagnostics' ranges are about; need not be valid UTF-8.
        public var text: [UInt8]
        /// The diagnostics, in the order in which they are told.
        public var diagnostics: [Diagnostic]

        /// Puts together a name, a text and its diagnostics.
        public init(name: String, text: [UInt8], diagnostics: [Diagnostic]) {
            self.name = name
            self.text = text
            self.diagnostics = diagnostics
        }

        /// Whether the text came from standard input.
        var isStandardInput: Bool { name == "-" }

        /// The name without `./` before it, which services do not match with the files of a repository.
        var plainName: Substring {
            var name = name[...]
            while name.hasPrefix("./") { name = name.dropFirst(2).drop { $0 == "/" } }
            return name
        }

        /// Where the secrets of the text are.
        var secrets: SecretPlaces { SecretPlaces(of: diagnostics, in: text) }
    }

    /// The files, in the order in which they are told; a file without diagnostics adds nothing to any format.
    public var files: [File]

    /// Makes a report about these files.
    public init(_ files: [File] = []) {
        self.files = files
    }
}
