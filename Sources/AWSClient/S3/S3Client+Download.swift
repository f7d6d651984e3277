import NIOCore
package import SystemPackage

extension S3Client {
    /// Fetches an object into an open file, from its present position on: a large one in ranges, several at a time.
    ///
    /// All ranges are of one version of the object (`If-Match`), and the CRC-32 of the whole is compared where S3 has
    /// one. Memory is a few pieces for each range under way. The file is the caller's to close and to remove after an
    /// error.
    ///
    /// - Parameters:
    ///   - location: the object.
    ///   - versionID: one version of it.
    ///   - file: open for writing; it must know positions.
    ///   - settings: sizes and parallelism.
    /// - Returns: what S3 says of the object.
    /// - Throws: `AWSError`: a missing object is the service's `NotFound` or `NoSuchKey`; `integrity` when fewer or other
    ///   bytes came than were stored.
    package func download(
        _ location: ObjectLocation, versionID: String? = nil, into file: SystemPackage.FileDescriptor,
        settings: TransferSettings = TransferSettings()
    ) async throws(AWSError) -> ObjectInfo {
        let subject = context.subject("GetObject \(location)")
        guard let info = try await headObject(location, versionID: versionID) else {
            return try await getObject(location, versionID: versionID, into: file)
        }
        // A SHA-256 can only be taken from the first byte to the last.
        let ranges = ObjectRange.all(of: info.size, each: max(1, settings.partSize))
        guard ranges.count > 1, info.etag != nil, info.wholeCRC32 != nil || info.wholeSHA256 == nil else {
            return try await getObject(location, versionID: versionID, into: file)
        }
        let start: Int64
        do {
            start = try file.seek(offset: 0, from: .current)
        } catch {
            return try await getObject(location, versionID: versionID, into: file)
        }
        let source = RangeSource(
            client: self, location: location, versionID: versionID ?? info.versionID, etag: info.etag,
            subject: subject, file: file, start: start)
        let checksums = try await fetch(ranges, from: source, parallel: max(1, settings.parallelParts))
        let whole = zip(ranges, checksums).reduce(CRC32()) { $0.followed(by: $1.1, length: $1.0.length) }
        if let known = info.wholeCRC32, known != whole {
            throw AWSError(
                .integrity, subject, "the bytes do not have the CRC-32 that S3 keeps for the object")
        }
        _ = try? file.seek(offset: start + info.size, from: .start)
        return info
    }

    private func fetch(
        _ ranges: [ObjectRange], from source: RangeSource, parallel: Int
    ) async throws(AWSError) -> [CRC32] {
        do {
            return try await withThrowingTaskGroup(of: (Int, CRC32).self) { group in
                var checksums = [CRC32](repeating: CRC32(), count: ranges.count)
                for (index, range) in ranges.enumerated() {
                    if index >= parallel, let done = try await group.next() { checksums[done.0] = done.1 }
                    group.addTask { (index, try await source.fetch(range)) }
                }
                for try await done in group { checksums[done.0] = done.1 }
                return checksums
            }
        } catch let error as AWSError {
            throw error
        } catch {
            throw AWSError.cancelled(source.subject)
        }
    }
}

/// Some bytes of an object.
struct ObjectRange: Sendable, Hashable {
    var offset: Int64
    var length: Int64

    static func all(of size: Int64, each: Int64) -> [ObjectRange] {
        stride(from: 0, to: size, by: Int(each)).map {
            ObjectRange(offset: $0, length: min(each, size - $0))
        }
    }
}

/// One version of an object, and the file that its ranges go to.
private struct RangeSource: Sendable {
    let client: S3Client
    let location: ObjectLocation
    let versionID: String?
    let etag: String?
    let subject: String
    let file: SystemPackage.FileDescriptor
    let start: Int64

    /// Fetches a range, taking it up where the connection broke.
    func fetch(_ range: ObjectRange) async throws(AWSError) -> CRC32 {
        var received: Int64 = 0
        var checksum = CRC32()
        return try await client.context.retrying(subject) { () async throws(AWSError) in
            let rest = ObjectRange(offset: range.offset + received, length: range.length - received)
            let exchange = try await open(rest)
            try await exchange.forEachChunk { chunk throws(AWSError) in
                guard received + Int64(chunk.readableBytes) <= range.length else {
                    throw AWSError(.decoding, subject, "more bytes came than were asked for")
                }
                try write(chunk, at: range.offset + received)
                chunk.withUnsafeReadableBytes { checksum.update($0) }
                received += Int64(chunk.readableBytes)
            }
            guard received == range.length else {
                throw AWSError(.transport(.connectionLost), subject, "the connection ended early")
            }
            return checksum
        }
    }

    private func open(_ range: ObjectRange) async throws(AWSError) -> HTTPExchange {
        let field = "bytes=\(range.offset)-\(range.offset + range.length - 1)"
        let exchange = try await client.located(location.bucket) { (context, place) async throws(AWSError) in
            var request = client.request("GET", location.bucket, key: location.key, at: place)
            if let versionID { request.query = [.init(name: "versionId", value: versionID)] }
            request.headers["Range"] = field
            request.headers["If-Match"] = etag
            return try await context.openOnce(request, subject)
        }
        let answered = exchange.headers.value("content-range") ?? ""
        guard exchange.status == 206, answered.hasPrefix("bytes \(range.offset)-") else {
            throw AWSError(.decoding, subject, "the answer is not the range that was asked for")
        }
        return exchange
    }

    private func write(_ chunk: ByteBuffer, at offset: Int64) throws(AWSError) {
        do {
            _ = try chunk.withUnsafeReadableBytes {
                try file.writeAll(toAbsoluteOffset: start + offset, $0)
            }
        } catch {
            throw AWSError.file(FilePath("copy of \(location)"), error, "could not be written")
        }
    }
}
