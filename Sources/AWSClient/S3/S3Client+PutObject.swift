import NIOHTTP1

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
    /// The SHA-256 of the bytes is signed, and their CRC-32 checked and kept by S3. Up to 16 MiB are held in memory; of
    /// more bytes only a few at a time, and the file is read twice.
    ///
    /// - Parameters:
    ///   - slice: at most 5 GiB.
    ///   - location: where to.
    ///   - attributes: encryption, metadata, content type, permissions.
    /// - Returns: what S3 says of the object.
    /// - Throws: `AWSError`
    package func putObject(
        _ slice: FileSlice, to location: ObjectLocation, attributes: ObjectAttributes = ObjectAttributes()
    ) async throws(AWSError) -> StoredObject {
        guard (0...UploadPlan.largestPart).contains(slice.length) else {
            throw AWSError(
                .invalidArgument, context.subject("PutObject \(location)"),
                "one request takes 0 to 5 GiB, not \(slice.length) bytes")
        }
        if slice.length <= TransferSettings.largestLoadedPart {
            return try await put(try await slice.load(), to: location, attributes)
        }
        let digests = try await slice.digests()
        return try await put(
            .file(slice, sha256: digests.finishedSHA256), digests.crc32, to: location, attributes)
    }

    /// Stores a few bytes as one object.
    ///
    /// - Throws: `AWSError`
    package func putObject(
        _ bytes: [UInt8], to location: ObjectLocation, attributes: ObjectAttributes = ObjectAttributes()
    ) async throws(AWSError) -> StoredObject {
        try await put(LoadedBytes(bytes), to: location, attributes)
    }

    func put(
        _ bytes: LoadedBytes, to location: ObjectLocation, _ attributes: ObjectAttributes
    ) async throws(AWSError) -> StoredObject {
        try await put(.loaded(bytes), bytes.crc32, to: location, attributes)
    }

    private func put(
        _ body: RequestBody, _ checksum: CRC32, to location: ObjectLocation, _ attributes: ObjectAttributes
    ) async throws(AWSError) -> StoredObject {
        let subject = context.subject("PutObject \(location)")
        try attributes.check(subject)
        return try await located(location.bucket) { (context, place) async throws(AWSError) in
            var request = request("PUT", location.bucket, key: location.key, at: place)
            attributes.addCreationHeaders(to: &request.headers)
            checksum.addHeaders(to: &request.headers)
            request.body = body
            let answer = try await context.send(request, subject) { answer throws(AWSError) in
                try checksum.check(answer.headers, subject)
            }
            return StoredObject(answer.headers, size: body.length)
        }
    }
}

extension CRC32 {
    /// Has S3 compare the body with this checksum, and keep it.
    func addHeaders(to headers: inout HeaderFields) {
        headers["x-amz-sdk-checksum-algorithm"] = "CRC32"
        headers["x-amz-checksum-crc32"] = base64
    }

    /// Compares with what S3 says it has stored, if it says so.
    ///
    /// - Throws: `AWSError` (`integrity`), after which the same request is sent again.
    func check(_ headers: HTTPHeaders, _ subject: String) throws(AWSError) {
        guard let stored = headers.value("x-amz-checksum-crc32"), stored != base64 else { return }
        throw AWSError(
            .integrity, subject, "S3 stored bytes of another checksum (\(stored.prefix(16)), not \(base64))")
    }
}
