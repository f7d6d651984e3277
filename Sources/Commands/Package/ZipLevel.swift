/// What `--level` of the commands that make zips may be.
enum ZipLevel {
    /// The level, in its range.
    ///
    /// - Throws: ``CommandFailure`` with status `usage`.
    static func checked(_ level: Int) throws(CommandFailure) -> Int {
        guard (1...12).contains(level) else { throw .usage("--level \(level): expected 1 to 12") }
        return level
    }
}
