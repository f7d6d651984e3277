import AWSClient

extension ServiceFailure {
    /// Whether the same request may well be taken the next time: throttling, credentials that have just ended.
    var isPassing: Bool {
        code.contains("Throttl") || code.contains("Expired") || code == "RequestLimitExceeded"
            || code == "TooManyRequestsException" || code == "RequestTimeTooSkewed"
    }
}

extension AWSError {
    /// Whether asking again cannot help before somebody changes something.
    var isFinal: Bool {
        switch kind {
        case .configuration, .credentials, .invalidArgument: true
        case .service(let failure): (400..<500).contains(failure.status) && !failure.isPassing
        default: false
        }
    }
}
