extension OnFailure {
    /// How often a phase is retried when the value does not say.
    package static let defaultRetryCount = 3
    /// How often a phase can be retried.
    package static let retryCounts = 0...100

    /// Reads `ABORT`, `CONTINUE`, `RETRY`, `RETRY-<count>`, `RETRY-<regex>` or `RETRY-<count>-<regex>`, the
    /// keyword in any case (behaviour reference, section 1.6).
    ///
    /// Nil for anything else.
    package init?(parsing text: String) {
        switch text.lowercased() {
        case "abort": self = .abort
        case "continue": self = .continue
        case "retry": self = .retry(count: Self.defaultRetryCount, pattern: ".*")
        default:
            guard text.lowercased().hasPrefix("retry-") else { return nil }
            self.init(retryArguments: text.dropFirst("retry-".count))
        }
    }

    private init?(retryArguments arguments: Substring) {
        let digits = arguments.prefix { ("0"..."9").contains($0) }
        let rest = arguments[digits.endIndex...]
        if digits.isEmpty || !(rest.isEmpty || rest.hasPrefix("-")) {
            guard !arguments.isEmpty else { return nil }
            self = .retry(count: Self.defaultRetryCount, pattern: String(arguments))
            return
        }
        guard let count = Int(digits), Self.retryCounts.contains(count) else { return nil }
        guard rest.hasPrefix("-") else {
            self = .retry(count: count, pattern: ".*")
            return
        }
        let pattern = rest.dropFirst()
        guard !pattern.isEmpty else { return nil }
        self = .retry(count: count, pattern: String(pattern))
    }
}
