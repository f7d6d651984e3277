import Crypto
import NIOHTTP1

/// An upload that a killed process left, and the parts of it that need not be sent again.
struct InterruptedUpload: Sendable {
    let upload: MultipartUpload
    let parts: [Int: UploadedPart]
}

extension S3Client {
    /// Goes on with an upload that was interrupted, if there is one of the same attributes to the same key; all others of
    /// the bucket that processes left behind are aborted.
    ///
    /// A part is taken for the file's only when S3's checksum of it is that of the file's bytes now.
    func takeUp(
        _ plan: UploadPlan, _ location: ObjectLocation, _ attributes: ObjectAttributes
    ) async -> InterruptedUpload? {
        var found: InterruptedUpload?
        for (record, upload) in await leftovers(in: location.bucket) {
            let isSame =
                found == nil && record.entry.key == location.key
                && record.entry.attributes == attributes.fingerprint
            if isSame, let parts = await usableParts(plan, upload), !parts.isEmpty {
                found = InterruptedUpload(upload: upload, parts: parts)
            } else {
                await abortLeftover(upload)
            }
        }
        return found
    }

    /// Aborts what killed processes left in a bucket.
    func abortLeftovers(in bucket: String) async {
        for (_, upload) in await leftovers(in: bucket) { await abortLeftover(upload) }
    }

    /// What an upload is remembered as, and the lock on it.
    func record(
        _ id: String, _ location: ObjectLocation, _ attributes: ObjectAttributes
    ) -> UploadJournal.Record? {
        journal?.add(
            UploadJournal.Entry(
                endpoint: context.endpoint.description, region: context.region, bucket: location.bucket,
                key: location.key, uploadID: id, expectedBucketOwner: attributes.expectedBucketOwner,
                attributes: attributes.fingerprint))
    }

    private func leftovers(in bucket: String) async -> [(UploadJournal.Record, MultipartUpload)] {
        guard let journal else { return [] }
        return journal.leftovers().compactMap { record in
            let entry = record.entry
            guard entry.bucket == bucket, entry.endpoint == context.endpoint.description,
                let location = try? ObjectLocation(bucket: bucket, key: entry.key)
            else { return nil }
            return (
                record,
                MultipartUpload(
                    location: location, id: entry.uploadID,
                    subject: context.subject("upload \(location)"),
                    expectedBucketOwner: entry.expectedBucketOwner, headers: [:], record: record)
            )
        }
    }

    private func abortLeftover(_ upload: MultipartUpload) async {
        // Who cannot be aborted now stays in the journal for the next time.
        try? await abort(upload)
    }

    /// Parts that S3 has and that are the file's; nil when S3 does not know the upload, or does not say.
    private func usableParts(_ plan: UploadPlan, _ upload: MultipartUpload) async -> [Int: UploadedPart]? {
        guard let listed = try? await listParts(upload) else { return nil }
        var usable: [Int: UploadedPart] = [:]
        for part in listed where (1...plan.partCount).contains(part.number) {
            if let same = await part.matching(plan.part(part.number)) { usable[part.number] = same }
        }
        return usable
    }
}

extension ObjectAttributes {
    /// Tells whether an upload was begun with the same attributes.
    fileprivate var fingerprint: String {
        var headers: HeaderFields = [:]
        addCreationHeaders(to: &headers)
        let lines = headers.fields.map { "\($0.name.lowercased()): \($0.value)" }.sorted()
        return Array(lines.joined(separator: "\n").utf8).sha256.hexadecimal
    }
}
