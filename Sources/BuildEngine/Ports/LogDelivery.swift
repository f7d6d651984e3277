/// A log service that a build's log is delivered to, beside the terminal and the file (behaviour reference, section 4.8).
///
/// Taking the log never waits for the service.
package protocol LogDelivery: LogSink {
    /// Makes the place ready, in PROVISIONING, before the first line; what comes earlier is not delivered.
    /// - Throws: ``RunnerFailure`` when the service refuses: the build does not begin then, as in the cloud.
    func open() async throws(RunnerFailure)

    /// Delivers what is left, after the last line, within a time limit that a cancelled task shortens.
    /// - Returns: What could not be delivered and why, for the person who runs the build.
    func finish() async -> [String]
}
