import NIOCore

/// A file on its way to a key.
package struct FileUpload: Sendable, Hashable {
    /// What to send.
    package var slice: FileSlice
    /// Where to.
    package var location: ObjectLocation
    /// Encryption, metadata, content type, permissions.
    package var attributes: ObjectAttributes

    /// A file on its way to a key.
    package init(
        _ slice: FileSlice, to location: ObjectLocation, attributes: ObjectAttributes = ObjectAttributes()
    ) {
        self.slice = slice
        self.location = location
        self.attributes = attributes
    }
}

extension S3Client {
    /// Stores many files, many at a time.
    ///
    /// Small files go in parallel, at most 64 and together never more bytes than the settings' part size times their
    /// parallel parts; then each large one in parts of its own. The first failure cancels what is under way: objects that
    /// are there by then stay, each of them whole.
    ///
    /// - Parameters:
    ///   - files: what to send where; no two to the same key.
    ///   - settings: sizes and parallelism.
    ///   - didStore: told of each object when it is there, by its index; in the order they finish.
    /// - Returns: what S3 says of the objects, in the order of the files.
    /// - Throws: `AWSError` of the first failure.
    package func upload(
        _ files: [FileUpload], settings: TransferSettings = TransferSettings(),
        didStore: (Int, StoredObject) -> Void = { _, _ in }
    ) async throws(AWSError) -> [StoredObject] {
        let limit = min(settings.singleRequestLimit, settings.memory, TransferSettings.largestLoadedPart)
        var stored = [StoredObject?](repeating: nil, count: files.count)
        func keep(_ index: Int, _ object: StoredObject) {
            stored[index] = object
            didStore(index, object)
        }
        let small = files.indices.filter { files[$0].slice.length <= limit }
        do {
            try await withThrowingTaskGroup(of: (Int, StoredObject).self) { group in
                var running = 0
                var bytes: Int64 = 0
                func wait() async throws {
                    guard let (index, object) = try await group.next() else { return }
                    running -= 1
                    bytes -= files[index].slice.length
                    keep(index, object)
                }
                for index in small {
                    let file = files[index]
                    while running == TransferSettings.mostRequests
                        || running > 0 && bytes + file.slice.length > settings.memory
                    {
                        try await wait()
                    }
                    running += 1
                    bytes += file.slice.length
                    group.addTask {
                        (
                            index,
                            try await putObject(file.slice, to: file.location, attributes: file.attributes)
                        )
                    }
                }
                while running > 0 { try await wait() }
            }
        } catch let error as AWSError {
            throw error
        } catch {
            throw AWSError.cancelled(context.subject("upload of \(files.count) files"))
        }
        for index in files.indices where stored[index] == nil {
            let file = files[index]
            keep(
                index,
                try await upload(
                    file.slice, to: file.location, attributes: file.attributes, settings: settings))
        }
        return stored.compactMap(\.self)
    }

    /// Whether the key already has an object with exactly these bytes.
    ///
    /// Compared are the size and the checksum that S3 keeps: its CRC-32 of the whole, or a SHA-256 of the whole. An object
    /// without either counts as another one. The attributes are not compared.
    ///
    /// - Parameters:
    ///   - location: the key.
    ///   - slice: the bytes; read only when an object of the same size is there.
    ///   - expectedBucketOwner: the account that must own the bucket.
    /// - Returns: whether the object is there.
    /// - Throws: `AWSError`
    package func hasObject(
        _ location: ObjectLocation, sameAs slice: FileSlice, expectedBucketOwner: String? = nil
    ) async throws(AWSError) -> Bool {
        let found = try await headObject(location, expectedBucketOwner: expectedBucketOwner)
        guard let found, found.size == slice.length, found.wholeCRC32 != nil || found.wholeSHA256 != nil
        else { return false }
        let digests = try await slice.digests()
        if let crc32 = found.wholeCRC32 { return crc32 == digests.crc32 }
        return found.wholeSHA256 == digests.finishedSHA256.base64
    }
}
