import Glibc
import SystemPackage

/// Gives what a compressed file holds, block by block.
protocol BlockSource {
    /// The next block, empty at the end; it is valid until the next call.
    ///
    /// - Throws: `damagedArchive`, `unreadable`, `limitExceeded`.
    func next() throws(ArchivingError) -> UnsafeRawBufferPointer
}

/// What a compressed file holds, each byte of it counted, whether an entry will want it or not.
final class DecompressedContent {
    private let source: any BlockSource
    private let name: String
    private let budget: UnpackBudget
    private var count: Int64 = 0
    /// Whether all that was read were zeros.
    private(set) var isOnlyZeros = true
    /// Why no more can be read.
    private(set) var failure: ArchivingError?

    /// Begins to read at the descriptor's position.
    ///
    /// - Parameters:
    ///   - file: what to read; it stays open and the caller's.
    ///   - name: what messages call it.
    ///   - compression: what it begins as.
    ///   - budget: how many bytes it may become.
    /// - Throws: `damagedArchive`, `unknownFormat`, `missingLibrary`, `limitExceeded`.
    init(
        _ file: FileDescriptor, name: String, compression: Compression, budget: UnpackBudget
    ) throws(ArchivingError) {
        source =
            compression == .gzip
            ? try GzipReader(file, name: name)
            : try FilteredReader(file, name: name, compression: compression)
        self.name = name
        self.budget = budget
    }

    /// The next block, empty at the end; it is valid until the next call.
    ///
    /// - Throws: `damagedArchive`, `unsafeArchive`, `unreadable`, `limitExceeded`, `cancelled`.
    func next() throws(ArchivingError) -> UnsafeRawBufferPointer {
        do throws(ArchivingError) {
            if let failure { throw failure }
            if Task.isCancelled { throw ArchivingError(.cancelled, name, "the task was cancelled") }
            let block = try source.next()
            try budget.check(count, adding: Int64(block.count), name)
            count += Int64(block.count)
            isOnlyZeros = isOnlyZeros && block.allSatisfy { $0 == 0 }
            return block
        } catch {
            failure = error
            throw error
        }
    }

    /// Reads to the end, where checksums are.
    ///
    /// - Throws: as ``next()``.
    func finish() throws(ArchivingError) {
        while try !next().isEmpty {}
    }
}
