extension AWSError {
    /// Whether the same request may succeed later: the service was busy, or could not be reached.
    package var mayPass: Bool {
        switch RetryPolicy.verdict(self) {
        case .final: false
        case .transient, .timeout, .throttled, .expired: true
        case .skewed: false
        }
    }
}
