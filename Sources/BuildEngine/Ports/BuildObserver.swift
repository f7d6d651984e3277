/// Who is told of a build's changes, such as an event bus (behaviour reference, section 3.7).
///
/// Records hide what the log hides. Neither call waits for anybody.
package protocol BuildObserver: Sendable {
    /// The build has begun, or has ended.
    func buildChanged(_ record: BuildRecord)

    /// A phase has ended; the record has it already.
    func phaseEnded(_ phase: BuildRecord.Phase, of record: BuildRecord)

    /// Waits, within a time limit that a cancelled task shortens, until all is told.
    /// - Returns: What could not be told and why, for the person who runs the build.
    func finish() async -> [String]
}
