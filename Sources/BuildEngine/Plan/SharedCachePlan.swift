/// A cache of type S3 that is kept where the project says (behaviour reference, sections 7.1 and 7.2).
package struct SharedCachePlan: Sendable, Hashable {
    /// The bucket of `location`.
    package var bucket: String
    /// What stands before the keys; without slashes at its ends, may be empty.
    package var prefix: String
    /// `cacheNamespace`; nil keeps the cache to the project.
    package var namespace: String?
    /// The key that objects are encrypted with; nil for S3's own.
    package var encryptionKey: String?

    /// Reads `location`: `bucket/prefix`, or the ARN of that.
    ///
    /// Nil when there is no bucket in it.
    package init?(location: String, namespace: String?, encryptionKey: String?) {
        guard let place = LogsPlan.S3Logs(location: location) else { return nil }
        (bucket, prefix) = (place.bucket, place.prefix)
        self.namespace = namespace.flatMap { $0.isEmpty ? nil : $0 }
        self.encryptionKey = encryptionKey
    }
}
