/// One page of a bucket's listing.
package struct ObjectPage: Sendable, Hashable {
    /// An object in the listing.
    package struct Entry: Sendable, Hashable {
        /// The key.
        package let key: String
        /// Bytes.
        package let size: Int64
        /// The entity tag with its quotes.
        package let etag: String?
        /// When it was stored.
        package let lastModified: Timestamp?
    }

    /// Objects in the order of their keys' bytes.
    package let entries: [Entry]
    /// What to pass for the next page; nil on the last.
    package let continuationToken: String?
}

extension S3Client {
    /// Lists a page of objects (ListObjectsV2).
    ///
    /// - Parameters:
    ///   - bucket: the bucket.
    ///   - prefix: only keys that begin with it.
    ///   - continuationToken: of the page before.
    ///   - limit: entries, at most 1,000.
    /// - Returns: the page.
    /// - Throws: `AWSError`
    package func listObjects(
        _ bucket: String, prefix: String = "", continuationToken: String? = nil, limit: Int = 1000
    ) async throws(AWSError) -> ObjectPage {
        let bucket = try BucketName.checked(bucket)
        let subject = context.subject("ListObjectsV2 s3://\(bucket)/\(prefix.visible)")
        let answer = try await located(bucket) { (context, place) async throws(AWSError) in
            var request = request("GET", bucket, key: nil, at: place)
            request.query = [
                .init(name: "list-type", value: "2"), .init(name: "encoding-type", value: "url"),
                .init(name: "max-keys", value: String(limit)), .init(name: "prefix", value: prefix),
            ]
            if let continuationToken {
                request.query.append(.init(name: "continuation-token", value: continuationToken))
            }
            return try await context.send(request, subject)
        }
        guard let root = XMLElement(document: answer.body), root.name == "ListBucketResult" else {
            throw AWSError(.decoding, subject, "the answer is not a listing")
        }
        // Keys may hold what XML can not, which is why they were asked for as URL text.
        let isEncoded = root.text("EncodingType") == "url"
        let entries = root.children.filter { $0.name == "Contents" }.map { item in
            let key = item.text("Key") ?? ""
            let plain = isEncoded ? String(key.map { $0 == "+" ? " " : $0 }).percentDecoded : key
            return ObjectPage.Entry(
                key: plain, size: item.text("Size").flatMap(Int64.init) ?? 0, etag: item.text("ETag"),
                lastModified: item.text("LastModified").flatMap(Timestamp.init(iso8601:)))
        }
        let isCut = root.text("IsTruncated") == "true"
        return ObjectPage(
            entries: entries, continuationToken: isCut ? root.text("NextContinuationToken") : nil)
    }
}
