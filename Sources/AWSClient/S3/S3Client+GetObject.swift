import Crypto
import NIOCore

extension S3Client {
    /// Fetches an object piece by piece.
    ///
    /// A cut connection is taken up where it broke (`Range` with `If-Match`), so `receive` sees each byte
    /// once and in order.
    ///
    /// - Parameters:
    ///   - location: the object.
    ///   - versionID: one version of it.
    ///   - receive: gets the pieces; what it throws ends the transfer.
    /// - Returns: what S3 says of the object. Its length, and its checksum of the whole where S3 has one, have been
    ///   checked.
    /// - Throws: `AWSError`: a missing object is the service's `NoSuchKey`; `integrity` when fewer or other bytes came
    ///   than were stored.
    package func getObject(
        _ location: ObjectLocation, versionID: String? = nil,
        receive: ([UInt8]) async throws(AWSError) -> Void
    ) async throws(AWSError) -> ObjectInfo {
        var transfer = Download(
            subject: context.subject("GetObject \(location)"), timeouts: context.connection.transport.timeouts
        )
        while true {
            do throws(AWSError) {
                let exchange = try await open(location, versionID, &transfer)
                try await exchange.forEachChunk { chunk throws(AWSError) in
                    try transfer.count(chunk)
                    try await receive(Array(chunk.readableBytesView))
                }
                if let info = try transfer.finished() { return info }
                throw AWSError(.transport(.connectionLost), transfer.subject, "the connection ended early")
            } catch {
                guard transfer.mayResume(after: error, limit: context.connection.retry.maximumAttempts),
                    await context.connection.budget.spend(5)
                else { throw error }
                let pause = context.connection.retry.delay(
                    after: transfer.resumptions, asked: nil, random: Double.random(in: 0...1))
                do {
                    try await context.connection.clock.sleep(pause)
                } catch {
                    throw AWSError.cancelled(transfer.subject)
                }
            }
        }
    }

    private func open(
        _ location: ObjectLocation, _ versionID: String?, _ transfer: inout Download
    ) async throws(AWSError) -> HTTPExchange {
        let resumed = transfer.received > 0
        let exchange = try await located(location.bucket) {
            [transfer] (context, place) async throws(AWSError) in
            var request = request("GET", location.bucket, key: location.key, at: place)
            if let versionID { request.query = [.init(name: "versionId", value: versionID)] }
            request.headers["x-amz-checksum-mode"] = "ENABLED"
            if resumed {
                request.headers["Range"] = "bytes=\(transfer.received)-"
                request.headers["If-Match"] = transfer.info?.etag
            }
            return try await context.open(request, transfer.subject)
        }
        try transfer.begin(exchange, resumed: resumed)
        return exchange
    }
}

/// How far a download has come.
private struct Download: Sendable {
    let subject: String
    private(set) var info: ObjectInfo?
    private(set) var received: Int64 = 0
    private(set) var resumptions = 0
    private var receivedAtLastResumption: Int64 = 0
    private var hash: SHA256?
    private var crc32: CRC32?
    private let start = ContinuousClock.now
    private let timeouts: TransportTimeouts

    init(subject: String, timeouts: TransportTimeouts) {
        self.subject = subject
        self.timeouts = timeouts
    }

    /// Whether it has taken longer than bytes at the least speed do: drops of them keep the idle timer quiet.
    private var isOverdue: Bool {
        ContinuousClock.now - start > timeouts.answer(forBodyOf: info?.size ?? 0)
    }

    mutating func begin(_ exchange: HTTPExchange, resumed: Bool) throws(AWSError) {
        if resumed {
            let range = exchange.headers.value("content-range") ?? ""
            guard exchange.status == 206, range.hasPrefix("bytes \(received)-") else {
                throw AWSError(
                    .integrity, subject, "the rest of the object could not be fetched after a break")
            }
            return
        }
        guard exchange.status == 200, let size = exchange.headers.value("content-length").flatMap(Int64.init),
            size >= 0
        else { throw AWSError(.decoding, subject, "the answer has no Content-Length") }
        let info = ObjectInfo(exchange.headers, size: size)
        self.info = info
        if info.wholeSHA256 != nil { hash = SHA256() }
        if info.wholeCRC32 != nil { crc32 = CRC32() }
    }

    mutating func count(_ chunk: ByteBuffer) throws(AWSError) {
        received += Int64(chunk.readableBytes)
        chunk.withUnsafeReadableBytes {
            hash?.update(bufferPointer: $0)
            crc32?.update($0)
        }
        if let info, received > info.size {
            throw AWSError(.integrity, subject, "more bytes came than the object has")
        }
        guard !isOverdue else { throw AWSError(.transport(.timedOut), subject, "its bytes come too slowly") }
    }

    /// What is known of the object when all of it is here and right; nil when bytes are missing.
    func finished() throws(AWSError) -> ObjectInfo? {
        guard let info, received == info.size else { return nil }
        if let checksum = info.wholeCRC32, checksum != crc32 {
            throw AWSError(
                .integrity, subject, "the bytes do not have the CRC-32 that S3 keeps for the object")
        }
        if let checksum = info.wholeSHA256, let hash, checksum != Array(hash.finalize()).base64 {
            throw AWSError(
                .integrity, subject, "the bytes do not have the SHA-256 that S3 keeps for the object")
        }
        return info
    }

    /// Whether to go on after `error`: without progress of at least 1 MiB only as often as any request is retried.
    mutating func mayResume(after error: AWSError, limit: Int) -> Bool {
        guard !isOverdue, case .transport = error.kind, RetryPolicy.verdict(error) != .final,
            info?.etag != nil
        else { return false }
        if received - receivedAtLastResumption >= 1 << 20 { resumptions = 0 }
        receivedAtLastResumption = received
        resumptions += 1
        return resumptions < limit
    }
}
