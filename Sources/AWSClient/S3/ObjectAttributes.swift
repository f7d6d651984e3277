import FoundationEssentials

/// How S3 keeps an object at rest.
package enum ObjectEncryption: Sendable, Hashable {
    /// No header is sent; the bucket's default applies.
    case bucketDefault
    /// SSE-S3.
    case aes256
    /// SSE-KMS with this key (id, ARN, or alias ARN; `alias/name` where the bucket is in the same account), or with the
    /// account's `aws/s3` key when nil.
    case kms(keyID: String?)
}

/// Permissions to grant with the object.
package enum CannedACL: String, Sendable, Hashable, CaseIterable {
    /// The uploading account alone.
    case `private`
    /// The bucket's owner may read.
    case bucketOwnerRead = "bucket-owner-read"
    /// The bucket's owner owns it in all but name.
    case bucketOwnerFullControl = "bucket-owner-full-control"
}

/// What an object carries besides its bytes.
package struct ObjectAttributes: Sendable, Hashable {
    /// How it is encrypted at rest.
    package var encryption: ObjectEncryption = .bucketDefault
    /// What the KMS key's use is bound to, beside the bucket; only with SSE-KMS.
    package var encryptionContext: [String: String] = [:]
    /// Whether S3 derives the object's key from one that it keeps for the bucket, which saves calls of KMS; nil leaves
    /// it to the bucket.
    package var usesBucketKey: Bool?
    /// `Content-Type`; S3 says `binary/octet-stream` where nil.
    package var contentType: String?
    /// `x-amz-meta-` fields, names without that prefix.
    package var metadata: [String: String] = [:]
    /// No header when nil.
    package var acl: CannedACL?
    /// The account that must own the bucket, so that nothing is sent to a bucket of a stranger.
    package var expectedBucketOwner: String?

    /// No attributes; set those that matter.
    package init() {}

    private var keyID: String? {
        if case .kms(let keyID) = encryption { keyID } else { nil }
    }

    /// Checks that the metadata can be sent as header fields.
    ///
    /// - Throws: `AWSError` (`invalidArgument`)
    func check(_ subject: String) throws(AWSError) {
        let texts = [contentType, expectedBucketOwner, keyID].compactMap(\.self)
        guard texts.allSatisfy({ $0.utf8.allSatisfy { (32...126).contains($0) } }) else {
            throw AWSError(
                .invalidArgument, subject, "a content type, owner or key is not printable ASCII")
        }
        for (name, value) in metadata {
            let nameIsToken =
                !name.isEmpty
                && name.utf8.allSatisfy { byte in
                    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                        || byte == 45 || byte == 95 || byte == 46
                }
            // S3 brings only ASCII back unharmed.
            guard nameIsToken, value.utf8.allSatisfy({ (32...126).contains($0) }) else {
                throw AWSError(
                    .invalidArgument, subject, "metadata \(name.debugDescription) is not printable ASCII")
            }
        }
    }

    /// Header fields of a request that creates an object.
    func addCreationHeaders(to headers: inout HeaderFields) {
        headers["Content-Type"] = contentType
        for (name, value) in metadata { headers["x-amz-meta-" + name.lowercased()] = value }
        headers["x-amz-acl"] = acl?.rawValue
        switch encryption {
        case .bucketDefault: break
        case .aes256: headers["x-amz-server-side-encryption"] = "AES256"
        case .kms(let keyID):
            headers["x-amz-server-side-encryption"] = "aws:kms"
            headers["x-amz-server-side-encryption-aws-kms-key-id"] = keyID
            if !encryptionContext.isEmpty {
                headers["x-amz-server-side-encryption-context"] = Self.json(encryptionContext).base64
            }
            headers["x-amz-server-side-encryption-bucket-key-enabled"] = usesBucketKey.map { String($0) }
        }
        addAccessHeaders(to: &headers)
    }

    /// A JSON object, keys in order.
    private static func json(_ pairs: [String: String]) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts can always be written.
        return (try? encoder.encode(pairs)).map(Array.init) ?? []
    }

    /// Header fields of every request about the object.
    func addAccessHeaders(to headers: inout HeaderFields) {
        headers["x-amz-expected-bucket-owner"] = expectedBucketOwner
    }
}
