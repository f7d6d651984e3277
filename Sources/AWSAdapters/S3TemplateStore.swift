package import AWSClient
package import Packaging
import SystemPackage

/// The objects of packaged templates in an S3 bucket.
package struct S3TemplateStore: TemplateStore {
    private let client: S3Client
    private let bucket: String
    private let prefix: String
    private let attributes: ObjectAttributes
    /// What stands before `/bucket/key` in an object's address.
    private let address: String

    /// Stores in a bucket.
    ///
    /// - Parameters:
    ///   - session: the way to AWS.
    ///   - bucket: the bucket's name.
    ///   - prefix: what all keys begin with, for asking which there are.
    ///   - attributes: what objects carry: encryption, metadata.
    /// - Throws: `AWSError` (`configuration`) when no region or an unusable endpoint is configured.
    package init(
        session: AWSSession, bucket: String, prefix: String, attributes: ObjectAttributes
    ) throws(AWSError) {
        client = try session.s3()
        self.bucket = bucket
        self.prefix = prefix
        self.attributes = attributes
        let region = session.configuration.region ?? "us-east-1"
        let endpoint = try session.configuration.endpoint(for: .s3, region: region)
        // The first region's bucket addresses are those of the time before regions, in the AWS CLI too.
        let isFirst = !endpoint.isCustom && endpoint.host == "s3.us-east-1.amazonaws.com"
        address = isFirst ? "https://s3.amazonaws.com" : endpoint.description
    }

    /// One page of the bucket's listing.
    package func present() async throws(TemplateError) -> StoredKeys {
        do throws(AWSError) {
            let page = try await client.listObjects(bucket, prefix: prefix)
            return StoredKeys(Set(page.entries.map(\.key)), isComplete: page.continuationToken == nil)
        } catch {
            // Who may not list may still ask for single keys. All else would fail with them too, where the answer to HEAD
            // cannot say why.
            guard let refusal = error.serviceFailure, refusal.status == 403 || refusal.status == 501 else {
                throw failure(error)
            }
            return StoredKeys()
        }
    }

    /// Asks for one object; who may not know is answered no.
    package func contains(_ key: String) async throws(TemplateError) -> Bool {
        do throws(AWSError) {
            return try await client.headObject(ObjectLocation(bucket: bucket, key: key)) != nil
        } catch {
            guard error.serviceFailure?.status == 403 else { throw failure(error) }
            return false
        }
    }

    /// Uploads an object.
    package func store(_ content: TemplateContent, as key: String) async throws(TemplateError) {
        do throws(AWSError) {
            let place = try ObjectLocation(bucket: bucket, key: key)
            switch content {
            case .bytes(let bytes):
                _ = try await client.putObject(bytes, to: place, attributes: attributes)
            case .file(let path):
                _ = try await client.upload(
                    try FileSlice(wholeFile: path), to: place, attributes: attributes)
            }
        } catch {
            throw failure(error)
        }
    }

    /// The object's place and address.
    package func location(of key: String) -> TemplateLocation {
        TemplateLocation(bucket: bucket, key: key, address: "\(address)/\(bucket)/\(key)")
    }

    private func failure(_ error: AWSError) -> TemplateError {
        if case .cancelled = error.kind { return TemplateError(.cancelled, error.subject, error.reason) }
        guard !error.isService("NoSuchBucket") else {
            return TemplateError(
                .storeFailed, error.subject, "the bucket \(bucket) does not exist",
                hint: "make it: aws s3 mb s3://\(bucket)")
        }
        let isWrong = error.kind == .invalidArgument || error.kind == .configuration
        return TemplateError(
            isWrong ? .unusableStore : .storeFailed, error.subject, error.reason, hint: error.hint)
    }
}
