import NIOCore

/// Takes the bytes of an object whose length nobody knows yet, one after the other.
///
/// Live only inside ``S3Client/uploadStream(to:attributes:settings:_:)``. One task writes; a write returns when there is
/// memory for more.
package actor UploadWriter {
    private static let largestPart: Int64 = 64 << 20
    private typealias Sending = Task<Result<UploadedPart, AWSError>, Never>

    private let client: S3Client
    private let location: ObjectLocation
    private let attributes: ObjectAttributes
    private let settings: TransferSettings
    private let memory: PartMemory
    private var upload: MultipartUpload?
    private var buffer = ByteBuffer()
    private var digests = ContentDigests()
    private var sending: [Sending] = []
    private var parts: [UploadedPart] = []
    private var partsBegun = 0

    init(
        _ client: S3Client, _ location: ObjectLocation, _ attributes: ObjectAttributes,
        _ settings: TransferSettings
    ) {
        self.client = client
        self.location = location
        self.attributes = attributes
        self.settings = settings
        memory = PartMemory(parallel: settings.parallelParts)
    }

    /// Appends bytes.
    ///
    /// - Throws: `AWSError` of a part that could not be stored, or `cancelled`; the upload is lost then.
    package func write(_ bytes: [UInt8]) async throws(AWSError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let room = Int(partSize) - buffer.readableBytes
            let taken = rest.prefix(room)
            taken.withUnsafeBytes {
                buffer.writeBytes($0)
                digests.update($0)
            }
            rest = rest.dropFirst(taken.count)
            if buffer.readableBytes >= Int(partSize) { try await sendPart() }
        }
    }

    /// Parts double every 2,000, so that 10,000 of them hold 244 GiB when they begin with 5 MiB.
    private var partSize: Int64 {
        let first = max(settings.partSize, UploadPlan.smallestPart)
        return min(first << Int64(partsBegun / 2000), max(first, Self.largestPart))
    }

    private func sendPart() async throws(AWSError) {
        let subject = client.context.subject("upload \(location)")
        if Task.isCancelled { throw AWSError.cancelled(subject) }
        let part = LoadedBytes(buffer: buffer, digests)
        // One part is being filled while the others are under way.
        let parallel = max(1, settings.parallel(partSize: partSize) - 1)
        partsBegun += 1
        let number = partsBegun
        guard number <= UploadPlan.mostParts else {
            throw AWSError(.invalidArgument, subject, "it is longer than 10,000 parts can be")
        }
        buffer = ByteBuffer()
        digests = ContentDigests()
        let upload = try await begun()
        while sending.count >= parallel { try await collect() }
        buffer = memory.take(Int(partSize))
        sending.append(
            Task { [client, memory] in
                do throws(AWSError) {
                    let done = try await client.uploadPart(
                        .loaded(part), part.crc32, number: number, of: upload)
                    memory.give(part.buffer)
                    return .success(done)
                } catch {
                    return .failure(error)
                }
            })
    }

    private func begun() async throws(AWSError) -> MultipartUpload {
        if let upload { return upload }
        let new = try await client.begin(location, attributes)
        upload = new
        return new
    }

    private func collect() async throws(AWSError) {
        let first = sending.removeFirst()
        let result = await withTaskCancellationHandler {
            await first.value
        } onCancel: {
            first.cancel()
        }
        parts.append(try result.get())
    }

    /// Sends the rest and puts the object together.
    func finish() async throws(AWSError) -> StoredObject {
        guard upload != nil else {
            return try await client.put(
                LoadedBytes(buffer: buffer, digests), to: location, attributes)
        }
        if buffer.readableBytes > 0 { try await sendPart() }
        while !sending.isEmpty { try await collect() }
        let stored = try await client.complete(try await begun(), parts)
        if let upload { await client.finish(upload) }
        upload = nil
        return stored
    }

    /// Ends what is under way, and aborts the upload if there is one; throws `error` with what that came to.
    func abandon(after error: AWSError) async throws(AWSError) -> Never {
        for part in sending { part.cancel() }
        for part in sending { _ = await part.value }
        sending = []
        guard let upload else { throw error }
        try await client.abandon(upload, after: error)
    }
}

extension S3Client {
    /// Stores an object of unknown length while it is being made: in one request when it turns out to be small, else in
    /// parts, several at a time.
    ///
    /// Nothing is left behind by a failure. Memory is the settings' part size times their parallel parts; beyond 10 GiB
    /// the parts become larger, at most 64 MiB, and 244 GiB is the most with the ordinary settings.
    ///
    /// - Parameters:
    ///   - location: where to.
    ///   - attributes: encryption, metadata, content type, permissions.
    ///   - settings: sizes and parallelism.
    ///   - body: writes the bytes; when it throws, no object appears.
    /// - Returns: what S3 says of the object.
    /// - Throws: `AWSError`, and whatever `body` throws.
    package func uploadStream(
        to location: ObjectLocation, attributes: ObjectAttributes = ObjectAttributes(),
        settings: TransferSettings = TransferSettings(), _ body: (UploadWriter) async throws -> Void
    ) async throws -> StoredObject {
        try attributes.check(context.subject("upload \(location)"))
        let writer = UploadWriter(self, location, attributes, settings)
        do {
            try await body(writer)
            return try await writer.finish()
        } catch let error as AWSError {
            try await writer.abandon(after: error)
        } catch {
            // What failed is the caller's; that the parts could not be removed is told only where nothing else is.
            do throws(AWSError) {
                try await writer.abandon(after: AWSError.cancelled(context.subject("upload \(location)")))
            } catch _ {
                throw error
            }
        }
    }
}
