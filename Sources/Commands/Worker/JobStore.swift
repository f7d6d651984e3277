import BuildEngine

/// Stores a job's output artifacts, and says of a refusal what the pipeline's owner can do.
struct JobStore: ArtifactStore {
    var store: any ArtifactStore

    func store(_ object: ArtifactObject) async throws(RunnerFailure) -> StoredArtifact {
        do throws(RunnerFailure) {
            return try await store.store(object)
        } catch {
            var failure = error
            if failure.cause == .permission {
                failure.hint =
                    "the pipeline's role needs s3:PutObject on the bucket, and kms:GenerateDataKey and kms:Decrypt on "
                    + "the key of its artifacts; a bucket's and a key's own policies must allow it too"
            }
            throw failure
        }
    }

    func location(ofKey key: String) -> String { store.location(ofKey: key) }

    func location(ofKey key: String, bucket: String?) -> String {
        store.location(ofKey: key, bucket: bucket)
    }
}
