package import AWSClient
package import BuildEngine
import BuildProject
import SystemPackage

/// Artifacts in an S3 bucket, encrypted by S3 with a KMS key unless they are encrypted already
/// (behaviour reference, sections 6.4 to 6.6).
package struct S3ArtifactStore: ArtifactStore {
    private let client: S3Client
    private let bucket: String
    /// In front of every key, without slashes at its ends.
    private let prefix: String
    private let encryption: ObjectEncryption
    private let partition: String

    /// Stores below `s3://bucket/prefix`.
    /// - Parameters:
    ///   - client: The way to S3.
    ///   - bucket: The bucket's name.
    ///   - prefix: In front of every key; may be empty.
    ///   - encryption: What S3 is asked to do.
    ///   - partition: `aws`, `aws-cn` or `aws-us-gov`, for ARNs.
    package init(
        client: S3Client, bucket: String, prefix: String, encryption: ObjectEncryption, partition: String
    ) {
        self.client = client
        self.bucket = bucket
        self.prefix = prefix
        self.encryption = encryption
        self.partition = partition
    }

    /// The object's ARN.
    package func location(ofKey key: String) -> String { location(ofKey: key, bucket: nil) }

    /// The object's ARN in a bucket of the project's own; nil stands for the store's.
    package func location(ofKey key: String, bucket: String?) -> String {
        "arn:\(partition):s3:::\(bucket ?? self.bucket)/\(fullKey(key))"
    }

    /// Uploads the object, in parts when it is large.
    /// - Throws: ``RunnerFailure`` with the service's words; no object and no parts are left then.
    package func store(_ object: ArtifactObject) async throws(RunnerFailure) -> StoredArtifact {
        let action = "store s3://\(object.bucket ?? bucket)/\(fullKey(object.key))"
        do throws(AWSError) {
            var attributes = ObjectAttributes()
            attributes.encryption = object.isPlain ? .bucketDefault : encryption
            attributes.acl = object.bucketOwnerAccess?.acl
            attributes.contentType = object.contentType
            attributes.metadata = object.metadata
            let place = try ObjectLocation(bucket: object.bucket ?? bucket, key: fullKey(object.key))
            _ = try await client.upload(
                try FileSlice(wholeFile: object.file), to: place, attributes: attributes)
            return StoredArtifact(location: location(ofKey: object.key, bucket: object.bucket))
        } catch {
            throw RunnerFailure(action, error)
        }
    }

    private func fullKey(_ key: String) -> String {
        prefix.isEmpty ? key : "\(prefix)/\(key)"
    }
}

extension ProjectArtifacts.BucketOwnerAccess {
    /// What S3 calls it (behaviour reference, section 6.4).
    fileprivate var acl: CannedACL? {
        switch self {
        case .none: nil
        case .readOnly: .bucketOwnerRead
        case .full: .bucketOwnerFullControl
        }
    }
}

extension RunnerFailure {
    /// What AWS refused, in its own words.
    package init(_ action: String, _ error: AWSError) {
        self.init(action, error.description, hint: error.hint)
    }
}
