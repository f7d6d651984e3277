import FoundationEssentials
import Glibc
import SystemPackage

/// The saved caches of one `.buildspec` directory: a directory each, with its archives and `entry.json`.
struct CacheStore: Sendable {
    /// The newest entries stay; older ones are removed when one is added.
    private static let keptEntries = 10

    /// `.buildspec/cache`.
    var directory: FilePath
    /// Whose entries count.
    var project: String

    /// Where an entry's archives are.
    func place(of entry: CacheEntry) -> FilePath { directory.appending(entry.name) }

    /// The entry to be restored: of exactly this key, else the newest whose key begins with the first fallback key that
    /// has one (behaviour reference, section 7.2).
    func entry(paths: [String], key: String?, fallbackKeys: [String]) -> CacheEntry? {
        let usable = entries().filter { $0.paths == paths }
        if let exact = usable.first(where: { $0.key == key }) { return exact }
        guard key != nil else { return nil }
        for prefix in fallbackKeys where !prefix.isEmpty {
            if let found = usable.first(where: { $0.key?.hasPrefix(prefix) == true }) { return found }
        }
        return nil
    }

    /// Adds an entry whose archives lie in a directory on the same file system, which becomes the entry's own.
    ///
    /// It takes the place of an older one of the same paths and key.
    /// - Throws: ``RunnerFailure`` when it cannot be added.
    func add(_ entry: CacheEntry, from staged: FilePath) throws(RunnerFailure) {
        let older = entries()
        do {
            try AtomicFile.write(
                Array(try JSONEncoder().encode(entry)), to: staged.appending("entry.json"))
        } catch let error as RunnerFailure {
            throw error
        } catch {
            throw RunnerFailure("save the cache", "\(error)")
        }
        try BuildFiles.makeDirectories(directory)
        guard rename(staged.string, place(of: entry).string) == 0 else {
            throw RunnerFailure("save the cache", Errno(rawValue: errno).description)
        }
        let replaced = older.filter { $0.paths == entry.paths && $0.key == entry.key }
        let surplus = older.filter { !replaced.contains($0) }.dropFirst(Self.keptEntries - 1)
        for old in replaced + surplus { BuildFiles.removeQuietly(place(of: old)) }
    }

    /// The project's entries, newest first.
    private func entries() -> [CacheEntry] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.string)) ?? []
        return names.compactMap { name -> CacheEntry? in
            let file = directory.appending(name).appending("entry.json")
            guard let content = try? Data(contentsOf: URL(filePath: file.string)),
                let entry = try? JSONDecoder().decode(CacheEntry.self, from: content),
                entry.name == name, entry.project == project
            else { return nil }
            return entry
        }
        .sorted { ($0.savedAt, $0.name) > ($1.savedAt, $1.name) }
    }
}
