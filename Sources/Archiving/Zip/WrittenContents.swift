import Glibc
import Synchronization
import SystemPackage

/// A content that lies packed in an archive, and where.
struct WrittenContent {
    /// What the packed form depends on besides the bytes themselves.
    enum Form: UInt8 {
        /// A whole file: stored when it is as long as the content, a deflate stream otherwise.
        case file
        /// A block of a long file with others behind it.
        case block
        /// The last block of a long file.
        case lastBlock
    }

    let form: Form
    let size: UInt32
    let crc: UInt32
    /// Where its packed form begins: in the part while it waits, in the archive afterwards.
    var offset: UInt64
    let packedSize: UInt32
    /// Of the content, where somebody wanted it anyway.
    var digest: ContentHash?

    /// Nil for contents that cannot be found again with profit.
    init?(
        _ form: Form, size: Int, crc: UInt32, offset: Int, packedSize: Int, digest: ContentHash? = nil
    ) {
        guard size >= Self.leastSize, let size = UInt32(exactly: size),
            let packedSize = UInt32(exactly: packedSize)
        else { return nil }
        self.form = form
        self.size = size
        self.crc = crc
        self.offset = UInt64(offset)
        self.packedSize = packedSize
        self.digest = digest
    }

    /// Shorter contents are compressed about as fast as they are found, read and compared.
    static let leastSize = 1_024
}

/// What an archive holds already, so that a content that comes again is copied from there instead of
/// compressed again.
///
/// Licences, vendored sources and packages within packages repeat: a few percent of the bytes of most trees, a
/// seventh of several Pythons side by side, two fifths of headers in several versions. Length and CRC-32, which every
/// entry has anyway, tell what may be the same; whoever uses a place reads it back, inflates it and compares all
/// bytes, unless both contents have digests. That takes a sixth of the time of compressing, trees without repetitions
/// pay nothing, and no file is read twice, which others could change in between.
///
/// Equal contents have equal packed forms. So the archive does not depend on what is found here, and it may be
/// forgotten, not be on disk yet, or be in the hands of another thread at any time.
final class WrittenContents: Sendable {
    /// A ``WrittenContent`` without its digest, which few archives know.
    struct Place {
        var offset: UInt64
        var size: UInt32
        var crc: UInt32
        var packedSize: UInt32
        var form: WrittenContent.Form

        func isSame(_ form: WrittenContent.Form, _ size: UInt32, _ crc: UInt32) -> Bool {
            self.size == size && self.crc == crc && self.form == form
        }
    }

    private struct Table {
        /// Groups of ``ways`` places each; the length and CRC-32 of a content name its group.
        var places: [Place?]
        /// As many, once there is one.
        var digests: [ContentHash?] = []
    }

    /// Its own, so that it may be read from for longer than the archive is written.
    private let descriptor: FileDescriptor
    private let start: Int64
    private let table: Mutex<Table>
    /// How many contents it has room for.
    let placeCount: Int

    private static let ways = 4
    /// 6 MiB, for the contents of a quarter of a million files; what is beyond that replaces older ones.
    static let mostPlaces = 1 << 18

    /// For an archive of so many files; nil where it cannot be read back, as from a pipe.
    init?(_ descriptor: FileDescriptor, count: Int) {
        var status = stat()
        let flags = fcntl(descriptor.rawValue, F_GETFL)
        guard flags >= 0, flags & O_ACCMODE == O_RDWR, fstat(descriptor.rawValue, &status) == 0,
            status.st_mode & S_IFMT == S_IFREG, let start = try? descriptor.seek(offset: 0, from: .current),
            // What is read beyond the end of what was written must not be something older.
            status.st_size <= start
        else { return nil }
        let own = fcntl(descriptor.rawValue, F_DUPFD_CLOEXEC, 3)
        guard own >= 0 else { return nil }
        self.descriptor = FileDescriptor(rawValue: own)
        self.start = start
        var size = 64
        while size < 2 * count, size < Self.mostPlaces { size *= 2 }
        placeCount = size
        table = Mutex(Table(places: [Place?](repeating: nil, count: size)))
    }

    deinit {
        try? descriptor.close()
    }

    /// Bytes of the archive's file.
    var byteCount: Int64 {
        var status = stat()
        return fstat(descriptor.rawValue, &status) == 0 ? Int64(status.st_size) : 0
    }

    /// The places where a content may be.
    private func group(_ size: UInt32, _ crc: UInt32) -> Range<Int> {
        let groupMask = placeCount / Self.ways - 1
        let first = (Int(crc) ^ Int(size) &* 0x9E37_79B1) & groupMask * Self.ways
        return first..<(first + Self.ways)
    }

    /// Notes what has been given out to be written, unless the same is noted already.
    func note(_ content: WrittenContent) {
        let group = group(content.size, content.crc)
        table.withLock { table in
            var oldest = group.lowerBound
            for place in group {
                guard let other = table.places[place] else {
                    oldest = place
                    break
                }
                if other.isSame(content.form, content.size, content.crc) { return }
                if other.offset < table.places[oldest]?.offset ?? 0 { oldest = place }
            }
            table.places[oldest] = Place(
                offset: content.offset, size: content.size, crc: content.crc, packedSize: content.packedSize,
                form: content.form)
            if content.digest != nil, table.digests.isEmpty {
                table.digests = [ContentHash?](repeating: nil, count: placeCount)
            }
            if !table.digests.isEmpty { table.digests[oldest] = content.digest }
        }
    }

    /// What may be the same content.
    func find(_ form: WrittenContent.Form, size: Int, crc: UInt32) -> WrittenContent? {
        let size = UInt32(truncatingIfNeeded: size)
        let group = group(size, crc)
        return table.withLock { table in
            for place in group {
                guard let other = table.places[place], other.isSame(form, size, crc) else { continue }
                return WrittenContent(
                    form, size: Int(size), crc: crc, offset: Int(clamping: other.offset),
                    packedSize: Int(other.packedSize),
                    digest: table.digests.isEmpty ? nil : table.digests[place])
            }
            return nil
        }
    }

    /// Reads a packed form to the beginning of a buffer; nil when it is not there yet, or does not fit.
    func read(
        _ content: WrittenContent, into buffer: UnsafeMutableRawBufferPointer
    ) -> UnsafeMutableRawBufferPointer? {
        let count = Int(content.packedSize)
        guard count <= buffer.count else { return nil }
        let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
        let offset = start + Int64(clamping: content.offset)
        // A short read is one of what still waits in a buffer.
        guard (try? descriptor.read(fromAbsoluteOffset: offset, into: target)) == count else { return nil }
        return target
    }
}
