/// What S3 says of a bucket.
package struct BucketInfo: Sendable, Hashable {
    /// The region it is in, when the service says so.
    package let region: String?
}

extension S3Client {
    /// Asks about a bucket (HeadBucket, which needs `s3:ListBucket`).
    ///
    /// - Throws: `AWSError`; without a body to tell more, an unknown bucket is a 404 and a permission that is missing a 403.
    package func headBucket(_ bucket: String) async throws(AWSError) -> BucketInfo {
        let subject = context.subject("HeadBucket s3://\(bucket.visible)")
        let bucket = try ObjectLocation(bucket: bucket, key: "any").bucket
        return try await located(bucket) { (context, place) async throws(AWSError) in
            let answer = try await context.send(request("HEAD", bucket, key: nil, at: place), subject)
            return BucketInfo(region: answer.headers.value("x-amz-bucket-region"))
        }
    }

    /// Finds out whether an object could be stored here, without storing one: an upload in parts is begun, with all that
    /// the object would carry, and aborted at once.
    ///
    /// S3 asks the policies of role, bucket and key about it as it does for the object.
    ///
    /// - Throws: `AWSError` of the beginning, or of the abort.
    package func rehearseUpload(
        to location: ObjectLocation, attributes: ObjectAttributes
    ) async throws(AWSError) {
        let upload = try await begin(location, attributes)
        let abortion = Task.detached { () -> Result<Void, AWSError> in
            do throws(AWSError) {
                return .success(try await abort(upload))
            } catch {
                return .failure(error)
            }
        }
        try await abortion.value.get()
    }
}
