import Glibc
package import SystemPackage

/// Writes zip archives: sorted entries, deflate where it pays, zip64 where a number needs it.
///
/// Files are read and compressed by as many threads as the process may use processors, and written in order by
/// the calling one. Memory holds at most ``capacity`` bytes that wait for being written, three blocks a thread,
/// the places of contents that may come again, and about a hundred bytes an entry for the central directory.
package struct ZipWriter: Sendable {
    /// How archives are written.
    package let options: ZipOptions
    /// Longer files are compressed in independent blocks of this many bytes.
    private let blockSize: Int
    private let threads: Int
    private let related: RelatedArchives?

    /// Bytes that may wait for being written.
    private static let capacity = 48 << 20
    /// More threads would not make it faster, only larger.
    private static let mostThreads = 16

    /// Makes a writer.
    ///
    /// - Parameters:
    ///   - options: how archives are written.
    ///   - threads: how many compress, where not as many as there are processors; the bytes do not depend on it.
    ///   - related: archives from which contents are copied that come again; the bytes do not depend on them.
    package init(
        options: ZipOptions = ZipOptions(), threads: Int? = nil, related: RelatedArchives? = nil
    ) {
        self.init(options: options, blockSize: 4 << 20, threads: threads, related: related)
    }

    init(options: ZipOptions, blockSize: Int, threads: Int?, related: RelatedArchives? = nil) {
        self.options = options
        self.related = related
        self.blockSize = blockSize
        self.threads = min(threads ?? WorkerThread.processorCount, Self.mostThreads)
    }

    /// Writes a selection as one archive, beginning at the descriptor's position; a pipe will do.
    ///
    /// From a regular file that is open for reading, too, contents that come again are copied instead of compressed
    /// again. That makes the same bytes sooner.
    ///
    /// Does not sync or close.
    ///
    /// A file that grows meanwhile is stored as long as it was when opened, unless the options refuse that; one that
    /// shrinks is an error.
    ///
    /// - Parameters:
    ///   - selection: the files.
    ///   - statuses: what each of the files was when it was selected; one that is another by now is an error. None, or
    ///     nil, where that does not matter.
    ///   - target: where the archive goes.
    ///   - observer: sees the bytes and entries while they are written.
    /// - Returns: What was written.
    /// - Throws: `unreadable`, `changedWhileReading`, `limitExceeded` (a name, a file, all of them), `unwritable`, `noSpace`,
    ///   `cancelled`. What was written by then is no archive.
    package func write(
        _ selection: Selection, statuses: [FileStatus?] = [], to target: FileDescriptor,
        observer: ZipObserver = ZipObserver()
    ) throws(ArchivingError) -> ZipSummary {
        try assemble(selection, statuses, to: target, observer) { assembly throws(ArchivingError) in
            try assembly.finish()
        }
    }

    /// Writes a selection as one archive in memory, for few and short files.
    ///
    /// Contents that come again in it are compressed again unless ``RelatedArchives`` keep them.
    ///
    /// - Parameters:
    ///   - selection: the files.
    ///   - statuses: as for ``write(_:statuses:to:observer:)``.
    ///   - observer: sees the bytes and entries while they are written.
    /// - Returns: the archive, the same bytes as in a file.
    /// - Throws: `unreadable`, `changedWhileReading`, `limitExceeded` (a name, a file, all of them), `cancelled`.
    package func bytes(
        of selection: Selection, statuses: [FileStatus?] = [], observer: ZipObserver = ZipObserver()
    ) throws(ArchivingError) -> [UInt8] {
        try assemble(selection, statuses, to: nil, observer) { assembly throws(ArchivingError) in
            _ = try assembly.finish()
            return assembly.takeBytes()
        }
    }

    private func assemble<Result>(
        _ selection: Selection, _ statuses: [FileStatus?], to target: FileDescriptor?,
        _ observer: ZipObserver, _ finish: (inout ZipAssembly) throws(ArchivingError) -> Result
    ) throws(ArchivingError) -> Result {
        let threads = threadCount(for: selection)
        let schedule = ZipSchedule(
            count: selection.files.count, threads: threads, blockSize: blockSize, capacity: Self.capacity)
        let (options, blockSize, observe) = (options, blockSize, observer.content)
        let written = target.flatMap { WrittenContents($0, count: selection.files.count) }
        // What is in a file that cannot be read back may have any length, and is not remembered.
        let related = target != nil && written == nil ? nil : related
        if let written { related?.add(written) }
        let allowance = options.mostBytes.map { ByteAllowance($0) }
        let makeWorker: @Sendable () -> ZipWorker? = {
            ZipWorker(
                selection: selection, statuses: statuses, options: options, blockSize: blockSize,
                written: written, related: related, observe: observe, allowance: allowance)
        }
        return try ZipWorkers.run(
            schedule, threads: threads, worker: makeWorker
        ) { next throws(ArchivingError) in
            var assembly = ZipAssembly(
                target, room: target == nil ? Self.room(for: selection, statuses) : 0, observer: observer,
                blockSize: blockSize, written: written)
            var released = 0
            while let part = next(released) {
                if observer.isCancelled() {
                    throw ArchivingError(.cancelled, "the archive", "the task was cancelled")
                }
                try assembly.add(part)
                released = part.bytes.count
            }
            return try finish(&assembly)
        }
    }

    /// Bytes to reserve for an archive in memory: as many as it has at most, as far as that is known and not too much.
    private static func room(for selection: Selection, _ statuses: [FileStatus?]) -> Int {
        var room = 0
        for (file, status) in zip(selection.files, statuses) where room < capacity {
            room += 2 * (file.name.bytes.count + ZipRecord.longestHead)
            room += min(Int(clamping: status?.size ?? 0), capacity)
        }
        return min(room, capacity)
    }

    /// As many threads as there are pieces for them: files, and blocks of long ones.
    func threadCount(for selection: Selection) -> Int {
        guard selection.files.count < threads else { return threads }
        var opener = SelectionOpener(root: selection.root)
        var pieces = 0
        for file in selection.files {
            pieces += 1
            // What cannot be opened is told when it is read.
            guard case .file = file.content, let (opened, status) = try? opener.open(file) else { continue }
            try? opened.close()
            pieces += max(0, Int(status.st_size) - 1) / blockSize
        }
        return max(1, min(threads, pieces))
    }
}
