package import SystemPackage

/// Why something asked of AWS was not done.
///
/// What a service refused is here too: for this room a refusal is a failure, and it is the caller who knows
/// whether, say, a missing key is one.
package struct AWSError: Error, Sendable, Hashable {
    /// What kind of failure it is, with its facts.
    package enum Kind: Sendable, Hashable {
        /// The configuration (environment, shared files, flags) is contradictory or incomplete.
        case configuration
        /// No credentials were found, or a configured source failed. One entry for each source tried, in order.
        case credentials([CredentialAttempt])
        /// The request could not be brought there, or the answer not back.
        case transport(TransportFailure)
        /// The service answered with an error.
        case service(ServiceFailure)
        /// The service's answer is not what its protocol promises.
        case decoding
        /// What arrived is not what was sent.
        case integrity
        /// An argument can not be sent (a bucket name, a key, a metadata value).
        case invalidArgument
        /// A local file could not be read or written.
        case file(FilePath, Errno?)
        /// The task was cancelled.
        case cancelled
    }

    /// What kind of failure it is, with its facts.
    package let kind: Kind
    /// What was being done, with the resource: `s3 PutObject s3://bucket/key`.
    package let subject: String
    /// Why it failed, one clause without the subject.
    ///
    /// Never contains a secret.
    package let reason: String
    /// What to try, where something is known.
    package let hint: String?

    init(_ kind: Kind, _ subject: String, _ reason: String, hint: String? = nil) {
        self.kind = kind
        self.subject = subject
        self.reason = reason
        self.hint = hint
    }
}

extension AWSError: CustomStringConvertible {
    /// `<subject>: <reason>`, one line.
    package var description: String { "\(subject): \(reason)" }
}

/// One credential source that was asked.
package struct CredentialAttempt: Sendable, Hashable {
    /// The source, in words: `environment variables`.
    package let source: String
    /// Why it gave nothing: `AWS_ACCESS_KEY_ID is not set`.
    package let reason: String
}

/// What went wrong between here and the service.
package enum TransportFailure: Sendable, Hashable {
    /// No connection: refused, unknown host, unreachable.
    case unreachable
    /// The connection was made but ended early.
    case connectionLost
    /// Connecting, sending or waiting took longer than allowed.
    case timedOut
    /// TLS: unknown certificate authority, wrong name.
    case untrusted
    /// The peer does not speak HTTP, or the proxy refused.
    case protocolViolation
}

/// An error a service answered with.
package struct ServiceFailure: Sendable, Hashable {
    /// The service's code without namespace, `AccessDeniedException`; `HTTP 500` where the answer had none.
    package let code: String
    /// The service's text; control characters are gone and at most 1,000 characters are kept.
    package let message: String
    /// The HTTP status.
    package let status: Int
    /// The service's name for the request, to be told to support.
    package let requestID: String?

    // What the retry loop and the region redirect need from the answer's header.
    var serverDate: Timestamp?
    var retryAfter: Duration?
    var bucketRegion: String?
}

extension AWSError {
    /// The service's answer, when it is a service that refused.
    package var serviceFailure: ServiceFailure? {
        if case .service(let failure) = kind { return failure }
        return nil
    }

    /// Whether the service answered with this code.
    package func isService(_ code: String) -> Bool { serviceFailure?.code == code }

    static func cancelled(_ subject: String) -> AWSError {
        AWSError(.cancelled, subject, "cancelled")
    }
}
