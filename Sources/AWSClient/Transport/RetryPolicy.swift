/// How often and how soon a failed request is tried again: the "standard" mode of the AWS SDKs.
package struct RetryPolicy: Sendable, Hashable {
    /// Tries in all, the first one included.
    package var maximumAttempts: Int
    /// The longest pause.
    package var longestDelay: Duration
    /// What the pauses grow from: the first one is at most this long.
    package var firstDelay: Duration

    /// Tries in all where nobody answers: a wrong address or a missing network does not become right by waiting long.
    static let unreachableAttempts = 3

    /// Ten tries, pauses of at most 20 seconds, unless told otherwise.
    package init(
        maximumAttempts: Int = 10, longestDelay: Duration = .seconds(20), firstDelay: Duration = .seconds(1)
    ) {
        self.maximumAttempts = maximumAttempts
        self.longestDelay = longestDelay
        self.firstDelay = firstDelay
    }

    /// Tries in all for this kind of failure.
    func attempts(after error: AWSError) -> Int {
        error.kind == .transport(.unreachable)
            ? min(maximumAttempts, Self.unreachableAttempts) : maximumAttempts
    }

    /// The pause after the given failed attempt (from 1): exponential with full jitter, and no shorter than what the
    /// service asked for, as long as that is no longer than the longest pause.
    func delay(after attempt: Int, asked: Duration?, random: Double) -> Duration {
        let ceiling = min(longestDelay, firstDelay * (1 << min(max(attempt - 1, 0), 20)))
        let jittered = ceiling * random
        guard let asked else { return jittered }
        return max(jittered, min(asked, longestDelay))
    }

    /// What a failure means for the next attempt.
    enum Verdict: Equatable {
        case final
        case transient
        case timeout
        case throttled
        /// The clocks differ: correct ours, then try again.
        case skewed
        /// The credentials ended: fetch new ones, then try again.
        case expired
    }

    static func verdict(_ error: AWSError) -> Verdict {
        switch error.kind {
        case .transport(.timedOut): .timeout
        case .transport(.unreachable), .transport(.connectionLost): .transient
        // Bytes were damaged on the way; those that are sent again are the right ones.
        case .integrity: .transient
        case .service(let failure): verdict(failure)
        default: .final
        }
    }

    private static func verdict(_ failure: ServiceFailure) -> Verdict {
        if throttlingCodes.contains(failure.code) || failure.status == 429 { return .throttled }
        if expiredCodes.contains(failure.code) { return .expired }
        if skewCodes.contains(failure.code) { return .skewed }
        if [500, 502, 503, 504].contains(failure.status) { return .transient }
        return transientCodes.contains(failure.code) ? .transient : .final
    }

    private static let throttlingCodes: Set = [
        "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException",
        "RequestThrottled",
        "TooManyRequestsException", "ProvisionedThroughputExceededException", "RequestLimitExceeded",
        "BandwidthLimitExceeded", "LimitExceededException", "SlowDown", "PriorRequestNotComplete",
        "EC2ThrottledException", "TransactionInProgressException",
    ]
    private static let transientCodes: Set = [
        "RequestTimeout", "RequestTimeoutException", "InternalError", "InternalFailure", "ServiceUnavailable",
        "IDPCommunicationError",
        // S3 received other bytes than were signed. They were read and hashed before, so the way damaged them.
        "BadDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch", "IncompleteBody",
        "OperationAborted",
    ]
    private static let skewCodes: Set = [
        "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture", "InvalidSignatureException",
        "SignatureDoesNotMatch", "AuthFailure",
    ]
    private static let expiredCodes: Set = ["ExpiredToken", "ExpiredTokenException"]
}
