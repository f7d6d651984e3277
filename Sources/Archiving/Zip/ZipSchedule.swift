/// A place in the order of an archive: a file of the selection, and a step of it.
///
/// Step 0 is all of a short file, or the beginning of a long one, whose blocks are steps 1, 2, ….
struct ZipPlace: Hashable, Comparable {
    var file: Int
    var step = 0

    static func < (left: ZipPlace, right: ZipPlace) -> Bool {
        (left.file, left.step) < (right.file, right.step)
    }
}

/// Who does what when an archive is made by several threads; a value that knows no thread.
///
/// Workers take files and blocks of long files from the front, in any number at a time. What they made is
/// written in the one order of the archive. What waits for its turn is bounded: whoever is ahead by more than
/// that has to wait, but never the one whose turn it is.
struct ZipSchedule {
    /// What a worker is to do next.
    enum Job {
        /// Read and compress these files, as many as make up one part.
        case files(Range<Int>)
        /// Read and compress, or only sum up, this block of a long file, counted from 0.
        case block(LongFile, Int)
        /// Nothing now; ask again after something was finished or written.
        case wait
        /// Nothing any more.
        case end
    }

    /// Files taken at once at most; a part also ends at ``partSize`` bytes.
    static let mostFilesAtOnce = 64
    /// Several threads take small trees in so many parts each, so that all have something to do to the end.
    private static let leastParts = 16
    /// Bytes after which a part is handed over.
    static let partSize = 512 << 10

    private let count: Int
    private let filesAtOnce: Int
    private let blockSize: Int
    private let capacity: Int
    /// The first file that nobody has taken yet.
    private var next = 0
    /// Files that were taken with others and given back, in order.
    private var returned: [Range<Int>] = []
    /// Long files with blocks that nobody has taken yet, in order.
    private var long: [(file: LongFile, nextBlock: Int)] = []
    private var finished: [ZipPlace: ZipPart] = [:]
    private var turn = ZipPlace(file: 0)
    /// Jobs of files that are being worked at, and could still bring long files.
    private var openJobs = 0
    /// Bytes that exist or may soon exist and are not written yet.
    private var reserved = 0
    private var isStopped = false

    /// - Parameters:
    ///   - count: files to write.
    ///   - threads: how many take them.
    ///   - blockSize: bytes in which long files are taken apart.
    ///   - capacity: bytes that may wait for being written.
    init(count: Int, threads: Int = 1, blockSize: Int, capacity: Int) {
        self.count = count
        filesAtOnce =
            threads == 1
            ? Self.mostFilesAtOnce : max(1, min(Self.mostFilesAtOnce, count / (threads * Self.leastParts)))
        self.blockSize = blockSize
        self.capacity = capacity
    }

    /// Whether everything is written.
    var isComplete: Bool { turn.file == count }

    /// No job is given out any more.
    mutating func stop() { isStopped = true }

    /// The first thing nobody has taken.
    mutating func take() -> Job {
        guard !isStopped else { return .end }
        let firstReturned = returned.first?.lowerBound ?? Int.max
        if let first = long.first, first.file.index < min(firstReturned, next) {
            guard reserve(blockSize, for: ZipPlace(file: first.file.index, step: first.nextBlock + 1)) else {
                return .wait
            }
            if first.nextBlock + 1 == first.file.blockCount {
                long.removeFirst()
            } else {
                long[0].nextBlock += 1
            }
            return .block(first.file, first.nextBlock)
        }
        guard firstReturned < count || next < count else { return openJobs > 0 ? .wait : .end }
        guard reserve(Self.partSize, for: ZipPlace(file: min(firstReturned, next))) else { return .wait }
        openJobs += 1
        if let files = returned.first {
            returned.removeFirst()
            return .files(files)
        }
        let end = min(next + filesAtOnce, count)
        defer { next = end }
        return .files(next..<end)
    }

    private mutating func reserve(_ bytes: Int, for place: ZipPlace) -> Bool {
        guard reserved + bytes <= capacity || place <= turn else { return false }
        reserved += bytes
        return true
    }

    /// Takes over what became of some files: a part that holds those before `end`, perhaps a long file at
    /// `end`, and the rest to be given out again.
    mutating func finish(_ files: Range<Int>, part: ZipPart, end: Int, long file: LongFile?) {
        openJobs -= 1
        reserved += part.bytes.count - Self.partSize
        var rest = end
        if end > files.lowerBound || part.failure != nil {
            var part = part
            part.next = ZipPlace(file: end)
            finished[ZipPlace(file: files.lowerBound)] = part
        }
        if let file {
            finished[ZipPlace(file: end)] = ZipPart(long: file)
            let place = long.firstIndex { $0.file.index > end } ?? long.count
            long.insert((file, 0), at: place)
            rest += 1
        }
        if rest < files.upperBound, part.failure == nil {
            let place = returned.firstIndex { $0.lowerBound > rest } ?? returned.count
            returned.insert(rest..<files.upperBound, at: place)
        }
    }

    /// Takes over what became of a block.
    mutating func finish(_ file: LongFile, block: Int, part: ZipPart) {
        reserved += part.bytes.count - blockSize
        var part = part
        part.next =
            block + 1 == file.blockCount
            ? ZipPlace(file: file.index + 1) : ZipPlace(file: file.index, step: block + 2)
        finished[ZipPlace(file: file.index, step: block + 1)] = part
    }

    /// What is to be written now; nil when it is not there yet.
    mutating func nextToWrite() -> ZipPart? {
        guard let part = finished.removeValue(forKey: turn) else { return nil }
        turn = part.next
        return part
    }

    /// Bytes of a part that exist no more.
    mutating func release(_ bytes: Int) { reserved -= bytes }
}

/// What a worker made: entries as they are in the archive, or a block of one.
struct ZipPart: Sendable {
    /// What is to be written.
    var bytes: [UInt8] = []
    /// Entries that begin in it, their offsets counted from its beginning, and the first bytes of contents.
    var entries: [(record: ZipRecord, head: [UInt8])] = []
    /// The contents in it that may come again, their places counted from its beginning.
    var contents: [WrittenContent] = []
    /// A long file that begins here.
    var long: LongFile?
    /// Of a block: its CRC, and how many bytes it stands for.
    var crc: UInt32 = 0
    var rawLength = 0
    /// Why there is nothing more.
    var failure: ArchivingError?
    /// What comes after it.
    var next = ZipPlace(file: 0)

    init() {}

    init(long file: LongFile) {
        long = file
        next = ZipPlace(file: file.index, step: 1)
    }
}
