import CLinuxCalls
import Glibc
import SystemPackage

/// One run of a program that reads a file from standard input and says something.
///
/// The program gets an environment of its own, so that `ENV`, `BASH_ENV` and their like cannot make a shell
/// read more than it is given.
struct ToolRun {
    /// The program and its arguments.
    var executable: FilePath
    var arguments: [String]
    /// Which of its outputs is kept; the other goes to `/dev/null`.
    var keeps: KeptOutput
    /// How many bytes of it are kept; the rest is read and dropped.
    var outputLimit: Int

    enum KeptOutput { case standardOutput, standardError }

    /// How the program ended.
    struct Outcome {
        /// The exit status; nil when a signal ended it.
        var status: Int32?
        var output: [UInt8]
        /// Whether it was killed because the time was over.
        var isTimedOut = false
        /// Whether it said more than was kept.
        var isCut = false
    }

    private static let environment = [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
    ]

    /// Runs the program to its end, or kills it at the deadline.
    func run(input: borrowing MemoryFile, until deadline: ContinuousClock.Instant) throws(Errno) -> Outcome {
        var ends: [Int32] = [-1, -1]
        guard buildspec_pipe(&ends) == 0 else { throw Errno(rawValue: errno) }
        let reading = ends[0]
        defer { close(reading) }
        let process: pid_t
        do throws(Errno) {
            process = try spawn(input: input.descriptor, output: ends[1])
        } catch {
            close(ends[1])
            throw error
        }
        close(ends[1])
        var outcome = read(reading, until: deadline)
        if outcome.isTimedOut { kill(process, SIGKILL) }
        outcome.status = wait(for: process)
        return outcome
    }

    private func spawn(input: Int32, output: Int32) throws(Errno) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        let kept: Int32 = keeps == .standardOutput ? 1 : 2
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, kept)
        posix_spawn_file_actions_addopen(&actions, kept == 1 ? 2 : 1, "/dev/null", O_WRONLY, 0)
        // We may ignore or block signals; a program that inherits that could not be ended by them.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var process: pid_t = 0
        let name = executable.lastComponent?.string ?? executable.string
        let failure = withCStrings([name] + arguments) { argv in
            withCStrings(Self.environment) { envp in
                executable.withPlatformString { posix_spawn(&process, $0, &actions, &attributes, argv, envp) }
            }
        }
        guard failure == 0 else { throw Errno(rawValue: failure) }
        return process
    }

    private func read(_ descriptor: Int32, until deadline: ContinuousClock.Instant) -> Outcome {
        var outcome = Outcome(status: nil, output: [])
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let left = deadline - .now
            guard left > .zero else {
                outcome.isTimedOut = true
                return outcome
            }
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let milliseconds = left.components.seconds > 3600 ? 3_600_000 : Int32(left / .milliseconds(1)) + 1
            let ready = poll(&waiting, 1, milliseconds)
            if ready == 0 || (ready < 0 && errno == EINTR) { continue }
            let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return outcome }
            let room = outputLimit - outcome.output.count
            outcome.output.append(contentsOf: buffer[..<min(count, room)])
            if count > room { outcome.isCut = true }
        }
    }

    private func wait(for process: pid_t) -> Int32? {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { return nil }
        }
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : nil
    }
}

/// Lends an array of C strings that ends with a null pointer.
private func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    let copies = strings.map { strdup($0) }
    defer { copies.forEach { free($0) } }
    return body(copies + [nil])
}
