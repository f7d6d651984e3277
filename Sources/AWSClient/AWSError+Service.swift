extension AWSError {
    /// The error for what a service answered, with advice where the code is a well-known one.
    static func service(_ failure: ServiceFailure, _ subject: String) -> AWSError {
        var reason = failure.code
        if !failure.message.isEmpty { reason += ": " + failure.message }
        // Without a code the status stands in its place.
        let status = failure.code == "HTTP \(failure.status)" ? nil : "HTTP \(failure.status)"
        let facts = [status, failure.requestID.map { "request \($0)" }].compactMap(\.self)
        if !facts.isEmpty { reason += " (\(facts.joined(separator: ", ")))" }
        let isRole = failure.code == "AccessDenied" && subject.hasPrefix("sts AssumeRole")
        return AWSError(
            .service(failure), subject, reason, hint: isRole ? roleDenied : advice[failure.code])
    }
}

private let roleDenied =
    "the role's trust policy must allow who asks, and without a web identity who asks needs sts:AssumeRole on the role"

private let denied =
    "the role or user needs this action on this resource; a KMS key's own policy must allow it too"
private let expired = "get new credentials; temporary ones end after a while"

private let damaged = "bytes change on their way there: a proxy or the network damages them"

private let advice: [String: String] = [
    "AccessDenied": denied,
    "AccessDeniedException": denied,
    "KMS.DisabledException": "enable the KMS key, or name another",
    "DisabledException": "enable the KMS key, or name another",
    "NotFoundException": "check the key's name, account and region; an alias begins with alias/",
    "KMS.NotFoundException": "check the key's name, account and region; an alias begins with alias/",
    "ExpiredToken": expired,
    "ExpiredTokenException": expired,
    "InvalidAccessKeyId": "check AWS_ACCESS_KEY_ID or the profile's keys",
    "InvalidClientTokenId": "check AWS_ACCESS_KEY_ID or the profile's keys, and that the region is right",
    "UnrecognizedClientException":
        "check AWS_ACCESS_KEY_ID or the profile's keys, and that the region is right",
    "NoSuchBucket": "check the bucket's name; it must exist before",
    "RequestTimeTooSkewed": "set this machine's clock",
    "XAmzContentSHA256Mismatch": damaged,
    "BadDigest": damaged,
    "SignatureDoesNotMatch": "check the secret access key; a blank or a cut-off character is enough",
]
