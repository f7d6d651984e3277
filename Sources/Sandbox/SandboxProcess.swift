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
    /// Whether its user namespace has ids already, and nobody need wait for its question.
    let hasUsers: Bool

    /// Starts the process.
    /// - Throws: ``SandboxError`` when this machine has no more processes, threads or open files to give.
    static func start(_ launch: SandboxLaunch) async throws(SandboxError) -> SandboxProcess {
        if let grown = SandboxSeed.shared.take(for: launch) {
            guard let thread = try? BlockingThread() else {
                grown.end()
                throw failure(launch, .resourceTemporarilyUnavailable)
            }
            return SandboxProcess(grown, thread, hasUsers: true)
        }
        let thread = try BlockingThread()
        let child = await thread.run {
            ChildProcess.make { input, log in
                launch.withStructure { buildspec_start_sandbox($0, input, log) }
            }
        }
        switch child {
        case .success(let child): return SandboxProcess(child, thread, hasUsers: false)
        case .failure(let error): throw failure(launch, error)
        }
    }

    private init(_ child: ChildProcess, _ thread: BlockingThread, hasUsers: Bool) {
        pid = child.pid
        requests = FileDescriptor(rawValue: child.requests)
        log = FileDescriptor(rawValue: child.log)
        end = buildspec_process_descriptor(child.pid)
        self.thread = thread
        self.hasUsers = hasUsers
    }

    private static func failure(_ launch: SandboxLaunch, _ error: Errno) -> SandboxError {
        SandboxError(
            code: .startFailed, detail: "\(launch.executable): \(error)", path: nil,
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

/// A process and the runner's ends of its streams.
struct ChildProcess: Sendable {
    let pid: pid_t
    let requests: Int32
    let log: Int32

    /// Makes the streams, and a process with their other ends.
    /// - Parameter fork: Returns the id of the process; -1 with `errno` when there is none.
    /// - Returns: The process, or why there is none.
    static func make(_ fork: (_ input: Int32, _ log: Int32) -> pid_t) -> Result<ChildProcess, Errno> {
        var requests: [Int32] = [-1, -1]
        var log: [Int32] = [-1, -1]
        // A socket, because writing to it when nobody reads any more raises no signal.
        guard
            socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &requests) == 0,
            buildspec_pipe(&log) == 0
        else {
            let error = Errno(rawValue: errno)
            for end in requests where end >= 0 { close(end) }
            return .failure(error)
        }
        let pid = fork(requests[1], log[1])
        let error = Errno(rawValue: errno)
        close(requests[1])
        close(log[1])
        guard pid > 0 else {
            close(requests[0])
            close(log[0])
            return .failure(error)
        }
        return .success(ChildProcess(pid: pid, requests: requests[0], log: log[0]))
    }

    /// Ends it, and waits for that.
    func end() {
        kill(pid, SIGKILL)
        close(requests)
        close(log)
        while waitpid(pid, nil, 0) < 0, errno == EINTR {}
    }
}

extension SandboxLaunch {
    /// Lends it to C.
    func withStructure<Result>(_ body: (UnsafePointer<buildspec_launch>) -> Result) -> Result {
        let variables = environment.map { "\($0)=\($1)" }
        return executable.withPlatformString { program in
            withCStringLists([[executable.string] + arguments, variables]) { lists in
                let own = kind == .container ? nil : lists[1]
                var launch = buildspec_launch(
                    program: program, arguments: lists[0], environment: own, overlays: nil)
                guard let overlays else { return body(&launch) }
                return overlays.withStructure {
                    launch.overlays = $0
                    return body(&launch)
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
