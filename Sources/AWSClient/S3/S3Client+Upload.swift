extension S3Client {
    /// Stores bytes of a file as one object: in one request up to the settings' limit, else in parts, several at a time.
    ///
    /// Nothing is left behind by a failure: the object appears whole or not at all, and the parts of a failed or
    /// cancelled upload are aborted before this returns. Memory does not depend on the size of the file.
    ///
    /// - Parameters:
    ///   - slice: what to send; the file must not change meanwhile.
    ///   - location: where to.
    ///   - attributes: encryption, metadata, content type, permissions.
    ///   - settings: sizes and parallelism.
    ///   - sha256: of the slice, when known already.
    /// - Returns: what S3 says of the object.
    /// - Throws: `AWSError`
    package func upload(
        _ slice: FileSlice, to location: ObjectLocation, attributes: ObjectAttributes = ObjectAttributes(),
        settings: TransferSettings = TransferSettings(), sha256: [UInt8]? = nil
    ) async throws(AWSError) -> StoredObject {
        if slice.length <= min(settings.singleRequestLimit, UploadPlan.largestPart) {
            return try await putObject(slice, to: location, attributes: attributes, sha256: sha256)
        }
        let subject = context.subject("upload \(location)")
        guard let plan = UploadPlan(slice, settings) else {
            throw AWSError(.invalidArgument, subject, "the file is larger than any S3 object can be")
        }
        try attributes.check(subject)
        let upload = try await begin(location, attributes)
        do throws(AWSError) {
            let parts = try await send(plan, upload, parallel: max(1, settings.parallelParts))
            return try await complete(upload, parts, size: slice.length)
        } catch {
            try await abandon(upload, after: error)
        }
    }

    /// Parts in order of their numbers.
    private func send(
        _ plan: UploadPlan, _ upload: MultipartUpload, parallel: Int
    ) async throws(AWSError) -> [UploadedPart] {
        do {
            return try await withThrowingTaskGroup(of: UploadedPart.self) { group in
                var parts: [UploadedPart] = []
                parts.reserveCapacity(plan.partCount)
                for number in 1...plan.partCount {
                    if number > parallel, let part = try await group.next() { parts.append(part) }
                    group.addTask { try await uploadPart(plan.part(number), number: number, of: upload) }
                }
                for try await part in group { parts.append(part) }
                return parts.sorted { $0.number < $1.number }
            }
        } catch let error as AWSError {
            throw error
        } catch {
            throw AWSError.cancelled(upload.subject)
        }
    }

    /// Aborts the upload in a task of its own, since this one may be cancelled, waits for it, and throws `error`.
    private func abandon(_ upload: MultipartUpload, after error: AWSError) async throws(AWSError) -> Never {
        let abortion = Task.detached { () -> AWSError? in
            do throws(AWSError) {
                try await abort(upload)
                return nil
            } catch {
                return error
            }
        }
        guard let leftOver = await abortion.value else { throw error }
        throw AWSError(
            error.kind, error.subject, error.reason,
            hint: "parts may be left: aborting upload \(upload.id) failed too (\(leftOver.reason)); "
                + "a lifecycle rule of the bucket can remove such parts")
    }
}
