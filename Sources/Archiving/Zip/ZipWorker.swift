import CLinuxCalls
import Glibc
import Synchronization
import SystemPackage

/// What one thread needs to make entries; its buffers are used again for every file.
final class ZipWorker {
    private let selection: Selection
    private let statuses: [FileStatus?]
    private let options: ZipOptions
    private let blockSize: Int
    private let packer: ContentPacker
    private let raw: UnsafeMutableRawBufferPointer
    private var opener: SelectionOpener
    private let observe: ZipObserver.Content?
    private let kept: KeptContents?
    private let allowance: ByteAllowance?

    /// Nil when there is no memory for a compressor.
    init?(
        selection: Selection, statuses: [FileStatus?] = [], options: ZipOptions, blockSize: Int,
        written: WrittenContents?,
        related: RelatedArchives? = nil,
        observe: ZipObserver.Content? = nil, allowance: ByteAllowance? = nil
    ) {
        let bufferSize = Self.bufferSize(for: selection, statuses, blockSize: blockSize)
        let packer = ContentPacker(
            level: options.level, blockSize: bufferSize, written: written, related: related)
        guard let packer else { return nil }
        self.selection = selection
        self.statuses = statuses
        self.options = options
        self.blockSize = blockSize
        self.observe = observe
        self.allowance = allowance
        kept = related?.level == options.level ? related?.kept : nil
        self.packer = packer
        opener = SelectionOpener(root: selection.root)
        raw = .allocate(byteCount: bufferSize, alignment: 16)
    }

    deinit {
        raw.deallocate()
    }

    /// Bytes of the longest file or block; where all are known to be small, no large buffers are made.
    private static func bufferSize(
        for selection: Selection, _ statuses: [FileStatus?], blockSize: Int
    ) -> Int {
        guard !statuses.isEmpty else { return blockSize }
        var largest = 1
        for (file, status) in zip(selection.files, statuses) where largest < blockSize {
            guard case .file = file.content else { continue }
            largest = max(largest, status.map { Int(clamping: $0.size) } ?? blockSize)
        }
        return min(largest, blockSize)
    }

    /// Makes entries of files until a part is full or a long file comes.
    ///
    /// - Returns: The part, the first file that is not in it, and that file if it is a long one.
    func make(_ files: Range<Int>) -> (part: ZipPart, end: Int, long: LongFile?) {
        var part = ZipPart()
        part.bytes.reserveCapacity(room(for: files))
        for index in files {
            do throws(ArchivingError) {
                if let long = try make(index, &part) { return (part, index, long) }
            } catch {
                part.failure = error
                return (part, index, nil)
            }
            if part.bytes.count >= ZipSchedule.partSize { return (part, index + 1, nil) }
        }
        return (part, files.upperBound, nil)
    }

    /// Bytes of the part that files become at most, as far as that is known: memory that is not needed then is only reserved,
    /// while what grows is copied again and again.
    private func room(for files: Range<Int>) -> Int {
        guard !statuses.isEmpty else { return 0 }
        var bytes = 0
        for index in files where bytes < ZipSchedule.partSize {
            bytes += ZipRecord.longestHead + selection.files[index].name.bytes.count
            bytes += min(Int(clamping: statuses[index]?.size ?? 0), ZipSchedule.partSize)
        }
        return min(bytes, ZipSchedule.partSize + ZipSchedule.partSize / 4)
    }

    /// Makes one block of a long file; of one that is stored only the CRC.
    func make(block: Int, of file: LongFile) -> ZipPart {
        var part = ZipPart()
        do throws(ArchivingError) {
            let content = try file.read(block: block, into: raw)
            part.crc = DeflateCompressor.crc32(content)
            part.rawLength = content.count
            if !file.isStored {
                let isLast = block + 1 == file.blockCount
                part.bytes = packer.pack(block: content, crc: part.crc, isLast: isLast)
                let note = WrittenContent(
                    isLast ? .lastBlock : .block, size: content.count, crc: part.crc, offset: 0,
                    packedSize: part.bytes.count)
                if let note { part.contents.append(note) }
            }
        } catch {
            part.failure = error
        }
        return part
    }

    /// Adds one file's entry to a part, or returns the file when it is a long one.
    private func make(_ index: Int, _ part: inout ZipPart) throws(ArchivingError) -> LongFile? {
        let file = selection.files[index]
        guard file.name.bytes.count < Int(UInt16.max) else {
            throw ArchivingError(.limitExceeded, file.name.description, "its name has more than 65534 bytes")
        }
        if options.listsDirectories { addDirectories(of: index, to: &part) }
        switch file.content {
        case .link(let target):
            // A time that is not asked for is not looked at.
            let modified: Int64
            if let fixed = options.fixedTime {
                modified = fixed
            } else {
                modified = try selection.linkModificationTime(file)
            }
            var record = record(file.name, mode: S_IFLNK | 0o777, modified: modified)
            target.withUnsafeBytes { bytes in
                record.crc = DeflateCompressor.crc32(bytes)
                store(bytes, packed: nil, in: &record, &part)
            }
            part.entries.append((record, []))
            return nil
        case .file:
            return try make(index, file, &part)
        }
    }

