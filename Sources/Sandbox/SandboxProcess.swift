import CLinuxCalls
import Glibc
import SystemPackage

/// A sandbox's process, with its request stream and its log.
struct SandboxProcess: Sendable {
    /// Its id, until ``waitForEnd()`` has returned.
    let pid: pid_t
    private let requests: FileDescriptor
    private let log: FileDescriptor
    /// Readable when the process has ended; -1 where the kernel has no such thing.
    private let end: Int32
    private let thread: BlockingThread

    /// Starts the process.
    /// - Throws: ``SandboxError`` when this machine has no more processes, threads or open files to give.
    static func start(_ launch: SandboxLaunch) async throws(SandboxError) -> SandboxProcess {
        let thread = try BlockingThread()
        var requests: [Int32] = [-1, -1]
        var log: [Int32] = [-1, -1]
        // A socket, because writing to it when nobody reads any more raises no signal.
        guard
            socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &requests) == 0,
            buildspec_pipe(&log) == 0
        else {
            let error = errno
            for end in requests where end >= 0 { close(end) }
            throw failure(launch, error)
        }
        let (input, output) = (requests[1], log[1])
        let (pid, error) = await thread.run { () -> (pid_t, Int32) in
            let pid = launch.spawn(input: input, log: output)
            return (pid, errno)
        }
        close(input)
        close(output)
        guard pid > 0 else {
            close(requests[0])
            close(log[0])
            throw failure(launch, error)
        }
        return SandboxProcess(
            pid: pid, requests: FileDescriptor(rawValue: requests[0]),
            log: FileDescriptor(rawValue: log[0]), end: buildspec_process_descriptor(pid), thread: thread)
    }

    private static func failure(_ launch: SandboxLaunch, _ error: Int32) -> SandboxError {
        SandboxError(
            code: .startFailed, detail: "\(launch.executable): \(Errno(rawValue: error))", path: nil,
            hint: "see what `buildspec doctor` says")
    }

    /// Writes a request, which is short.
    /// - Throws: What the system says when nobody reads it any more.
    func send(_ request: [UInt8]) throws(Errno) {
        var rest = request[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(requests.rawValue, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Errno(rawValue: errno) }
            rest = rest.dropFirst(count)
        }
    }

    /// What comes next from the log; nothing when nobody holds it any more, it cannot be read, or the process has ended.
    ///
    /// On the host the process may end before others that hold the log: nobody runs their commands any more.
    func nextOutput() async -> [UInt8] {
        await thread.run { [log, end] in
            let awaited = Int16(POLLIN)
            var sources = [
                pollfd(fd: log.rawValue, events: awaited, revents: 0),
                pollfd(fd: end, events: awaited, revents: 0),
            ]
            while poll(&sources, nfds_t(sources.count), -1) < 0, errno == EINTR {}
            guard sources[0].revents != 0 else { return [] }
            return [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                count = (try? log.read(into: UnsafeMutableRawBufferPointer(buffer))) ?? 0
            }
        }
    }

    /// Closes the streams and waits until the process has ended.
    func waitForEnd() async {
        try? requests.close()
        try? log.close()
        if end >= 0 { close(end) }
        await thread.run { [pid] in
            while waitpid(pid, nil, 0) < 0, errno == EINTR {}
        }
    }
}

extension SandboxLaunch {
    /// Forks and executes.
    /// - Returns: The process; -1 with `errno` when there is none.
    fileprivate func spawn(input: Int32, log: Int32) -> pid_t {
        let overlays = overlays
        return executable.withPlatformString { program in
            withCStrings([executable.string] + arguments) { words in
                withCStrings(environment.map { "\($0)=\($1)" }) { variables in
                    let own = kind == .container ? nil : UnsafePointer(variables)
                    guard let overlays else {
                        return buildspec_start_sandbox(program, words, own, input, log, nil)
                    }
                    return overlays.withStructure {
                        buildspec_start_sandbox(program, words, own, input, log, $0)
                    }
                }
            }
        }
    }
}

/// Lends lists of strings as C has them: arrays that end with a null pointer.
func withCStringLists<Result>(
    _ lists: [[String]], _ body: ([UnsafePointer<UnsafePointer<CChar>?>]) -> Result
) -> Result {
    var pointers: [UnsafePointer<CChar>?] = []
    var starts: [Int] = []
    for list in lists {
        starts.append(pointers.count)
        pointers += list.map { UnsafePointer(strdup($0)) }
        pointers.append(nil)
    }
    defer { for pointer in pointers { free(UnsafeMutablePointer(mutating: pointer)) } }
    func lend(_ first: UnsafePointer<UnsafePointer<CChar>?>) -> Result { body(starts.map { first + $0 }) }
    return lend(pointers)
}

/// Lends strings as C has them: an array that ends with a null pointer.
func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    pointers.append(nil)
    return body(&pointers)
}
