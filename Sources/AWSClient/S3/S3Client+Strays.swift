import NIOHTTP1

extension S3Client {
    /// Other uploads to the same key (ListMultipartUploads); none where we may not ask.
    ///
    /// When the answer to CreateMultipartUpload was lost and the request was sent again, S3 may know an upload of ours
    /// whose id nobody heard.
    func openUploads(like upload: MultipartUpload) async -> [String] {
        let location = upload.location
        let subject = context.subject("ListMultipartUploads s3://\(location.bucket)")
        let answer = try? await located(location.bucket) { (context, place) async throws(AWSError) in
            var request = request("GET", location.bucket, key: nil, at: place)
            request.query = [
                .init(name: "uploads", value: ""), .init(name: "prefix", value: location.key),
            ]
            request.headers["x-amz-expected-bucket-owner"] = upload.expectedBucketOwner
            return try await context.send(request, subject)
        }
        guard let answer, let root = XMLElement(document: answer.body) else { return [] }
        return root.children.filter { $0.name == "Upload" && $0.text("Key") == location.key }
            .compactMap { $0.text("UploadId") }.filter { $0 != upload.id }
    }

    /// Aborts those strays that still have no part now that our own upload is over: whoever else had begun one would
    /// have sent some.
    func abortStrays(of upload: MultipartUpload) async {
        for id in upload.strays {
            let stray = MultipartUpload(
                location: upload.location, id: id, subject: upload.subject,
                expectedBucketOwner: upload.expectedBucketOwner, headers: [:])
            guard let parts = try? await listParts(stray), parts.isEmpty else { continue }
            try? await abort(stray)
        }
    }

    /// Forgets an upload that is complete.
    func finish(_ upload: MultipartUpload) async {
        upload.record?.remove()
        await abortStrays(of: upload)
    }
}
