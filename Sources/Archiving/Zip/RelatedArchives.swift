import Synchronization

/// Archives that are made for one purpose and may have contents in common, such as the packages of a template's functions,
/// each of which brings the same libraries: a content that one of them holds is copied to the others instead of being
/// compressed again.
///
/// The archives' files are kept open, also when they have been removed: at most ``mostArchives`` of them and
/// ``mostBytes`` of what they hold, the newest. Some contents are also kept in memory (``KeptContents``).
package final class RelatedArchives: Sendable {
    /// The level at which all of them are compressed.
    let level: Int
    /// Contents of any of them.
    let kept = KeptContents()
    private let archives = Mutex<[WrittenContents]>([])

    /// More would make each search longer.
    static let mostArchives = 16
    /// On the disk of temporary files, beyond what is being written.
    static let mostBytes: Int64 = 512 << 20

    /// Makes none yet.
    ///
    /// - Parameter level: the level at which the archives will be compressed.
    package init(level: Int) {
        self.level = level
    }

    /// What others hold, the newest last.
    var written: [WrittenContents] { archives.withLock { $0 } }

    /// Takes a new archive in, for which older ones may be given up.
    func add(_ archive: WrittenContents) {
        let sizes = written.map { (contents: $0, bytes: $0.byteCount) }
        archives.withLock { archives in
            var (bytes, places) = (Int64(0), archive.placeCount)
            var kept = [archive]
            for older in archives.reversed() {
                bytes += sizes.first { $0.contents === older }?.bytes ?? 0
                places += older.placeCount
                guard kept.count < Self.mostArchives, bytes <= Self.mostBytes,
                    places <= WrittenContents.mostPlaces
                else { break }
                kept.append(older)
            }
            archives = kept.reversed()
        }
    }
}
