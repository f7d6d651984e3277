import Glibc
import SystemPackage

/// The central directory of a zip file, read apart from libarchive.
///
/// libarchive composes Unicode characters, takes backslashes for slashes and does not mind entries that share
/// their content (the trick of a zip bomb) or whose two names differ. Here names are what the archive says,
/// and such archives are refused.
struct ZipDirectory {
    private struct Item {
        let offset: UInt64
        let end: UInt64
        let name: [UInt8]
        /// The name is UTF-8 or ASCII, so libarchive cannot know better.
        let isCertain: Bool
        /// Bytes of its content, when it is not compressed.
        let storedLength: Int?
        let facts: ZipFacts
    }

    private let reader: Reader
    private let items: [Item]
    private var position = 0

    /// Reads the directory of a file that libarchive takes for a zip.
    ///
    /// - Throws: `damagedArchive`, `unsafeArchive`.
    init(_ file: FileDescriptor, name: String, limits: UnpackLimits) throws(ArchivingError) {
        let reader = Reader(file: file, name: name)
        let (start, count) = try reader.findDirectory()
        guard count <= UInt64(max(0, limits.entries)) else {
            throw ArchivingError(.unsafeArchive, name, "the archive has more than \(limits.entries) entries")
        }
        var items: [Item] = []
        var offset = start
        for _ in 0..<count { items.append(try reader.item(at: &offset, limits: limits)) }
        items.sort { $0.offset < $1.offset }
        for item in items where item.end > start {
            throw ArchivingError(
                .damagedArchive, printable(item.name.prefix(256)), "it lies beyond the end of the contents")
        }
        for (item, next) in zip(items, items.dropFirst()) where item.end > next.offset {
            throw ArchivingError(
                .unsafeArchive, printable(next.name.prefix(256)), "it overlaps another entry")
        }
        self.items = items
        self.reader = reader
    }

