import AWSClient

/// Why something asked of AWS was not done, in one of few words: for figures, which must not grow with what is said.
enum FailureReason: String, CaseIterable, Sendable {
    case credentials, configuration, denied, throttled, expired, refused, fault, unreachable
    case timedOut = "timed_out"
    case untrusted, invalid, cancelled

    /// The word for an error.
    init(_ error: AWSError) {
        switch error.kind {
        case .credentials: self = .credentials
        case .configuration, .invalidArgument, .file: self = .configuration
        case .decoding, .integrity: self = .invalid
        case .cancelled: self = .cancelled
        case .transport(.timedOut): self = .timedOut
        case .transport(.untrusted): self = .untrusted
        case .transport(.protocolViolation): self = .invalid
        case .transport: self = .unreachable
        case .service(let failure): self = Self.word(for: failure)
        }
    }

    private static func word(for failure: ServiceFailure) -> FailureReason {
        if failure.status >= 500 { return .fault }
        if failure.code.contains("Throttl") || failure.code == "TooManyRequestsException" {
            return .throttled
        }
        if failure.code.contains("Expired") { return .expired }
        let isDenied = ["AccessDenied", "UnrecognizedClient", "InvalidSignature", "MissingAuthentication"]
            .contains { failure.code.hasPrefix($0) }
        return isDenied || failure.status == 403 ? .denied : .refused
    }
}
