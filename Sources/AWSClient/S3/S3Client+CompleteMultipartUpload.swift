import Crypto
import NIOHTTP1

extension S3Client {
    /// Puts the parts together (CompleteMultipartUpload).
    ///
    /// S3 may answer 200 and tell in the body that it failed, so the body decides. When an answer was lost and the
    /// repeated request finds no upload any more, the object itself tells whether the first one had worked.
    func complete(
        _ upload: MultipartUpload, _ parts: [UploadedPart]
    ) async throws(AWSError) -> StoredObject {
        let subject = context.subject("CompleteMultipartUpload \(upload.location)")
        let size = parts.reduce(0) { $0 + $1.length }
        let checksum = parts.reduce(CRC32()) { $0.followed(by: $1.crc32, length: $1.length) }
        do throws(AWSError) {
            let answer = try await located(upload.location.bucket) {
                (context, place) async throws(AWSError) in
                var request = request(upload, "POST", at: place)
                request.headers["Content-Type"] = "application/xml"
                request.headers["x-amz-checksum-crc32"] = checksum.base64
                request.headers["x-amz-checksum-type"] = "FULL_OBJECT"
                request.headers["x-amz-mp-object-size"] = String(size)
                request.body = .bytes(Array(Self.manifest(parts).utf8))
                return try await context.send(request, subject) { answer throws(AWSError) in
                    try Self.checkCompletion(answer, subject)
                }
            }
            let etag = XMLElement(document: answer.body)?.text("ETag")
            let encryption = "x-amz-server-side-encryption"
            let headers = answer.headers.contains(name: encryption) ? answer.headers : upload.headers
            return StoredObject(
                etag: etag, versionID: answer.headers.value("x-amz-version-id"), size: size,
                encryption: headers.value(encryption), kmsKeyID: headers.value(encryption + "-aws-kms-key-id")
            )
        } catch {
            guard error.isService("NoSuchUpload"),
                let stored = try? await headObject(
                    upload.location, expectedBucketOwner: upload.expectedBucketOwner),
                stored.size == size,
                stored.wholeCRC32 == checksum || stored.etag.flatMap(Self.bare) == Self.composedTag(parts)
            else { throw error }
            return StoredObject(
                etag: stored.etag, versionID: stored.versionID, size: size, encryption: stored.encryption,
                kmsKeyID: stored.kmsKeyID)
        }
    }

    private static func checkCompletion(_ answer: HTTPAnswer, _ subject: String) throws(AWSError) {
        guard let root = XMLElement(document: answer.body) else {
            throw AWSError(
                .transport(.connectionLost), subject, "the answer is cut short or no XML")
        }
        if root.name != "Error", root.text("ETag") != nil { return }
        var failure = ServiceFailure(answer)
        // An error without a code we know still is one, and S3's own advice is to try again.
        if failure.code.hasPrefix("HTTP") { failure = failure.with(code: "InternalError") }
        throw AWSError.service(failure, subject)
    }

    private static func manifest(_ parts: [UploadedPart]) -> String {
        let entries = parts.map { part in
            "<Part><PartNumber>\(part.number)</PartNumber><ETag>\(part.etag.xmlEscaped)</ETag>"
                + "<ChecksumCRC32>\(part.crc32.base64)</ChecksumCRC32></Part>"
        }
        return "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
            + entries.joined()
            + "</CompleteMultipartUpload>"
    }

    /// The entity tag that S3 makes of the parts' tags: places without checksums still tell by it whose parts they put
    /// together.
    private static func composedTag(_ parts: [UploadedPart]) -> String? {
        var hash = Insecure.MD5()
        for part in parts {
            guard let tag = bare(part.etag), let bytes = [UInt8](hexadecimal: tag) else { return nil }
            hash.update(data: bytes)
        }
        return hash.finalize().hexadecimal + "-\(parts.count)"
    }

    private static func bare(_ etag: String) -> String? {
        String(etag[...].trimmed(where: { $0 == "\"" }))
    }
}

extension ServiceFailure {
    fileprivate func with(code: String) -> ServiceFailure {
        ServiceFailure(
            code: code, message: message, status: status, requestID: requestID, serverDate: serverDate,
            retryAfter: retryAfter, bucketRegion: bucketRegion)
    }
}
