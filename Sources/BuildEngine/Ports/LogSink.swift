/// Who hears the log: the terminal, a file, later a log service.
package protocol LogSink: Sendable {
    /// Takes bytes of the finished log. Never fails: a log that cannot be written must not stop a build.
    ///
    /// Not asynchronous, so that nothing gets between the parts of a line, and a slow reader slows the build down
    /// instead of filling memory.
    func write(_ bytes: [UInt8])
}
