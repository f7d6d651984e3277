extension S3Client {
    /// Makes S3 forget the upload and its parts (AbortMultipartUpload).
    ///
    /// A part whose request was cut off may still arrive after the abort, and then stays. So S3 is asked what is left
    /// (ListParts), and the abort repeated. That S3 knows no such upload is a success.
    func abort(_ upload: MultipartUpload) async throws(AWSError) {
        for _ in 1...3 {
            do throws(AWSError) {
                try await abortOnce(upload)
            } catch {
                if error.serviceFailure?.status == 404 { return }
                throw error
            }
            guard await mayHaveParts(upload) else { return }
        }
    }

    private func abortOnce(_ upload: MultipartUpload) async throws(AWSError) {
        let subject = context.subject("AbortMultipartUpload \(upload.location)")
        try await located(upload.location.bucket) { (context, place) async throws(AWSError) in
            _ = try await context.send(request(upload, "DELETE", at: place), subject)
        }
    }

    /// Whether parts are left.
    ///
    /// Who may not ask is told no: the abort itself did succeed.
    private func mayHaveParts(_ upload: MultipartUpload) async -> Bool {
        let subject = context.subject("ListParts \(upload.location)")
        let answer = try? await located(upload.location.bucket) { (context, place) async throws(AWSError) in
            try await context.send(request(upload, "GET", at: place), subject)
        }
        return answer.flatMap { XMLElement(document: $0.body) }?["Part"] != nil
    }
}
