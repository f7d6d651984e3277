import Dispatch
import Synchronization

/// Lists directories for a walk, which says beforehand which ones it will want: a second thread reads those meanwhile.
///
/// The walk is one thread; nothing that it sees depends on who read a directory.
final class DirectoryListings: Sendable {
    private let root: AnchoredRoot
    private let state = Mutex(ListingState())
    private let helper = Mutex<WorkerThread?>(nil)
    private let helperWork = DispatchSemaphore(value: 0)
    private let walkWork = DispatchSemaphore(value: 0)

    /// Small trees are walked before a thread has begun.
    private static let listedBeforeHelp = 24

    init(root: AnchoredRoot) {
        self.root = root
    }

    /// Says that these directories will be asked for next, in this order.
    func expect(_ paths: [RootPath]) {
        guard WorkerThread.processorCount > 1 else { return }
        let (starts, wakes) = state.withLock { state in
            state.expect(paths)
            return (state.startsHelper(after: Self.listedBeforeHelp), state.wakesHelper())
        }
        if starts { helper.withLock { $0 = WorkerThread { [self] in help() } } }
        if wakes { helperWork.signal() }
    }

    /// The names in a directory, sorted as a walk needs them; what the helper has not read, the walk's reader reads.
    ///
    /// - Throws: what ``DirectoryReader/list(_:)`` throws.
    func list(
        _ path: RootPath, with reader: DirectoryReader
    ) throws(ArchivingError) -> DirectoryListing {
        while true {
            let (job, wakes) = state.withLock { ($0.want(path), $0.wakesHelper()) }
            if wakes { helperWork.signal() }
            switch job {
            case .ready(let listing): return try listing.get()
            case .read(path): return try reader.sortedListing(of: path).get()
            case .read(let other):
                // The helper is reading what is wanted now; meanwhile the next one is read here.
                let listing = reader.sortedListing(of: other)
                state.withLock { $0.finish(other, listing) }
            case .wait: walkWork.wait()
            case .end: throw ArchivingError(.cancelled, path.description, "the walk has ended")
            }
        }
    }

    /// Ends the helper; to be called when the walk is over.
    func stop() {
        let wakes = state.withLock { state in
            state.isStopped = true
            return state.wakesHelper()
        }
        if wakes { helperWork.signal() }
        helper.withLock { helper in
            helper?.join()
            helper = nil
        }
    }

    private func help() {
        let reader = DirectoryReader(root: root)
        while true {
            switch state.withLock({ $0.take() }) {
            case .read(let path):
                let listing = reader.sortedListing(of: path)
                let wakes = state.withLock { state in
                    state.finish(path, listing)
                    return state.wakesWalk()
                }
                if wakes { walkWork.signal() }
            case .wait: helperWork.wait()
            case .end, .ready: return
            }
        }
    }
}

/// Who reads which directory; a value that knows no thread.
struct ListingState {
    typealias Listing = Result<DirectoryListing, ArchivingError>

    enum Job {
        case ready(Listing)
        case read(RootPath)
        case wait
        case end
    }

    /// Entries that may lie ready; a directory of its own may have more.
    private static let mostEntries = 100_000
    private static let mostExpected = 256

    /// What nobody reads yet; the last is needed first.
    private var expected: [RootPath] = []
    /// What somebody reads, or has read.
    private var listings: [RootPath: Listing?] = [:]
    private var readyEntries = 0
    private var listed = 0
    private var hasHelper = false
    private var helperSleeps = false
    private var walkSleeps = false
    var isStopped = false

    mutating func expect(_ paths: [RootPath]) {
        guard expected.count < Self.mostExpected else { return }
        expected += paths.reversed()
    }

    /// Whether a helper is worth its while now; true once.
    mutating func startsHelper(after count: Int) -> Bool {
        guard !hasHelper, listed >= count else { return false }
        hasHelper = true
        return true
    }

    /// What the walk does to get a listing.
    mutating func want(_ path: RootPath) -> Job {
        if let known = listings[path] {
            if let listing = known {
                listings[path] = nil
                readyEntries -= Self.count(listing)
                listed += 1
                return .ready(listing)
            }
            guard let other = next() else {
                walkSleeps = true
                return .wait
            }
            return .read(other)
        }
        if let place = expected.lastIndex(of: path) { expected.remove(at: place) }
        listed += 1
        return .read(path)
    }

    /// What the helper does next.
    mutating func take() -> Job {
        guard !isStopped else { return .end }
        guard let path = next() else {
            helperSleeps = true
            return .wait
        }
        return .read(path)
    }

    private mutating func next() -> RootPath? {
        guard readyEntries < Self.mostEntries else { return nil }
        while let path = expected.popLast() {
            // A directory can be reached by two ways.
            guard listings[path] == nil else { continue }
            listings[path] = .some(nil)
            return path
        }
        return nil
    }

    mutating func finish(_ path: RootPath, _ listing: Listing) {
        listings[path] = listing
        readyEntries += Self.count(listing)
    }

    mutating func wakesHelper() -> Bool {
        guard helperSleeps, isStopped || (!expected.isEmpty && readyEntries < Self.mostEntries) else {
            return false
        }
        helperSleeps = false
        return true
    }

    mutating func wakesWalk() -> Bool {
        defer { walkSleeps = false }
        return walkSleeps
    }

    private static func count(_ listing: Listing) -> Int {
        (try? listing.get())?.entries.count ?? 0
    }
}

extension DirectoryReader {
    fileprivate func sortedListing(of path: RootPath) -> ListingState.Listing {
        do throws(ArchivingError) {
            var listing = try list(path)
            listing.sort()
            return .success(listing)
        } catch {
            return .failure(error)
        }
    }
}
