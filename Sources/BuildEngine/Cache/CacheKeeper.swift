import SystemPackage

/// Who keeps a build's caches for the next one.
protocol CacheKeeper: Sendable {
    /// Whether others could have made its entries than this machine's builds of the project.
    var isShared: Bool { get }

    /// Brings the entry to be restored: of exactly this key, else the newest whose key begins with the first fallback key
    /// that has one (behaviour reference, section 7.2).
    /// - Parameters:
    ///   - wanted: Paths and key of the entry.
    ///   - fallbackKeys: Beginnings of keys, the most wanted first.
    ///   - scratch: A directory that is not there yet, for what is brought from elsewhere.
    /// - Returns: Where the archives of the entry are; nil when there is no such entry.
    /// - Throws: ``RunnerFailure`` when it cannot be brought.
    func fetch(
        _ wanted: CacheIdentity, fallbackKeys: [String], into scratch: FilePath
    ) async throws(RunnerFailure) -> FilePath?

    /// Whether there is an entry of exactly this identity.
    /// - Throws: ``RunnerFailure`` when that cannot be known.
    func has(_ identity: CacheIdentity) async throws(RunnerFailure) -> Bool

    /// Adds an entry, or takes its place, whose archives are in a directory that is used up.
    /// - Throws: ``RunnerFailure`` when it cannot be kept; an older entry is as it was.
    func add(
        _ identity: CacheIdentity, of build: String, at time: Timestamp, from staged: FilePath
    ) async throws(RunnerFailure)
}

/// What makes one saved cache another than the next.
struct CacheIdentity: Sendable, Hashable {
    /// `cache/key` as the shell evaluated it; nil when the buildspec had none.
    var key: String?
    /// `cache/paths`: another list is another cache.
    var paths: [String]
}

extension CacheStore: CacheKeeper {
    var isShared: Bool { false }

    func fetch(
        _ wanted: CacheIdentity, fallbackKeys: [String], into scratch: FilePath
    ) async throws(RunnerFailure) -> FilePath? {
        entry(paths: wanted.paths, key: wanted.key, fallbackKeys: fallbackKeys).map(place)
    }

    func has(_ identity: CacheIdentity) async throws(RunnerFailure) -> Bool {
        entry(paths: identity.paths, key: identity.key, fallbackKeys: []) != nil
    }

    func add(
        _ identity: CacheIdentity, of build: String, at time: Timestamp, from staged: FilePath
    ) async throws(RunnerFailure) {
        try add(
            CacheEntry(
                name: "\(time.microseconds)-\(build)", project: project, key: identity.key,
                paths: identity.paths, savedAt: time.microseconds), from: staged)
    }
}
