/// How large objects are sent.
package struct TransferSettings: Sendable, Hashable {
    /// The largest object that is sent in one request.
    package var singleRequestLimit: Int64
    /// The least size of a part, at least 5 MiB (S3's own limit, but for the last part); grows with the object so that
    /// 10,000 parts are enough.
    package var partSize: Int64
    /// Parts under way at a time.
    package var parallelParts: Int

    /// Requests under way at a time, however small their bodies are.
    static let mostRequests = 64
    /// Larger parts are not held in memory: they are read twice, to be hashed and to be sent.
    static let largestLoadedPart: Int64 = 16 << 20

    /// 8 MiB in one request, parts of 5 MiB or more, four at a time, unless told otherwise.
    package init(singleRequestLimit: Int64 = 8 << 20, partSize: Int64 = 5 << 20, parallelParts: Int = 4) {
        self.singleRequestLimit = singleRequestLimit
        self.partSize = partSize
        self.parallelParts = parallelParts
    }

    /// Bytes of bodies in memory at a time.
    var memory: Int64 { max(partSize, UploadPlan.smallestPart) * Int64(max(1, parallelParts)) }

    /// How many parts of this size are under way at a time, so that large parts take no more memory than small ones.
    func parallel(partSize: Int64) -> Int {
        if partSize > Self.largestLoadedPart { return max(1, parallelParts) }
        return max(1, min(parallelParts, Int(memory / partSize)))
    }
}

/// A file cut into the parts of one multipart upload.
struct UploadPlan: Sendable, Equatable {
    static let smallestPart: Int64 = 5 << 20
    static let largestPart: Int64 = 5 << 30
    static let mostParts: Int64 = 10_000

    let slice: FileSlice
    let partSize: Int64
    let partCount: Int

    /// The plan; nil when the object would be larger than S3 takes in 10,000 parts.
    init?(_ slice: FileSlice, _ settings: TransferSettings) {
        var size = max(settings.partSize, Self.smallestPart)
        let needed = slice.length / Self.mostParts + (slice.length % Self.mostParts == 0 ? 0 : 1)
        if needed > size {
            // Whole mebibytes, as other tools do.
            size = ((needed + (1 << 20) - 1) >> 20) << 20
        }
        guard size <= Self.largestPart else { return nil }
        self.slice = slice
        partSize = size
        partCount = max(1, Int((slice.length + size - 1) / size))
    }

    /// The slice of a part; numbers begin with 1.
    func part(_ number: Int) -> FileSlice {
        let start = Int64(number - 1) * partSize
        return FileSlice(
            path: slice.path, offset: slice.offset + start, length: min(partSize, slice.length - start))
    }
}
