package import BuildEngine
import FoundationEssentials
import Glibc
import Synchronization
package import SystemPackage

/// The jobs of one worker on disk: `<state>/journal/<worker>/<job>.json`.
///
/// A worker holds a lock on its directory for as long as it lives; the kernel lets go of it whatever ends the worker.
/// Whoever starts next adopts the entries of directories without a living owner. An entry is on the disk, not only in
/// its cache, before the call to CodePipeline that it is about: so it outlives a power cut.
package final class JobJournal: Sendable {
    private static let suffix = ".json"
    private static let lockName = "lock"

    private let parent: FilePath
    private let directory: FilePath
    private let lock: FileDescriptor
    private let failure = Mutex(false)

    /// Whether the last entry could not be written.
    package var hasFailed: Bool { failure.withLock { $0 } }

    /// Opens a directory of this worker's own below `<state>/journal`.
    /// - Throws: ``RunnerFailure`` when it cannot be made.
    package init(state: FilePath) throws(RunnerFailure) {
        parent = state.appending("journal")
        for path in [state, parent] { try Self.makeDirectories(path) }
        (directory, lock) = try Self.makeDirectory(in: parent)
        try Self.synchronize(parent)
    }

    /// A directory that only its owner sees, with those above it.
    private static func makeDirectories(_ path: FilePath) throws(RunnerFailure) {
        guard mkdir(path.string, 0o700) != 0 else { return }
        let error = Errno(rawValue: errno)
        var status = stat()
        if error == .noSuchFileOrDirectory, !path.removingLastComponent().isEmpty {
            try makeDirectories(path.removingLastComponent())
            return try makeDirectories(path)
        }
        guard error == .fileExists, stat(path.string, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            var failure = RunnerFailure(
                "make the directory \(path)", error == .fileExists ? Errno.notDirectory : error, at: path)
            failure.hint = failure.hint ?? "--state-dir names a directory that the worker may write to"
            throw failure
        }
    }

    /// A directory of this worker's own, locked.
    private static func makeDirectory(
        in parent: FilePath
    ) throws(RunnerFailure) -> (FilePath, FileDescriptor) {
        while true {
            let directory = parent.appending(UUID().uuidString.lowercased())
            guard mkdir(directory.string, 0o700) == 0 else {
                throw RunnerFailure("make the directory \(directory)", Errno(rawValue: errno), at: parent)
            }
            // Another worker, which starts at this very moment, may take it for one that is empty and abandoned.
            guard let lock = lock(directory, creating: true) else {
                guard errno == ENOENT || errno == EWOULDBLOCK else {
                    throw RunnerFailure("lock \(directory)", Errno(rawValue: errno), at: directory)
                }
                continue
            }
            var status = stat()
            if fstat(lock.rawValue, &status) == 0, status.st_nlink > 0 { return (directory, lock) }
            try? lock.close()
        }
    }

    deinit { try? lock.close() }

    /// Takes over what workers left that no longer live.
    ///
    /// An entry that is damaged is that of a build of which nobody knows how far it came: its file still names the job.
    /// What another version of the worker wrote is left for that version, and for a person to see.
    ///
    /// - Parameter tell: hears of files that stay where they are.
    /// - Returns: their entries, now in this journal.
    /// - Throws: ``RunnerFailure`` when an entry cannot be kept here; nothing is lost then.
    package func adopt(_ tell: (FilePath) -> Void = { _ in }) throws(RunnerFailure) -> [JobEntry] {
        var entries: [JobEntry] = []
        for name in Self.names(parent) where name != directory.lastComponent?.string {
            let abandoned = parent.appending(name)
            // Two workers that start together: whoever gets the lock adopts.
            guard let lock = Self.lock(abandoned, creating: false) else {
                // Without a lock there has never been an entry.
                rmdir(abandoned.string)
                continue
            }
            defer { try? lock.close() }
            try adopt(from: abandoned, into: &entries, tell)
        }
        return entries
    }

    /// Moves the entries of a directory that has no owner any more.
    ///
    /// Each is moved in one step: a job that two workers found would be claimed by both.
    private func adopt(
        from abandoned: FilePath, into entries: inout [JobEntry], _ tell: (FilePath) -> Void
    ) throws(RunnerFailure) {
        var isEmptied = true
        let known = entries.count
        for name in Self.names(abandoned) where name != Self.lockName {
            let path = abandoned.appending(name)
            guard name.hasSuffix(Self.suffix) else {
                unlink(path.string)
                continue
            }
            let entry: JobEntry
            var isDamaged = false
            switch Self.read(path) {
            case .entry(let read): entry = read
            case .damaged(let job):
                entry = JobEntry(jobID: job, stage: .building)
                isDamaged = true
            case .strange:
                tell(path)
                isEmptied = false
                continue
            }
            guard rename(path.string, file(entry.jobID).string) == 0 else {
                throw RunnerFailure("move \(path)", Errno(rawValue: errno), at: directory)
            }
            if isDamaged { try write(entry) }
            entries.append(entry)
        }
        if entries.count > known {
            try Self.synchronize(directory)
            try Self.synchronize(abandoned)
        }
        guard isEmptied else { return }
        unlink(abandoned.appending(Self.lockName).string)
        rmdir(abandoned.string)
    }

    /// Keeps an entry, in place of an older one of the same job.
    /// - Throws: ``RunnerFailure`` when it is not on the disk; an older entry is left as it was.
    package func write(_ entry: JobEntry) throws(RunnerFailure) {
        do throws(RunnerFailure) {
            try put(entry)
            failure.withLock { $0 = false }
        } catch {
            failure.withLock { $0 = true }
            throw error
        }
    }

    /// Whether entries can be written again.
    package func works() -> Bool {
        // As long as an entry may be, and then some: what has room for a byte may have none for a job.
        let rehearsal = JobEntry(
            jobID: "rehearsal", stage: .claiming(nonce: String(repeating: "0", count: 8192)))
        guard (try? write(rehearsal)) != nil else { return false }
        remove(rehearsal.jobID)
        return true
    }

    private func put(_ entry: JobEntry) throws(RunnerFailure) {
        let path = file(entry.jobID)
        let temporary = FilePath("\(path).partial")
        do {
            let content = try JSONEncoder().encode(entry)
            let file = try FileDescriptor.open(
                temporary, .writeOnly, options: [.create, .truncate, .noFollow, .closeOnExec],
                permissions: .ownerReadWrite)
            try file.closeAfter {
                _ = try file.writeAll(content)
                guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
            }
            guard rename(temporary.string, path.string) == 0 else { throw Errno(rawValue: errno) }
        } catch let error as Errno {
            unlink(temporary.string)
            throw RunnerFailure("write \(path)", error, at: directory)
        } catch {
            unlink(temporary.string)
            throw RunnerFailure("write \(path)", "\(error)")
        }
        try Self.synchronize(directory)
    }

    /// Forgets a job that has been answered for, or is another worker's.
    package func remove(_ jobID: String) {
        unlink(file(jobID).string)
    }

    /// Removes the journal's directory when nothing is left in it.
    package func close() {
        guard Self.names(directory).allSatisfy({ $0 == Self.lockName }) else { return }
        unlink(directory.appending(Self.lockName).string)
        rmdir(directory.string)
    }

    /// Job names are UUIDs; whatever else a server says must not become a path.
    private func file(_ jobID: String) -> FilePath {
        let name = jobID.utf8.map { byte in
            let isPlain = (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == 0x2D
            return isPlain ? String(UnicodeScalar(byte)) : "%\(byte)"
        }
        return directory.appending(String(name.joined().prefix(200)) + Self.suffix)
    }

    /// What a file of the journal is.
    private enum Content {
        case entry(JobEntry)
        /// No JSON at all: a file system lost it. The job's name is that of the file.
        case damaged(jobID: String)
        /// Nobody knows what to do with it.
        case strange
    }

    private static func read(_ path: FilePath) -> Content {
        let decoder = JSONDecoder()
        guard let content = try? Data(contentsOf: URL(filePath: path.string)) else { return .strange }
        if let entry = try? decoder.decode(JobEntry.self, from: content) { return .entry(entry) }
        let isJSON = (try? decoder.decode(AnyObject.self, from: content)) != nil
        guard !isJSON, let name = path.stem, UUID(uuidString: name) != nil else { return .strange }
        return .damaged(jobID: name)
    }

    /// Any object of JSON.
    private struct AnyObject: Decodable {
        init(from decoder: any Decoder) throws {
            _ = try decoder.container(keyedBy: Name.self)
        }

        private enum Name: CodingKey {}
    }

    private static func names(_ directory: FilePath) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: directory.string)) ?? []).sorted()
    }

    private static func lock(_ directory: FilePath, creating: Bool) -> FileDescriptor? {
        let flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC | (creating ? O_CREAT : 0)
        let lock = open(directory.appending(lockName).string, flags, 0o600)
        guard lock >= 0 else { return nil }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let error = errno
            Glibc.close(lock)
            errno = error
            return nil
        }
        return FileDescriptor(rawValue: lock)
    }

    private static func synchronize(_ directory: FilePath) throws(RunnerFailure) {
        let descriptor = open(directory.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw RunnerFailure("open \(directory)", Errno(rawValue: errno), at: directory)
        }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw RunnerFailure("write \(directory)", Errno(rawValue: errno), at: directory)
        }
    }
}
