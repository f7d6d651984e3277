import NIOHTTP1

/// A multipart upload that S3 knows of.
struct MultipartUpload: Sendable {
    let location: ObjectLocation
    let id: String
    let subject: String
    let expectedBucketOwner: String?
    /// What S3 said of the encryption when the upload began.
    let headers: HTTPHeaders
    /// What remembers it while it is under way, in case this process is killed.
    var record: UploadJournal.Record?
    /// Uploads of the same key that may have been begun by requests of ours whose answers were lost.
    var strays: [String] = []
}

/// A part that S3 has.
struct UploadedPart: Sendable, Hashable {
    let number: Int
    let etag: String
    let crc32: CRC32
    let length: Int64
}

extension S3Client {
    /// Begins an upload (CreateMultipartUpload).
    ///
    /// The request runs to its end even when this task is cancelled: otherwise S3 might begin an upload whose id nobody
    /// knows, and nobody could abort it.
    func begin(
        _ location: ObjectLocation, _ attributes: ObjectAttributes
    ) async throws(AWSError) -> MultipartUpload {
        let subject = context.subject("CreateMultipartUpload \(location)")
        if Task.isCancelled { throw AWSError.cancelled(subject) }
        let creation = Task.detached { () -> Result<MultipartUpload, AWSError> in
            do throws(AWSError) {
                return .success(try await create(location, attributes, subject))
            } catch {
                return .failure(error)
            }
        }
        return try await creation.value.get()
    }

    private func create(
        _ location: ObjectLocation, _ attributes: ObjectAttributes, _ subject: String
    ) async throws(AWSError) -> MultipartUpload {
        var failures = 0
        let answer = try await located(location.bucket) { (context, place) async throws(AWSError) in
            var request = request("POST", location.bucket, key: location.key, at: place)
            request.query = [.init(name: "uploads", value: "")]
            attributes.addCreationHeaders(to: &request.headers)
            request.headers["x-amz-checksum-algorithm"] = "CRC32"
            request.headers["x-amz-checksum-type"] = "FULL_OBJECT"
            return try await context.send(request, subject, didFail: { failures += 1 })
        }
        guard let id = XMLElement(document: answer.body)?.text("UploadId"), !id.isEmpty else {
            throw AWSError(.decoding, subject, "the answer has no UploadId")
        }
        var upload = MultipartUpload(
            location: location, id: id, subject: context.subject("upload \(location)"),
            expectedBucketOwner: attributes.expectedBucketOwner, headers: answer.headers,
            record: record(id, location, attributes))
        if failures > 0 { upload.strays = await openUploads(like: upload) }
        return upload
    }

    /// Sends one part (UploadPart).
    func uploadPart(
        _ body: RequestBody, _ checksum: CRC32, number: Int, of upload: MultipartUpload
    ) async throws(AWSError) -> UploadedPart {
        let subject = context.subject("UploadPart \(number) \(upload.location)")
        let answer = try await located(upload.location.bucket) { (context, place) async throws(AWSError) in
            var request = request(upload, "PUT", at: place)
            request.query.append(.init(name: "partNumber", value: String(number)))
            checksum.addHeaders(to: &request.headers)
            request.body = body
            return try await context.send(request, subject) { answer throws(AWSError) in
                try checksum.check(answer.headers, subject)
            }
        }
        guard let etag = answer.headers.value("etag") else {
            throw AWSError(.decoding, subject, "the answer has no ETag")
        }
        return UploadedPart(number: number, etag: etag, crc32: checksum, length: body.length)
    }

    func request(_ upload: MultipartUpload, _ method: String, at place: BucketPlace) -> AWSRequest {
        var request = request(method, upload.location.bucket, key: upload.location.key, at: place)
        request.query = [.init(name: "uploadId", value: upload.id)]
        request.headers["x-amz-expected-bucket-owner"] = upload.expectedBucketOwner
        return request
    }
}
