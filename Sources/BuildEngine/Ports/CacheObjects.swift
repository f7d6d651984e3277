package import SystemPackage

/// A store of caches that machines and projects share, as CodeBuild's S3 cache is (behaviour reference, section 7.2).
package protocol CacheObjects: Sendable {
    /// Whether there is an object of exactly this key.
    /// - Throws: ``RunnerFailure`` when the store cannot be asked.
    func has(_ key: String) async throws(RunnerFailure) -> Bool

    /// The key of the newest object whose key begins so; nil when there is none.
    /// - Throws: ``RunnerFailure`` when the store cannot be asked.
    func newest(beginningWith prefix: String) async throws(RunnerFailure) -> String?

    /// Fetches an object into a new file.
    /// - Returns: Whether there is such an object; without one there is no file.
    /// - Throws: ``RunnerFailure`` when it cannot be fetched whole; no file is left.
    func fetch(_ key: String, to file: FilePath) async throws(RunnerFailure) -> Bool

    /// Stores a file, in the place of an object of that key.
    /// - Throws: ``RunnerFailure`` when it cannot be stored; the object is as it was.
    func store(_ file: FilePath, as key: String) async throws(RunnerFailure)
}
