import Glibc
package import SystemPackage

/// Serves shells at a socket in the build's private directory: what runs inside the sandbox while a build is paused.
///
/// Started by `codebuild-breakpoint`, so that its children have the paused command's directory and variables. It takes
/// no further terminals when the socket's name is gone, and ends when the last shell has.
package enum ShellServer {
    /// Serves until the build goes on and no shell is left.
    ///
    /// Says `ok` on standard output, which it then gives up, as soon as terminals can come.
    /// - Parameters:
    ///   - socket: Where; whatever has that name is removed.
    ///   - openFiles: The limit of open files that shells get; nil for this process's own.
    /// - Throws: ``SandboxError`` when the socket cannot be made.
    package static func serve(at socket: FilePath, openFiles: UInt64?) throws(SandboxError) {
        let listener = try listen(at: socket)
        signal(SIGHUP, SIG_IGN)
        signal(SIGINT, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        _ = write(STDOUT_FILENO, "ok\n", 3)
        let null = open("/dev/null", O_RDWR)
        for descriptor: Int32 in 0...2 { dup2(null, descriptor) }
        if null > 2 { close(null) }
        var server = Loop(listener: listener, socket: socket, limit: openFiles)
        while server.turn() {}
    }

    /// Socket addresses are short, so that the socket is named from its own directory.
    private static func listen(at socket: FilePath) throws(SandboxError) -> Int32 {
        guard let name = socket.lastComponent?.string else { throw .fileSystem(socket, .invalidArgument) }
        let here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if here >= 0 { close(here) } }
        guard chdir(socket.removingLastComponent().string) == 0 else {
            throw .fileSystem(socket, Errno(rawValue: errno))
        }
        defer { fchdir(here) }
        unlink(name)
        let listener = Glibc.socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard var address = sockaddr_un(path: name), listener >= 0 else {
            throw .fileSystem(socket, .fileNameTooLong)
        }
        let mask = umask(0o077)
        let isBound = address.withPointer { bind(listener, $0, $1) } == 0
        umask(mask)
        guard isBound, Glibc.listen(listener, 8) == 0 else {
            throw .fileSystem(socket, Errno(rawValue: errno))
        }
        return listener
    }

    /// One terminal and its shell.
    private struct Conversation {
        let connection: Int32
        var reader = ShellFrameReader()
        var shell: ServedShell?
        var toShell = ByteQueue()
        var toTerminal = ByteQueue()
        var hasEndOfInput = false
        var isSilent = false
        var isOver = false
        var hasEnded = false
    }

    private struct Loop {
        private static let mostTerminals = 16
        private var listener: Int32
        private let socket: FilePath
        private let limit: UInt64?
        private var conversations: [Conversation] = []
        /// Shells whose terminal is gone, and who may take a moment to notice.
        private var leaving: [pid_t] = []

        init(listener: Int32, socket: FilePath, limit: UInt64?) {
            self.listener = listener
            self.socket = socket
            self.limit = limit
        }

        /// Waits a moment for something to do, and does it.
        /// - Returns: Whether there can be more.
        mutating func turn() -> Bool {
            var polled = conversations.flatMap(Self.interests)
            if listener >= 0 { polled.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0)) }
            _ = poll(&polled, nfds_t(polled.count), 100)
            if listener >= 0 { takeTerminals() }
            for index in conversations.indices { serve(&conversations[index]) }
            leaving += conversations.filter { $0.hasEnded && !$0.isOver }.compactMap { $0.shell?.process }
            conversations.removeAll { $0.hasEnded }
            leaving.removeAll { waitpid($0, nil, WNOHANG) != 0 }
            return listener >= 0 || !conversations.isEmpty
        }

        private static func interests(_ conversation: Conversation) -> [pollfd] {
            var events = Int16(0)
            if !conversation.toShell.isFull { events |= Int16(POLLIN) }
            if !conversation.toTerminal.isEmpty { events |= Int16(POLLOUT) }
            var polled = [pollfd(fd: conversation.connection, events: events, revents: 0)]
            guard let shell = conversation.shell else { return polled }
            if !conversation.toTerminal.isFull, !conversation.isSilent {
                polled.append(pollfd(fd: shell.output, events: Int16(POLLIN), revents: 0))
            }
            if !conversation.toShell.isEmpty {
                polled.append(pollfd(fd: shell.input, events: Int16(POLLOUT), revents: 0))
            }
            return polled
        }

        private mutating func takeTerminals() {
            if access(socket.string, F_OK) != 0 {
                close(listener)
                listener = -1
                return
            }
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
            setNonBlocking(connection)
            if conversations.count < Self.mostTerminals {
                conversations.append(Conversation(connection: connection))
            } else {
                close(connection)
            }
        }

        private func serve(_ conversation: inout Conversation) {
            guard hear(&conversation) else { return end(&conversation) }
            guard var shell = conversation.shell else {
                if !conversation.toTerminal.flush(to: conversation.connection) { end(&conversation) }
                return
            }
            if shell.input >= 0, !conversation.toShell.flush(to: shell.input) { shell.closeInput() }
            if conversation.hasEndOfInput, conversation.toShell.isEmpty { shell.closeInput() }
            // Asked before its output is read, so that all of that is seen.
            var status: Int32 = 0
            conversation.isOver = waitpid(shell.process, &status, WNOHANG) == shell.process
            conversation.shell = shell
            readOutput(of: shell, &conversation)
            if conversation.isOver {
                conversation.toTerminal.add(ShellFrame.exit(Self.code(status)).bytes)
                setBlocking(conversation.connection)
            }
            if !conversation.toTerminal.flush(to: conversation.connection) || conversation.isOver {
                end(&conversation)
            }
        }

        /// Reads what is there; at the end of the shell also what would have to wait otherwise.
        private func readOutput(of shell: ServedShell, _ conversation: inout Conversation) {
            for _ in 0..<64 where !conversation.isSilent {
                guard conversation.isOver || !conversation.toTerminal.isFull else { return }
                switch ReadResult(reading: shell.output) {
                case .bytes(let bytes): conversation.toTerminal.add(ShellFrame.output(bytes).bytes)
                case .nothingYet: return
                case .end: conversation.isSilent = true
                }
            }
        }

        /// Takes in what the terminal says.
        /// - Returns: Whether it is still there.
        private func hear(_ conversation: inout Conversation) -> Bool {
            guard !conversation.toShell.isFull else { return true }
            switch ReadResult(reading: conversation.connection) {
            case .end: return false
            case .nothingYet: return true
            case .bytes(let bytes):
                guard let frames = try? conversation.reader.read(bytes) else { return false }
                return frames.allSatisfy { take($0, &conversation) }
            }
        }

        private func take(_ frame: ShellFrame, _ conversation: inout Conversation) -> Bool {
            switch (frame, conversation.shell) {
            case (.open(let request), nil):
                conversation.shell = ServedShell.start(request, limit: limit)
                if conversation.shell == nil {
                    let reason = Errno(rawValue: errno).description
                    conversation.toTerminal.add(ShellFrame.refusal(reason).bytes)
                }
            case (.input(let bytes), .some): conversation.toShell.add(bytes)
            case (.resize(let rows, let columns), .some(let shell)):
                shell.resize(rows: rows, columns: columns)
            case (.endOfInput, .some): conversation.hasEndOfInput = true
            default: return false
            }
            return true
        }

        private func end(_ conversation: inout Conversation) {
            conversation.shell?.hangUp()
            close(conversation.connection)
            conversation.hasEnded = true
        }

        private static func code(_ status: Int32) -> UInt8 {
            let signal = status & 0x7f
            return UInt8(truncatingIfNeeded: signal == 0 ? status >> 8 & 0xff : 128 + signal)
        }
    }
}

/// Makes reading and writing wait, but for a reader that has gone to sleep no longer than some seconds.
private func setBlocking(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
    var patience = timeval(tv_sec: 5, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
}

extension sockaddr_un {
    /// The address of a socket in the file system; nil when its path is longer than addresses can be.
    init?(path: String) {
        self.init()
        sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: sun_path) else { return nil }
        withUnsafeMutableBytes(of: &sun_path) { $0.copyBytes(from: bytes) }
    }

    /// Calls `body` with the address as system calls want it.
    mutating func withPointer<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        withUnsafePointer(to: &self) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