    private func make(
        _ index: Int, _ file: SelectedFile, _ part: inout ZipPart
    ) throws(ArchivingError) -> LongFile? {
        let (opened, status) = try opener.open(file)
        var isLong = false
        defer { if !isLong { try? opened.close() } }
        let permissions =
            options.normalizesModes ? (status.st_mode & 0o100 != 0 ? 0o755 : 0o644) : status.st_mode & 0o777
        var record = record(
            file.name, mode: S_IFREG | permissions, modified: Int64(status.st_mtim.tv_sec))
        let found = options.refusesChanges ? try settled(FileStatus(status), opened, file) : nil
        let reader = PieceReader(
            descriptor: opened, file: file, size: Int(status.st_size),
            expected: statuses.isEmpty ? found : statuses[index])
        try reader.checkSize()
        try allowance?.take(reader.size, for: file)
        guard reader.size <= blockSize else {
            let pays = try packer.pays(reader, raw: raw)
            prepareLong(&record, size: reader.size, isStored: !pays)
            isLong = true
            let head = try reader.read(ZipEntry.headLength, at: 0, into: raw)
            return LongFile(
                index: index, record: record, reader: reader, blockSize: blockSize, head: Array(head))
        }
        let content = try reader.read(reader.size, at: 0, into: raw)
        record.crc = DeflateCompressor.crc32(content)
        add(content, index, &record, &part)
        part.entries.append((record, Array(content.prefix(ZipEntry.headLength))))
        return nil
    }

    /// What a file is that nobody is writing to: a write that is under way has set the times when it began, and will not
    /// set them again.
    private func settled(
        _ status: FileStatus, _ opened: FileDescriptor, _ file: SelectedFile
    ) throws(ArchivingError) -> FileStatus {
        guard status.wasChanged(within: Self.longestWrite) else { return status }
        usleep(useconds_t(Self.longestWrite / 1_000))
        guard FileStatus(descriptor: opened.rawValue) == status else {
            throw ArchivingError(.changedWhileReading, file.displayPath, "something goes on writing to it")
        }
        return status
    }

    /// Nanoseconds after which a write is over, unless the machine is so busy that it stands still in the middle: then half of
    /// it can still be packed, and no time tells.
    private static let longestWrite: UInt64 = 30_000_000

    /// Adds a file's content: as it was packed before, or packed now.
    private func add(
        _ content: UnsafeRawBufferPointer, _ index: Int, _ record: inout ZipRecord, _ part: inout ZipPart
    ) {
        let digest: ContentHash?
        let packedSize: Int
        if let known = kept?.find(content, crc: record.crc) {
            digest = observe?(index, content, known.digest) ?? known.digest
            packedSize = known.packed?.count ?? content.count
            if let packed = known.packed {
                packed.withUnsafeBytes { store(content, packed: $0, in: &record, &part) }
            } else {
                store(content, packed: nil, in: &record, &part)
            }
        } else {
            digest = observe?(index, content, nil) ?? nil
            let packed = packer.pack(file: content, crc: record.crc, digest: digest)
            packedSize = packed?.count ?? content.count
            kept?.keep(content, packed: packed, crc: record.crc, digest: digest)
            store(content, packed: packed, in: &record, &part)
        }
        let note = WrittenContent(
            .file, size: content.count, crc: record.crc, offset: part.bytes.count - packedSize,
            packedSize: packedSize, digest: digest)
        if let note { part.contents.append(note) }
    }

    private func prepareLong(_ record: inout ZipRecord, size: Int, isStored: Bool) {
        record.size = UInt64(size)
        guard !isStored else {
            record.packedSize = record.size
            return
        }
        record.method = .deflated
        record.isStreamed = true
        let worst = StoredBlocks.length(of: size) + (size / blockSize + 1) * 5
        record.reservesZip64 = UInt64(worst) >= ZipRecord.limit32
    }

    private func record(_ name: EntryName, mode: UInt32, modified: Int64) -> ZipRecord {
        ZipRecord(name: name, mode: mode, time: ZipTime(seconds: options.fixedTime ?? modified))
    }

    /// Adds a header, whose CRC is known, and a content in its packed form if it has one.
    private func store(
        _ content: UnsafeRawBufferPointer, packed: UnsafeRawBufferPointer?, in record: inout ZipRecord,
        _ part: inout ZipPart
    ) {
        record.offset = UInt64(part.bytes.count)
        record.size = UInt64(content.count)
        record.method = packed == nil ? .stored : .deflated
        record.packedSize = UInt64((packed ?? content).count)
        record.appendLocalHeader(to: &part.bytes)
        part.bytes.append(contentsOf: packed ?? content)
    }

    /// Names are sorted, so a directory's first file stands where the directory belongs.
    private func addDirectories(of index: Int, to part: inout ZipPart) {
        let slash = UInt8(ascii: "/")
        let name = selection.files[index].name.bytes
        let last = index > 0 ? selection.files[index - 1].name.bytes : []
        let shared = zip(name, last).prefix { $0 == $1 }.count
        for end in name.indices where name[end] == slash && end >= shared {
            var record = record(
                EntryName(bytes: Array(name[...end])), mode: S_IFDIR | 0o755, modified: ZipTime.earliest)
            store(UnsafeRawBufferPointer(start: nil, count: 0), packed: nil, in: &record, &part)
            part.entries.append((record, []))
        }
    }
}

/// How many bytes all files of an archive may have together, counted by several threads.
final class ByteAllowance: Sendable {
    private let most: Int64
    private let taken = Atomic<Int64>(0)

    init(_ most: Int64) {
        self.most = most
    }

    /// Counts a file's bytes before they are read.
    ///
    /// - Throws: `limitExceeded` when they are too many with what was counted before.
    func take(_ size: Int, for file: SelectedFile) throws(ArchivingError) {
        // A single file has at most 2^60 bytes, and a limit beyond that ends nothing.
        let sum = taken.wrappingAdd(Int64(size), ordering: .relaxed).newValue
        guard sum <= most else {
            throw ArchivingError(
                .limitExceeded, file.displayPath, "with it all files have more than \(most) bytes")
        }
    }
}
