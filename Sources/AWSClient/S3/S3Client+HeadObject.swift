import NIOHTTP1

/// What S3 says of an object that is there.
package struct ObjectInfo: Sendable, Hashable {
    /// Bytes.
    package let size: Int64
    /// The entity tag with its quotes.
    package let etag: String?
    /// The version, in a bucket with versions.
    package let versionID: String?
    /// `Content-Type`.
    package let contentType: String?
    /// `x-amz-meta-` fields, names in lower case without that prefix.
    package let metadata: [String: String]
    /// `aws:kms` or `AES256`.
    package let encryption: String?
    /// The ARN of the KMS key in use.
    package let kmsKeyID: String?

    // Base64; ends with `-<parts>` when it is a checksum of checksums.
    let checksumSHA256: String?
    let checksumCRC32: String?

    /// The CRC-32 of all bytes, where S3 has one.
    ///
    /// A checksum of the parts' checksums ends with their number and is not one of four bytes.
    var wholeCRC32: CRC32? { checksumCRC32.flatMap(CRC32.init(base64:)) }

    /// The checksum when it is one of the bytes themselves: an object of parts has one of the parts' checksums, and its
    /// entity tag ends with their number.
    var wholeSHA256: String? { etag?.contains("-") == true ? nil : checksumSHA256 }

    init(_ headers: HTTPHeaders, size: Int64) {
        self.size = size
        etag = headers.value("etag")
        versionID = headers.value("x-amz-version-id")
        contentType = headers.value("content-type")
        encryption = headers.value("x-amz-server-side-encryption")
        kmsKeyID = headers.value("x-amz-server-side-encryption-aws-kms-key-id")
        checksumSHA256 = headers.value("x-amz-checksum-sha256")
        let isComposite = headers.value("x-amz-checksum-type") == "COMPOSITE"
        checksumCRC32 = isComposite ? nil : headers.value("x-amz-checksum-crc32")
        var metadata: [String: String] = [:]
        for (name, value) in headers {
            let lowered = name.lowercased()
            if lowered.hasPrefix("x-amz-meta-") { metadata[String(lowered.dropFirst(11))] = value }
        }
        self.metadata = metadata
    }
}

extension S3Client {
    /// Asks about an object.
    ///
    /// - Returns: nil when there is none. Without the permission to list the bucket S3 answers 403 instead, which is
    ///   thrown.
    /// - Throws: `AWSError`
    package func headObject(
        _ location: ObjectLocation, versionID: String? = nil, expectedBucketOwner: String? = nil
    ) async throws(AWSError) -> ObjectInfo? {
        let subject = context.subject("HeadObject \(location)")
        do throws(AWSError) {
            return try await located(location.bucket) { (context, place) async throws(AWSError) in
                var request = request("HEAD", location.bucket, key: location.key, at: place)
                if let versionID { request.query = [.init(name: "versionId", value: versionID)] }
                request.headers["x-amz-checksum-mode"] = "ENABLED"
                request.headers["x-amz-expected-bucket-owner"] = expectedBucketOwner
                let headers = try await context.send(request, subject).headers
                guard let size = headers.value("content-length").flatMap(Int64.init), size >= 0 else {
                    throw AWSError(.decoding, subject, "the answer has no Content-Length")
                }
                return ObjectInfo(headers, size: size)
            }
        } catch {
            if error.serviceFailure?.status == 404 { return nil }
            throw error
        }
    }
}