    /// Whether a file is a zip of no entries: nothing but the record that ends a directory.
    static func isEmpty(_ file: FileDescriptor) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 23)
        let count = bytes.withUnsafeMutableBytes { pread(file.rawValue, $0.baseAddress, $0.count, 0) }
        guard count >= 22, bytes.starts(with: [0x50, 0x4B, 5, 6]) else { return false }
        let comment = Int(bytes[20]) | Int(bytes[21]) << 8
        return bytes[4..<20].allSatisfy { $0 == 0 } && (count > 22) == (comment > 0)
    }

    /// The true name of the next entry, in the order in which libarchive gives them: that of their contents.
    ///
    /// - Throws: `damagedArchive` when it is another entry than libarchive's.
    mutating func next(readAs other: [UInt8]) throws(ArchivingError) -> [UInt8] {
        guard position < items.count else {
            throw ArchivingError(.damagedArchive, printable(other), "it is missing in the directory")
        }
        let item = items[position]
        position += 1
        try checkFacts(of: item)
        guard item.isCertain else { return other }
        let isOpenToReading = item.name.contains { $0 >= 0x80 || $0 == UInt8(ascii: "\\") }
        guard isOpenToReading || item.name == other || item.name + [UInt8(ascii: "/")] == other else {
            throw ArchivingError(
                .damagedArchive, printable(item.name), "its content is named otherwise: \(printable(other))")
        }
        return item.name
    }

    /// Refuses an entry whose two headers differ, so that readers would disagree about it, and kinds we do not make.
    private func checkFacts(of item: Item) throws(ArchivingError) {
        let shown = printable(item.name.prefix(256))
        if let refusal = item.facts.refusal(named: item.name) {
            throw ArchivingError(.unsafeArchive, shown, refusal)
        }
        // Data before the archive moves everything; then libarchive's own checks have to do.
        guard let header = try? reader.bytes(item.offset, 30), header.starts(with: "PK\u{3}\u{4}", at: 0)
        else {
            return
        }
        guard let difference = item.facts.difference(fromLocal: header) else { return }
        throw ArchivingError(.damagedArchive, shown, "its two headers tell different \(difference)")
    }

    /// The content of the entry given last, such as a link's target; nil when it is compressed, large or not
    /// to be found.
    var shortContent: [UInt8]? {
        guard position > 0, let length = items[position - 1].storedLength, length <= 4_096 else { return nil }
        let offset = items[position - 1].offset
        guard let header = try? reader.bytes(offset, 30), header.starts(with: "PK\u{3}\u{4}", at: 0) else {
            return nil
        }
        let skipped = 30 + header.number(at: 26, bytes: 2) + header.number(at: 28, bytes: 2)
        return try? reader.bytes(offset + skipped, length)
    }

    /// Whether every entry was given.
    var isFinished: Bool { position == items.count }

    private struct Reader {
        let file: FileDescriptor
        let name: String

        private func damaged(_ reason: String) -> ArchivingError {
            ArchivingError(.damagedArchive, name, reason)
        }

        func bytes(_ offset: UInt64, _ count: Int) throws(ArchivingError) -> [UInt8] {
            guard let offset = Int(exactly: offset), offset <= Int.max - count else {
                throw damaged("a number in its directory is impossible")
            }
            var bytes = [UInt8](repeating: 0, count: count)
            var filled = 0
            while filled < count {
                let read = bytes.withUnsafeMutableBytes { buffer in
                    pread(
                        file.rawValue, buffer.baseAddress.map { $0 + filled }, count - filled, offset + filled
                    )
                }
                if read < 0, errno == EINTR { continue }
                guard read > 0 else { throw damaged("it is cut short") }
                filled += read
            }
            return bytes
        }

        /// Where the directory starts and how many entries it has; an archive may stand after other data.
        func findDirectory() throws(ArchivingError) -> (start: UInt64, count: UInt64) {
            var status = stat()
            guard fstat(file.rawValue, &status) == 0, status.st_size >= 22 else {
                throw damaged("it has no directory")
            }
            let size = UInt64(status.st_size)
            let tailStart = size - min(size, 22 + 65_535)
            let tail = try bytes(tailStart, Int(size - tailStart))
            let place = stride(from: tail.count - 22, through: 0, by: -1).first {
                tail.starts(with: "PK\u{5}\u{6}", at: $0)
            }
            guard let place else { throw damaged("it has no directory") }
            let end = tailStart + UInt64(place)
            if end >= 20, case let locator = try bytes(end - 20, 20),
                locator.starts(with: "PK\u{6}\u{7}", at: 0)
            {
                return try wideDirectory(locator, before: end - 20)
            }
            let count = tail.number(at: place + 10, bytes: 2)
            let length = tail.number(at: place + 12, bytes: 4)
            guard length <= end else { throw damaged("its directory is larger than itself") }
            return (end - length, count)
        }

        private func wideDirectory(
            _ locator: [UInt8], before end: UInt64
        ) throws(ArchivingError) -> (start: UInt64, count: UInt64) {
            // The record normally stands right before its locator; else where the locator says.
            for place in [end >= 56 ? end - 56 : 0, locator.number(at: 8, bytes: 8)] where place < end {
                let record = try bytes(place, 56)
                guard record.starts(with: "PK\u{6}\u{6}", at: 0) else { continue }
                let length = record.number(at: 40, bytes: 8)
                guard length <= place else { break }
                return (place - length, record.number(at: 32, bytes: 8))
            }
            throw damaged("its 64-bit directory is not where it is said to be")
        }

        func item(at offset: inout UInt64, limits: UnpackLimits) throws(ArchivingError) -> Item {
            let header = try bytes(offset, 46)
            guard header.starts(with: "PK\u{1}\u{2}", at: 0) else {
                throw damaged("its directory is not readable")
            }
            let nameLength = Int(header.number(at: 28, bytes: 2))
            let extraLength = Int(header.number(at: 30, bytes: 2))
            let rest = try bytes(offset + 46, nameLength + extraLength)
            let name = Array(rest[..<nameLength])
            guard name.count <= limits.nameLength else {
                throw ArchivingError(
                    .unsafeArchive, printable(name.prefix(256)),
                    "its name has more than \(limits.nameLength) bytes")
            }
            var packed = header.number(at: 20, bytes: 4)
            var start = header.number(at: 42, bytes: 4)
            var wide = wideNumbers(in: Array(rest[nameLength...]))[...]
            if header.number(at: 24, bytes: 4) == ZipRecord.limit32 { wide = wide.dropFirst() }
            if packed == ZipRecord.limit32, let value = wide.popFirst() { packed = value }
            if start == ZipRecord.limit32, let value = wide.popFirst() { start = value }
            offset += 46 + UInt64(nameLength + extraLength) + header.number(at: 32, bytes: 2)
            let (end, overflow) = start.addingReportingOverflow(packed)
            guard !overflow, end <= UInt64.max - 100_000 else {
                throw damaged("a number in its directory is impossible")
            }
            let isText = header.number(at: 8, bytes: 2) & 1 << 11 != 0 || name.allSatisfy { $0 < 0x80 }
            // Only Unix means a backslash when it writes one.
            let meansBackslash = header[5] == 3 || !name.contains(UInt8(ascii: "\\"))
            return Item(
                offset: start, end: end + 30 + UInt64(nameLength), name: name,
                isCertain: isText && meansBackslash,
                storedLength: header.number(at: 10, bytes: 2) == 0 ? Int(exactly: packed) : nil,
                facts: ZipFacts(central: header))
        }

        private func wideNumbers(in extra: [UInt8]) -> [UInt64] {
            var position = 0
            while position + 4 <= extra.count {
                let length = Int(extra.number(at: position + 2, bytes: 2))
                let start = position + 4
                guard start + length <= extra.count else { return [] }
                if extra.number(at: position, bytes: 2) == 1 {
                    return stride(from: start, to: start + length - length % 8, by: 8).map {
                        extra.number(at: $0, bytes: 8)
                    }
                }
                position = start + length
            }
            return []
        }
    }
}

extension [UInt8] {
    fileprivate func starts(with text: String, at position: Int) -> Bool {
        position + text.utf8.count <= count
            && self[position..<(position + text.utf8.count)].elementsEqual(text.utf8)
    }

    /// A number of some bytes, lowest first; the caller has checked that they are there.
    func number(at position: Int, bytes count: Int) -> UInt64 {
        self[position..<(position + count)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
