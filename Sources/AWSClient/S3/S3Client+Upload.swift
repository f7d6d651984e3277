import NIOCore

extension S3Client {
    /// Stores bytes of a file as one object: in one request up to the settings' limit, else in parts, several at a time.
    ///
    /// Nothing is left behind by a failure: the object appears whole or not at all, and the parts of a failed or
    /// cancelled upload are aborted before this returns. Memory does not depend on the size of the file: it is the
    /// settings' part size times their parallel parts.
    ///
    /// With a journal (``S3Client/journal``), an upload that a killed process left behind is taken up where it ended
    /// when it was one of the same bytes to the same place, and aborted else.
    ///
    /// - Parameters:
    ///   - slice: what to send; the file must not change meanwhile.
    ///   - location: where to.
    ///   - attributes: encryption, metadata, content type, permissions.
    ///   - settings: sizes and parallelism.
    /// - Returns: what S3 says of the object.
    /// - Throws: `AWSError`
    package func upload(
        _ slice: FileSlice, to location: ObjectLocation, attributes: ObjectAttributes = ObjectAttributes(),
        settings: TransferSettings = TransferSettings()
    ) async throws(AWSError) -> StoredObject {
        try attributes.check(context.subject("upload \(location)"))
        if slice.length <= min(settings.singleRequestLimit, TransferSettings.largestLoadedPart) {
            await abortLeftovers(in: location.bucket)
            return try await putObject(slice, to: location, attributes: attributes)
        }
        guard let plan = UploadPlan(slice, settings) else {
            throw AWSError(
                .invalidArgument, context.subject("upload \(location)"),
                "the file is larger than any S3 object can be")
        }
        let interrupted = await takeUp(plan, location, attributes)
        return try await inParts(location, attributes, interrupted) {
            (upload) async throws(AWSError) in
            try await send(plan, upload, settings, known: interrupted?.parts ?? [:])
        }
    }

    /// Begins an upload, or goes on with one; puts together what `sendParts` sent, or aborts the upload.
    func inParts(
        _ location: ObjectLocation, _ attributes: ObjectAttributes, _ interrupted: InterruptedUpload? = nil,
        _ sendParts: (MultipartUpload) async throws(AWSError) -> [UploadedPart]
    ) async throws(AWSError) -> StoredObject {
        let upload: MultipartUpload
        if let known = interrupted?.upload {
            upload = known
        } else {
            upload = try await begin(location, attributes)
        }
        do throws(AWSError) {
            let stored = try await complete(upload, try await sendParts(upload))
            await finish(upload)
            return stored
        } catch {
            try await abandon(upload, after: error)
        }
    }

    /// Parts in order of their numbers.
    private func send(
        _ plan: UploadPlan, _ upload: MultipartUpload, _ settings: TransferSettings,
        known: [Int: UploadedPart]
    ) async throws(AWSError) -> [UploadedPart] {
        let missing = (1...plan.partCount).filter { known[$0] == nil }
        let parallel = settings.parallel(partSize: plan.partSize)
        let memory = PartMemory(parallel: parallel)
        do {
            return try await withThrowingTaskGroup(of: UploadedPart.self) { group in
                var parts = Array(known.values)
                parts.reserveCapacity(plan.partCount)
                for (index, number) in missing.enumerated() {
                    if index >= parallel, let part = try await group.next() { parts.append(part) }
                    group.addTask { try await send(plan.part(number), number, upload, memory) }
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

    private func send(
        _ slice: FileSlice, _ number: Int, _ upload: MultipartUpload, _ memory: PartMemory
    ) async throws(AWSError) -> UploadedPart {
        if slice.length > TransferSettings.largestLoadedPart {
            let digests = try await slice.digests()
            return try await uploadPart(
                .file(slice, sha256: digests.finishedSHA256), digests.crc32, number: number, of: upload)
        }
        let loaded = try await slice.load(into: memory)
        let part = try await uploadPart(.loaded(loaded), loaded.crc32, number: number, of: upload)
        memory.give(loaded.buffer)
        return part
    }

    /// Aborts the upload in a task of its own, since this one may be cancelled, waits for it, and throws `error`.
    func abandon(_ upload: MultipartUpload, after error: AWSError) async throws(AWSError) -> Never {
        let abortion = Task.detached { () -> AWSError? in
            await abortStrays(of: upload)
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
