/// What S3 says of an object it has stored.
package struct StoredObject: Sendable, Hashable {
    /// The entity tag with its quotes; not an MD5 of anything when KMS or parts are involved.
    package let etag: String?
    /// The version, in a bucket with versions.
    package let versionID: String?
    /// Bytes.
    package let size: Int64
    /// `aws:kms` or `AES256`, as the service says it encrypted the object.
    package let encryption: String?
    /// The ARN of the KMS key in use.
    package let kmsKeyID: String?
}

extension S3Client {
    /// Stores bytes of a file as one object, in one request.
    ///
    /// The SHA-256 of the bytes is signed and checked by S3.
    ///
    /// - Parameters:
    ///   - slice: at most 5 GiB.
    ///   - location: where to.
    ///   - attributes: encryption, metadata, content type, permissions.
    ///   - sha256: of the slice, when known already; else the file is read twice.
    /// - Returns: what S3 says of the object.
    /// - Throws: `AWSError`
    package func putObject(
        _ slice: FileSlice, to location: ObjectLocation, attributes: ObjectAttributes = ObjectAttributes(),
        sha256: [UInt8]? = nil
    ) async throws(AWSError) -> StoredObject {
        guard (0...UploadPlan.largestPart).contains(slice.length) else {
            throw AWSError(
                .invalidArgument, context.subject("PutObject \(location)"),
                "one request takes 0 to 5 GiB, not \(slice.length) bytes")
        }
        let digest: [UInt8] = if let sha256 { sha256 } else { try await slice.sha256() }
        return try await put(.file(slice, sha256: digest), digest, to: location, attributes)
    }

    /// Stores a few bytes as one object.
    ///
    /// - Throws: `AWSError`
    package func putObject(
        _ bytes: [UInt8], to location: ObjectLocation, attributes: ObjectAttributes = ObjectAttributes()
    ) async throws(AWSError) -> StoredObject {
        try await put(.bytes(bytes), bytes.sha256, to: location, attributes)
    }

    private func put(
        _ body: RequestBody, _ sha256: [UInt8], to location: ObjectLocation, _ attributes: ObjectAttributes
    ) async throws(AWSError) -> StoredObject {
        let subject = context.subject("PutObject \(location)")
        try attributes.check(subject)
        return try await located(location.bucket) { (context, place) async throws(AWSError) in
            var request = request("PUT", location.bucket, key: location.key, at: place)
            attributes.addCreationHeaders(to: &request.headers)
            request.headers["x-amz-checksum-sha256"] = sha256.base64
            request.body = body
            let answer = try await context.send(request, subject)
            return StoredObject(answer.headers, size: body.length)
        }
    }
}
