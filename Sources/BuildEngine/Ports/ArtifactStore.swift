package import BuildProject
package import SystemPackage

/// Where artifacts end up: a directory, a bucket.
package protocol ArtifactStore: Sendable {
    /// Stores one object under its key: all of it, or, when anything goes wrong or the task is cancelled, nothing.
    /// - Throws: ``RunnerFailure`` when the store refuses or cannot be reached.
    func store(_ object: ArtifactObject) async throws(RunnerFailure) -> StoredArtifact

    /// Stores objects of different keys, many at a time where the store can.
    /// - Returns: Where they are, in their order.
    /// - Throws: ``RunnerFailure`` of the first that failed; some of the others are stored then, each of them whole.
    func store(_ objects: [ArtifactObject]) async throws(RunnerFailure) -> [StoredArtifact]

    /// What `BuildArtifacts.location` says for this key: an ARN, or a path.
    func location(ofKey key: String) -> String

    /// The same for a bucket of the project's own; nil stands for the store's.
    func location(ofKey key: String, bucket: String?) -> String
}

extension ArtifactStore {
    /// One after another.
    package func store(_ objects: [ArtifactObject]) async throws(RunnerFailure) -> [StoredArtifact] {
        var stored: [StoredArtifact] = []
        for object in objects { stored.append(try await store(object)) }
        return stored
    }

    /// A store that knows no buckets has one place for all.
    package func location(ofKey key: String, bucket: String?) -> String { location(ofKey: key) }
}

/// One object to be stored.
package struct ArtifactObject: Sendable, Hashable {
    /// Its key: no slash at its start, no empty, `.` or `..` components.
    package var key: String
    /// Where its content is, in a directory of the runner's own.
    package var file: FilePath
    /// `Content-Type`.
    package var contentType: String
    /// Metadata names without `x-amz-meta-`, such as `codebuild-buildarn` (behaviour reference, section 6.5).
    package var metadata: [String: String]
    /// Whether the store should not encrypt it either: `encryptionDisabled`.
    package var isPlain = false
    /// `bucketOwnerAccess`; nil says nothing about it.
    package var bucketOwnerAccess: ProjectArtifacts.BucketOwnerAccess?
    /// The bucket; nil for the store's own.
    package var bucket: String?

    /// Describes an object.
    package init(key: String, file: FilePath, contentType: String, metadata: [String: String]) {
        self.key = key
        self.file = file
        self.contentType = contentType
        self.metadata = metadata
    }
}

/// An object that is stored.
package struct StoredArtifact: Sendable, Hashable {
    /// What `BuildArtifacts.location` says: an ARN, or a path.
    package var location: String

    /// Names the place.
    package init(location: String) {
        self.location = location
    }
}

/// Client-side encryption of artifacts before they are stored.
package protocol ArtifactSealer: Sendable {
    /// Encrypts `source` into the new file `destination`.
    ///
    /// `source` is used up: the message may be made where its content was.
    /// - Parameters:
    ///   - source: The file to be encrypted, which nobody else has open.
    ///   - destination: The new file.
    ///   - context: What the message is bound to: build, project and artifact.
    ///   - digest: Takes every byte of the message.
    /// - Throws: ``RunnerFailure`` when a key cannot be used, or a file cannot be read or written.
    func seal(
        _ source: FilePath, to destination: FilePath, context: [String: String],
        digest: any RunningContentDigest
    ) async throws(RunnerFailure)
}

/// Hashes of an object's content, in lower-case hexadecimal.
package struct ContentDigest: Sendable, Hashable {
    /// MD5, which the object's metadata and the build record carry.
    package var md5: String
    /// SHA-256.
    package var sha256: String

    /// Holds two hashes.
    package init(md5: String, sha256: String) {
        self.md5 = md5
        self.sha256 = sha256
    }
}

/// Computes content hashes; the engine itself links no cryptography.
package protocol ContentHasher: Sendable {
    /// Reads a file once and hashes it.
    /// - Throws: ``RunnerFailure`` when it cannot be read.
    func digest(of file: FilePath) async throws(RunnerFailure) -> ContentDigest

    /// Begins to hash what is not written yet.
    func running() -> any RunningContentDigest
}

/// Hashes content while it is made, so that nobody has to read it again.
package protocol RunningContentDigest: AnyObject {
    /// Takes the next bytes.
    func update(_ bytes: UnsafeRawBufferPointer)

    /// The hashes of all bytes so far.
    func finish() -> ContentDigest
}
