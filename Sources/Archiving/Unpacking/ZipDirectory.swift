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
        /// Bytes of its content in the file.
        let packed: UInt64
        /// Bytes of its content.
        let size: UInt64
        let method: UInt64
        let facts: ZipFacts

        /// The name for messages.
        var shown: String { printable(name.prefix(256)) }
    }

    private let reader: Reader
    private let items: [Item]
    private var position = 0

    /// Reads the directory of a file that libarchive takes for a zip.
    ///
    /// - Throws: `damagedArchive`, `unsafeArchive`.
    init(_ file: FileDescriptor, name: String, limits: UnpackLimits) throws(ArchivingError) {
        let reader = Reader(file: file, name: name)
        let (start, count, said) = try reader.findDirectory()
        // Data before the archive moves everything.
        let shift = try reader.shift(from: said, to: start)
        guard count <= UInt64(max(0, limits.entries)) else {
            throw ArchivingError(.unsafeArchive, name, "the archive has more than \(limits.entries) entries")
        }
        var items: [Item] = []
        var offset = start
        for _ in 0..<count { items.append(try reader.item(at: &offset, shift: shift, limits: limits)) }
        items.sort { $0.offset < $1.offset }
        for item in items where item.end > start {
            throw ArchivingError(.damagedArchive, item.shown, "it lies beyond the end of the contents")
        }
        for (item, next) in zip(items, items.dropFirst()) where item.end > next.offset {
            throw ArchivingError(.unsafeArchive, next.shown, "it overlaps another entry")
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

    /// What reading comes to next, for messages; nil at the end.
    ///
    /// libarchive reads the whole directory before the first entry, and does not say at which record it failed.
    var upcomingName: String? {
        guard position < items.count else { return nil }
        return (position == 0 ? "its directory or its entry " : "") + items[position].shown
    }

    /// The true name of the next entry, in the order in which libarchive gives them: that of their contents.
    ///
    /// - Parameter other: the name that libarchive found, if it could read it.
    /// - Returns: the name as bytes of the archive.
    /// - Throws: `damagedArchive` when it is another entry than libarchive's, or its two headers differ;
    ///   `unsafeArchive` for kinds that we do not make.
    mutating func next(readAs other: [UInt8]?) throws(ArchivingError) -> [UInt8] {
        guard position < items.count else {
            throw ArchivingError(
                .damagedArchive, printable((other ?? []).prefix(256)), "it is missing in the directory")
        }
        let item = items[position]
        position += 1
        if let refusal = item.facts.refusal(named: item.name) {
            throw ArchivingError(.unsafeArchive, item.shown, refusal)
        }
        try checkLocalHeader(of: item)
        guard let other else {
            throw ArchivingError(.damagedArchive, item.shown, "its name is said to be UTF-8, and is not")
        }
        // libarchive ends names at NUL, which no name may contain.
        guard item.isCertain || item.name.contains(0) else { return other }
        let isOpenToReading = item.name.contains { $0 >= 0x80 || $0 == 0 || $0 == UInt8(ascii: "\\") }
        guard isOpenToReading || Self.isSame(item.name, other) else {
            throw Self.otherName(item, other)
        }
        return item.name
    }

    /// Whether two names mean one entry: some writers end a directory's with a slash only once.
    private static func isSame(_ name: [UInt8], _ other: [UInt8]) -> Bool {
        let slash = [UInt8(ascii: "/")]
        return name == other || name + slash == other || name == other + slash
    }

    private static func otherName(_ item: Item, _ other: [UInt8]) -> ArchivingError {
        ArchivingError(
            .damagedArchive, item.shown,
            "its content is named otherwise: \(printable(other.prefix(256)))")
    }

    /// Refuses an entry whose two headers differ, so that readers would disagree about it.
    private func checkLocalHeader(of item: Item) throws(ArchivingError) {
        guard let (header, name) = try? reader.localHeader(at: item.offset, nameLength: item.name.count),
            let extra = try? reader.localExtra(at: item.offset, header)
        else {
            throw ArchivingError(
                .damagedArchive, item.shown, "its content is not where the directory says")
        }
        guard Self.isSame(item.name, name) else { throw Self.otherName(item, name) }
        guard let difference = item.facts.difference(fromLocal: header, extra: extra) else { return }
        throw ArchivingError(.damagedArchive, item.shown, "its two headers tell different \(difference)")
    }

    /// The target of the link that was given last.
    ///
    /// - Parameter other: what libarchive found, which ends at NUL.
    /// - Returns: the target as bytes of the archive.
    /// - Throws: `damagedArchive` when it cannot be read; `unsafeArchive` when it has another length than libarchive
    ///   found, and cannot be read by us.
    func linkTarget(readAs other: [UInt8]) throws(ArchivingError) -> [UInt8] {
        guard position > 0, case let item = items[position - 1] else { return other }
        let (size, packed) = (Int(clamping: item.size), Int(clamping: item.packed))
        guard size <= 4_096, packed <= 8_192, item.method == 0 || item.method == 8 else {
            guard size == other.count else {
                throw ArchivingError(
                    .unsafeArchive, item.shown, "its link target contains NUL, or is too long")
            }
            return other
        }
        let stream = try reader.content(at: item.offset, count: packed)
        if item.method == 0 { return stream }
        guard let target = DeflateDecompressor()?.content(of: stream, count: size) else {
            throw ArchivingError(.damagedArchive, item.shown, "its link target cannot be decompressed")
        }
        return target
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

        /// The fixed part of the header before a content, and the name in it.
        func localHeader(
            at offset: UInt64, nameLength: Int
        ) throws(ArchivingError) -> (header: [UInt8], name: [UInt8]) {
            // The same length is expected, so that one reading does; a directory's record follows in any case.
            var header = try bytes(offset, 30 + nameLength)
            guard header.starts(with: "PK\u{3}\u{4}", at: 0) else { throw damaged("a header is missing") }
            let length = Int(header.number(at: 26, bytes: 2))
            if length != nameLength { header = try bytes(offset, 30 + length) }
            return (header, Array(header[30...]))
        }

        /// The extra data of a header as far as that is needed: where it may have 64-bit numbers.
        func localExtra(at offset: UInt64, _ header: [UInt8]) throws(ArchivingError) -> [UInt8] {
            let isWide = [18, 22].contains { header.number(at: $0, bytes: 4) == ZipRecord.limit32 }
            guard isWide else { return [] }
            let nameLength = header.number(at: 26, bytes: 2)
            return try bytes(offset + 30 + nameLength, Int(header.number(at: 28, bytes: 2)))
        }

        /// Bytes of the content whose header is at `offset`.
        func content(at offset: UInt64, count: Int) throws(ArchivingError) -> [UInt8] {
            let header = try bytes(offset, 30)
            return try bytes(
                offset + 30 + header.number(at: 26, bytes: 2) + header.number(at: 28, bytes: 2), count)
        }

        /// By how much everything lies further back than the archive says, because of data before it.
        ///
        /// libarchive looks for the directory from where it is said to be. What looks like one on this way would be
        /// read by libarchive, and not here.
        func shift(from said: UInt64, to start: UInt64) throws(ArchivingError) -> UInt64 {
            guard said <= start else { throw damaged("its directory is not where it is said to be") }
            var position = said
            while position < start {
                let piece = try bytes(position, Int(min(65_536 + 3, start - position)))
                for place in piece.indices.dropLast(3) where piece[place] == UInt8(ascii: "P") {
                    let rest = piece[(place + 1)..<(place + 4)]
                    guard ![[0x4B, 1, 2], [0x4B, 5, 6], [0x4B, 6, 6]].contains(where: rest.elementsEqual)
                    else {
                        throw damaged("its directory is not where it is said to be, and there may be two")
                    }
                }
                position += 65_536
            }
            return start - said
        }

        /// Where the directory starts, how many entries it has, and where it is said to start.
        ///
        /// An archive may stand after other data.
        func findDirectory() throws(ArchivingError) -> (start: UInt64, count: UInt64, said: UInt64) {
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
            return (end - length, count, tail.number(at: place + 16, bytes: 4))
        }

        private func wideDirectory(
            _ locator: [UInt8], before end: UInt64
        ) throws(ArchivingError) -> (start: UInt64, count: UInt64, said: UInt64) {
            // The record normally stands right before its locator; else where the locator says.
            for place in [end >= 56 ? end - 56 : 0, locator.number(at: 8, bytes: 8)] where place < end {
                let record = try bytes(place, 56)
                guard record.starts(with: "PK\u{6}\u{6}", at: 0) else { continue }
                let length = record.number(at: 40, bytes: 8)
                guard length <= place else { break }
                return (
                    place - length, record.number(at: 32, bytes: 8), record.number(at: 48, bytes: 8)
                )
            }
            throw damaged("its 64-bit directory is not where it is said to be")
        }

        func item(
            at offset: inout UInt64, shift: UInt64, limits: UnpackLimits
        ) throws(ArchivingError) -> Item {
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
            guard var wide = Array(rest[nameLength...]).zip64Numbers?[...] else {
                throw ArchivingError(
                    .damagedArchive, printable(name.prefix(256)),
                    "its extra data is cut short, or has 64-bit numbers twice")
            }
            var size = header.number(at: 24, bytes: 4)
            if size == ZipRecord.limit32, let value = wide.popFirst() { size = value }
            if packed == ZipRecord.limit32, let value = wide.popFirst() { packed = value }
            if start == ZipRecord.limit32, let value = wide.popFirst() { start = value }
            guard max(size, packed, start) <= UInt64(Int64.max) else {
                throw ArchivingError(
                    .damagedArchive, printable(name.prefix(256)), "a number of its record is impossible")
            }
            offset += 46 + UInt64(nameLength + extraLength) + header.number(at: 32, bytes: 2)
            let (moved, isFar) = start.addingReportingOverflow(shift)
            let (end, overflow) = moved.addingReportingOverflow(packed)
            guard !isFar, !overflow, end <= UInt64.max - 100_000 else {
                throw damaged("a number in its directory is impossible")
            }
            let isText = header.number(at: 8, bytes: 2) & 1 << 11 != 0 || name.allSatisfy { $0 < 0x80 }
            // Only Unix means a backslash when it writes one.
            let meansBackslash = header[5] == 3 || !name.contains(UInt8(ascii: "\\"))
            return Item(
                offset: moved, end: end + 30 + UInt64(nameLength), name: name,
                isCertain: isText && meansBackslash,
                packed: packed, size: size, method: header.number(at: 10, bytes: 2),
                facts: ZipFacts(central: header, packed: packed, size: size))
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
