/// One saved cache; it never changes.
struct CacheEntry: Sendable, Hashable, Codable {
    /// The directory it lies in.
    var name: String
    /// Whose it is.
    var project: String
    /// `cache/key` as the shell evaluated it; nil when the buildspec had none.
    var key: String?
    /// `cache/paths`: another list is another cache (behaviour reference, section 7.2).
    var paths: [String]
    /// Microseconds since 1970.
    var savedAt: Int64
}
