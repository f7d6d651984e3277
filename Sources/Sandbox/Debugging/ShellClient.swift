import Dispatch
import Glibc
import SystemPackage

/// Joins a terminal to a shell that is served inside a sandbox (see ``ShellServer``).
struct ShellClient {
    /// Runs until the shell ends, the build does, or the caller is cancelled; the terminal is as before then.
    /// - Throws: ``SandboxError`` when nobody serves shells there.
    static func run(
        _ socket: FilePath, in root: FilePath, on terminal: Terminal
    ) async throws(SandboxError) -> ShellEnding {
        let files = try AnchoredDirectory(root)
        defer { files.close() }
        let connection = try files.connect(to: socket)
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .fileSystem(socket, Errno(rawValue: errno)) }
        let (wakes, waker) = (ends[0], ends[1])
        let relay = Relay(connection: connection.rawValue, wakes: wakes, terminal: terminal)
        let ending = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                DispatchQueue(label: "terminal").async { continuation.resume(returning: relay.run()) }
            }
        } onCancel: {
            _ = write(waker, "\n", 1)
        }
        for descriptor in [connection.rawValue, wakes, waker] { close(descriptor) }
        return ending
    }

    /// The two directions.
    private struct Relay: Sendable {
        let connection: Int32
        let wakes: Int32
        let terminal: Terminal

        func run() -> ShellEnding {
            setNonBlocking(connection)
            TerminalMode.makeRaw(terminal)
            defer { TerminalMode.restore() }
            var size = terminal.size
            var reader = ShellFrameReader()
            var toShell = ByteQueue()
            toShell.add(ShellFrame.open(ShellRequest(size: size, terminal: terminal.name)).bytes)
            var hasInput = true
            while true {
                guard toShell.flush(to: connection) else { return .cut }
                let asked = wait(hasInput: hasInput && !toShell.isFull, isWaiting: !toShell.isEmpty)
                if asked.isCancelled { return .cut }
                if asked.hasInput { hasInput = hear(&toShell) }
                if let now = terminal.size, let before = size, now != before {
                    size = now
                    toShell.add(ShellFrame.resize(rows: now.rows, columns: now.columns).bytes)
                }
                if let ending = speak(&reader) { return ending }
            }
        }

        private func wait(hasInput: Bool, isWaiting: Bool) -> (isCancelled: Bool, hasInput: Bool) {
            var polled = [
                pollfd(fd: wakes, events: Int16(POLLIN), revents: 0),
                pollfd(fd: connection, events: Int16(POLLIN | (isWaiting ? POLLOUT : 0)), revents: 0),
                pollfd(fd: hasInput ? terminal.input : -1, events: Int16(POLLIN), revents: 0),
            ]
            // A terminal's new size is noticed in time, and needs no signal.
            _ = poll(&polled, nfds_t(polled.count), terminal.isInteractive ? 200 : -1)
            return (polled[0].revents != 0, polled[2].revents != 0)
        }

        /// - Returns: Whether there can be more input.
        private func hear(_ toShell: inout ByteQueue) -> Bool {
            guard case .bytes(let bytes) = ReadResult(reading: terminal.input) else {
                toShell.add(ShellFrame.endOfInput.bytes)
                return false
            }
            toShell.add(ShellFrame.input(bytes).bytes)
            return true
        }

        private func speak(_ reader: inout ShellFrameReader) -> ShellEnding? {
            switch ReadResult(reading: connection) {
            case .nothingYet: return nil
            case .end: return .cut
            case .bytes(let bytes):
                guard let frames = try? reader.read(bytes) else { return .cut }
                for frame in frames {
                    switch frame {
                    case .output(let words):
                        _ = try? FileDescriptor(rawValue: terminal.output).writeAll(words)
                    case .exit(let code): return .left(code)
                    case .refusal(let reason): return .refused(reason)
                    default: return .cut
                    }
                }
                return nil
            }
        }
    }
}
