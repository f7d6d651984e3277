import CLinuxCalls
import Dispatch
import Glibc
package import SystemPackage

/// The two named pipes between a build's `codebuild-breakpoint` and its runner.
///
/// `events` carries lines to the runner, `go` one line for every breakpoint that may end. The runner holds both open in
/// both directions, so that nobody in the build ever waits for another end. Whatever comes out of `events` was written
/// by the build: nothing in it is believed but for the build's own good.
package struct BreakpointPipes: Sendable {
    /// Something that happened in the build.
    package enum Event: Sendable, Hashable {
        /// A breakpoint waits: by its process id, the user and group that run it, and why it serves no shells, if so.
        case paused(name: String, user: String, refusal: String?)
        /// A breakpoint has ended.
        case gone(name: String)
        /// `codebuild-resume`.
        case resume
    }

    /// Where they are, relative to the build's root.
    package static let directory: FilePath = "codebuild/readonly/debug"
    /// There when shells are made by the container's engine, so that nobody serves any.
    private static let engineMark: FilePath = "engine"

    private let events: FileDescriptor
    private let go: FileDescriptor

    /// Makes the pipes in a root that no build has touched yet.
    /// - Parameters:
    ///   - root: The build's root.
    ///   - isServed: Whether breakpoints serve shells.
    /// - Throws: ``SandboxError`` when they cannot be made.
    package init(in root: BuildRoot, isServed: Bool) throws(SandboxError) {
        let directory = root.host(Self.directory)
        try makePrivateDirectory(directory, mode: 0o1777)
        events = try Self.makePipe(directory.appending("events"))
        do throws(SandboxError) {
            go = try Self.makePipe(directory.appending("go"))
        } catch {
            try? events.close()
            throw error
        }
        guard !isServed else { return }
        let mark = directory.pushing(Self.engineMark)
        let file = open(mark.string, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw .fileSystem(mark, Errno(rawValue: errno)) }
        Glibc.close(file)
    }

    /// Closes them.
    package func close() {
        try? events.close()
        try? go.close()
    }

    /// Lets breakpoints end.
    package func letGo(_ count: Int) {
        for _ in 0..<count { _ = write(go.rawValue, "\n", 1) }
    }

    /// What happens in the build, from now on; ends when its reader does.
    package func watch() -> AsyncStream<Event> {
        let own = fcntl(events.rawValue, F_DUPFD_CLOEXEC, 0)
        return AsyncStream(bufferingPolicy: .bufferingNewest(64)) { continuation in
            var ends: [Int32] = [-1, -1]
            guard own >= 0, buildspec_pipe(&ends) == 0 else { return continuation.finish() }
            let (wakes, waker) = (ends[0], ends[1])
            continuation.onTermination = { _ in Glibc.close(waker) }
            DispatchQueue(label: "breakpoints").async {
                Self.read(own, until: wakes) { continuation.yield($0) }
                Glibc.close(own)
                Glibc.close(wakes)
            }
        }
    }

    /// Reads events until the other end of `wakes` is closed.
    private static func read(_ events: Int32, until wakes: Int32, _ tell: (Event) -> Void) {
        var lines = LineCollector()
        while true {
            var polled = [wakes, events].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            _ = poll(&polled, 2, -1)
            if polled[0].revents != 0 { return }
            guard case .bytes(let bytes) = ReadResult(reading: events) else { continue }
            for line in lines.add(bytes) {
                if let event = Event(line) { tell(event) }
            }
        }
    }

    /// Tells the runner of a build, from outside, to let it go on.
    /// - Throws: ``SandboxError`` when the build has taken the pipe away.
    package static func resume(_ root: FilePath) throws(SandboxError) {
        let files = try AnchoredDirectory(root)
        defer { files.close() }
        let place = directory.appending("events")
        let pipe = try files.open(place, .writeOnly, options: .noFollow)
        defer { try? pipe.close() }
        var status = stat()
        guard fstat(pipe.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFIFO,
            write(pipe.rawValue, "resume\n", 7) == 7
        else { throw .fileSystem(place, .invalidArgument) }
    }

    private static func makePipe(_ path: FilePath) throws(SandboxError) -> FileDescriptor {
        guard mkfifo(path.string, 0o600) == 0, chmod(path.string, 0o666) == 0 else {
            throw .fileSystem(path, Errno(rawValue: errno))
        }
        let pipe = open(path.string, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
        guard pipe >= 0 else { throw .fileSystem(path, Errno(rawValue: errno)) }
        return FileDescriptor(rawValue: pipe)
    }
}

extension BreakpointPipes.Event {
    /// Reads a line; nil when it means nothing.
    init?(_ line: String) {
        let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(
            String.init)
        switch words.first {
        case "resume" where words.count == 1: self = .resume
        case "paused" where words.count == 4 && Self.isName(words[1]) && Self.isUser(words[2]):
            self = .paused(name: words[1], user: words[2], refusal: words[3] == "ok" ? nil : words[3])
        case "gone" where words.count == 2 && Self.isName(words[1]): self = .gone(name: words[1])
        default: return nil
        }
    }

    /// `<uid>:<gid>`.
    private static func isUser(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        return parts.count == 2 && parts.allSatisfy(isName)
    }

    /// Names become file names.
    private static func isName(_ text: String) -> Bool {
        (1...10).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}

/// Puts lines together; what is too long for one of ours is cut.
private struct LineCollector {
    private static let longest = 512
    private var line: [UInt8] = []

    mutating func add(_ bytes: [UInt8]) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                lines.append(String(decoding: line, as: UTF8.self))
                line = []
            } else if line.count < Self.longest {
                line.append(byte)
            }
        }
        return lines
    }
}
