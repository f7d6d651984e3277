package import AWSClient
package import BuildEngine
package import BuildProject
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

    /// What the bucket's owner may do with the objects; no header when nil (`bucketOwnerAccess`).
    package var acl: CannedACL?
    /// The account that must own the bucket; not checked when nil.
    package var expectedBucketOwner: String?
    /// What the use of the KMS key is bound to, beside the bucket.
    package var encryptionContext: [String: String] = [:]
    /// Whether S3 derives the objects' keys from one for the bucket; the bucket's own setting when nil.
    package var usesBucketKey: Bool?

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

    /// The object's ARN; below an access point, the ARN that policies name it by.
    package func location(ofKey key: String) -> String { location(ofKey: key, bucket: nil) }

    /// The object's ARN in a bucket of the project's own; nil stands for the store's.
    package func location(ofKey key: String, bucket: String?) -> String {
        let bucket = bucket ?? self.bucket
        return bucket.hasPrefix("arn:")
            ? "\(bucket)/object/\(fullKey(key))" : "arn:\(partition):s3:::\(bucket)/\(fullKey(key))"
    }

    /// Uploads the object, in parts when it is large.
    /// - Throws: ``RunnerFailure`` with the service's words; no object and no parts are left then.
    package func store(_ object: ArtifactObject) async throws(RunnerFailure) -> StoredArtifact {
        do throws(AWSError) {
            let upload = try upload(of: object)
            _ = try await client.upload(upload.slice, to: upload.location, attributes: upload.attributes)
            return StoredArtifact(location: location(ofKey: object.key, bucket: object.bucket))
        } catch {
            throw RunnerFailure("store s3://\(object.bucket ?? bucket)/\(fullKey(object.key))", error)
        }
    }

    /// Uploads many objects, many at a time, as artifacts without packaging are.
    /// - Returns: Where they are, in their order.
    /// - Throws: ``RunnerFailure`` of the first that failed; those that are stored by then stay, each of them whole.
    package func store(_ objects: [ArtifactObject]) async throws(RunnerFailure) -> [StoredArtifact] {
        do throws(AWSError) {
            var uploads: [FileUpload] = []
            for object in objects { uploads.append(try upload(of: object)) }
            _ = try await client.upload(uploads)
            return objects.map { StoredArtifact(location: location(ofKey: $0.key, bucket: $0.bucket)) }
        } catch {
            let bucket = objects.first?.bucket ?? bucket
            throw RunnerFailure("store \(objects.count) objects in s3://\(bucket)", error)
        }
    }

    private func upload(of object: ArtifactObject) throws(AWSError) -> FileUpload {
        var attributes = ObjectAttributes()
        attributes.encryption = object.isPlain ? .bucketDefault : encryption
        if !object.isPlain {
            attributes.encryptionContext = encryptionContext
            attributes.usesBucketKey = usesBucketKey
        }
        attributes.contentType = object.contentType
        attributes.metadata = object.metadata
        attributes.acl = object.bucketOwnerAccess?.acl ?? acl
        attributes.expectedBucketOwner = expectedBucketOwner
        let place = try ObjectLocation(bucket: object.bucket ?? bucket, key: fullKey(object.key))
        return FileUpload(try FileSlice(wholeFile: object.file), to: place, attributes: attributes)
    }

    private func fullKey(_ key: String) -> String {
        prefix.isEmpty ? key : "\(prefix)/\(key)"
    }
}

extension ProjectArtifacts.BucketOwnerAccess {
    /// What S3 calls it; no header when nil (behaviour reference, section 6.4).
    package var acl: CannedACL? {
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
        cause = error.cause
    }
}

extension AWSError {
    /// Who can mend it.
    package var cause: RunnerFailure.Cause {
        switch kind {
        case .credentials: return .permission
        case .configuration, .invalidArgument: return .configuration
        case .service(let failure):
            if mayPass { return failure.code.hasPrefix("Expired") ? .permission : .unavailable }
            if failure.status == 401 || failure.status == 403 || failure.code.contains("AccessDenied") {
                return .permission
            }
            return (400..<500).contains(failure.status) ? .configuration : .unavailable
        case .transport, .decoding, .integrity: return .unavailable
        case .file, .cancelled: return .runner
        }
    }
}
