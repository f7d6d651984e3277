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
                guard error.serviceFailure?.status == 404 else { throw error }
                break
            }
            guard await mayHaveParts(upload) else { break }
        }
        upload.record?.remove()
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
        let parts = try? await partsPage(upload, after: nil)
        return parts?["Part"] != nil
    }

    /// The parts that S3 has (ListParts).
    func listParts(_ upload: MultipartUpload) async throws(AWSError) -> [ListedPart] {
        var parts: [ListedPart] = []
        var marker: String?
        repeat {
            let page = try await partsPage(upload, after: marker)
            for item in page.children where item.name == "Part" {
                guard let number = item.text("PartNumber").flatMap(Int.init), let etag = item.text("ETag"),
                    let length = item.text("Size").flatMap(Int64.init)
                else { continue }
                let crc32 = item.text("ChecksumCRC32").flatMap(CRC32.init(base64:))
                parts.append(ListedPart(number: number, etag: etag, crc32: crc32, length: length))
            }
            let next = page.text("IsTruncated") == "true" ? page.text("NextPartNumberMarker") : nil
            marker = next == marker ? nil : next
        } while marker != nil
        return parts
    }

    private func partsPage(
        _ upload: MultipartUpload, after marker: String?
    ) async throws(AWSError) -> XMLElement {
        let subject = context.subject("ListParts \(upload.location)")
        let answer = try await located(upload.location.bucket) { (context, place) async throws(AWSError) in
            var request = request(upload, "GET", at: place)
            if let marker { request.query.append(.init(name: "part-number-marker", value: marker)) }
            return try await context.send(request, subject)
        }
        guard let page = XMLElement(document: answer.body) else {
            throw AWSError(.decoding, subject, "the answer is no XML")
        }
        return page
    }
}

/// A part as S3 lists it.
struct ListedPart: Sendable, Hashable {
    var number: Int
    var etag: String
    /// Nil where the place keeps none.
    var crc32: CRC32?
    var length: Int64

    /// The part, when it holds exactly the bytes of a slice: by its checksum, or by its tag where that is an MD5.
    func matching(_ slice: FileSlice) async -> UploadedPart? {
        guard slice.length == length, let digests = try? await slice.digests(withMD5: crc32 == nil) else {
            return nil
        }
        let tag = String(etag[...].trimmed(where: { $0 == "\"" }))
        guard crc32 == digests.crc32 || crc32 == nil && tag == digests.finishedMD5 else { return nil }
        return UploadedPart(number: number, etag: etag, crc32: digests.crc32, length: length)
    }
}
