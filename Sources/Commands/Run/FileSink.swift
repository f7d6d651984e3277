import BuildEngine
import Synchronization
import SystemPackage

/// The log in a file that only its owner may read.
///
/// A disk that is full for a while costs what is said meanwhile, and the file tells where.
final class FileSink: LogSink {
    private struct State {
        var failure: Errno?
        var hasGap = false
    }

    private let file: FileDescriptor
    private let path: FilePath
    private let state = Mutex(State())

    /// Creates or empties the file.
    /// - Throws: ``RunnerFailure`` when it cannot be written.
    init(_ path: FilePath) throws(RunnerFailure) {
        self.path = path
        do {
            file = try FileDescriptor.open(
                path, .writeOnly, options: [.create, .truncate, .noFollow, .closeOnExec],
                permissions: .ownerReadWrite)
        } catch let error as Errno {
            throw RunnerFailure("write the log \(path)", error, at: path)
        } catch {
            throw RunnerFailure("write the log \(path)", "\(error)")
        }
    }

    /// Why the log is not complete, if it is not.
    var failure: RunnerFailure? {
        state.withLock { $0.failure }.map { RunnerFailure("write the log \(path)", $0, at: path) }
    }

    func write(_ bytes: [UInt8]) {
        state.withLock { state in
            do {
                if state.hasGap, let failure = state.failure {
                    _ = try file.writeAll("\n[buildspec: output is missing here: \(failure)]\n".utf8)
                    state.hasGap = false
                }
                _ = try file.writeAll(bytes)
            } catch {
                state.failure = state.failure ?? (error as? Errno) ?? .ioError
                state.hasGap = true
            }
        }
    }

    /// Closes the file.
    func close() {
        try? file.close()
    }
}
