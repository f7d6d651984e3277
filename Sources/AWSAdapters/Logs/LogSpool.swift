import BuildEngine
import Glibc
import Synchronization
import SystemPackage

/// What was written of a log and has not been delivered yet, in order: in memory while that is little, else in a file
/// that has no name, so that a slow service neither holds up the build nor fills the memory.
final class LogSpool: Sendable {
    /// Bytes of the log, and when they were written.
    struct Piece: Sendable, Hashable {
        /// Milliseconds since 1970.
        var time: Int64
        var bytes: [UInt8]
    }

    fileprivate struct State {
        var memory: ArraySlice<Piece> = []
        var memoryBytes = 0
        var file: FileDescriptor?
        var readOffset: Int64 = 0
        var writeOffset: Int64 = 0
        var isClosed = false
        var isDiscarding = false
        var lost = 0
        var failure: Errno?
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let directory: FilePath
    private let memoryLimit: Int
    private let state = Mutex(State())
    private static let headerLength = 12

    /// A spool that keeps at most `memoryLimit` bytes in memory, and the rest in a file of `directory`.
    init(directory: FilePath, memoryLimit: Int = 1 << 20) {
        self.directory = directory
        self.memoryLimit = memoryLimit
    }

    deinit {
        try? state.withLock { $0.file.take() }?.close()
    }

    /// Takes a piece; nothing is waited for but, when there is much, the disk.
    func append(_ bytes: [UInt8], at time: Int64) {
        guard !bytes.isEmpty else { return }
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.isClosed, !state.isDiscarding else { return nil }
            if state.writeOffset == 0, state.memoryBytes + bytes.count <= memoryLimit {
                state.keep(bytes, at: time)
            } else {
                do throws(Errno) {
                    try spill(bytes, time, &state)
                } catch {
                    state.lost += bytes.count
                    state.failure = state.failure ?? error
                }
            }
            return state.waiting.take()
        }
        waiting?.resume()
    }

    /// Nothing more will be written.
    func close() {
        state.withLock {
            $0.isClosed = true
            return $0.waiting.take()
        }?.resume()
    }

    /// Forgets what there is, and what comes.
    func discard() {
        state.withLock {
            $0.isDiscarding = true
            $0.lost += $0.memoryBytes + Int($0.writeOffset - $0.readOffset)
            ($0.memory, $0.memoryBytes, $0.readOffset, $0.writeOffset) = ([], 0, 0, 0)
            try? $0.file.take()?.close()
        }
    }

    /// Waits until there is something to take, or the spool is closed.
    /// - Returns: Whether nothing more will come after what is there.
    func wait() async -> Bool {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.isClosed || state.hasSome { return true }
                state.waiting = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
        return state.withLock { $0.isClosed }
    }

    /// The oldest piece; nil when there is none.
    func take() -> Piece? {
        state.withLock { state in
            if let piece = state.memory.popFirst() {
                state.memoryBytes -= piece.bytes.count
                return piece
            }
            guard state.readOffset < state.writeOffset, let file = state.file else { return nil }
            do throws(Errno) {
                let piece = try Self.read(file, &state.readOffset)
                if state.readOffset == state.writeOffset {
                    ftruncate(file.rawValue, 0)
                    (state.readOffset, state.writeOffset) = (0, 0)
                }
                return piece
            } catch {
                state.failure = state.failure ?? error
                state.lost += Int(state.writeOffset - state.readOffset)
                (state.readOffset, state.writeOffset) = (0, 0)
                return nil
            }
        }
    }

    /// How many bytes were thrown away, and why when it was the disk.
    var losses: (bytes: Int, reason: Errno?) { state.withLock { ($0.lost, $0.failure) } }

    /// Whether there is more than memory holds.
    var hasMuch: Bool { state.withLock { $0.writeOffset > 0 || $0.memoryBytes > memoryLimit / 2 } }

    /// Whether there is nothing to take.
    var isEmpty: Bool { state.withLock { !$0.hasSome } }

    private func spill(_ bytes: [UInt8], _ time: Int64, _ state: inout State) throws(Errno) {
        let file: FileDescriptor
        if let open = state.file {
            file = open
        } else {
            file = try makeFile()
            state.file = file
        }
        var record: [UInt8] = []
        record.reserveCapacity(bytes.count + Self.headerLength)
        withUnsafeBytes(of: time.littleEndian) { record += $0 }
        withUnsafeBytes(of: UInt32(bytes.count).littleEndian) { record += $0 }
        record += bytes
        do {
            _ = try file.writeAll(toAbsoluteOffset: state.writeOffset, record)
        } catch {
            throw (error as? Errno) ?? .ioError
        }
        state.writeOffset += Int64(record.count)
    }

    /// A file of our own whose name is gone at once.
    private func makeFile() throws(Errno) -> FileDescriptor {
        let path = directory.appending(".log-\(UInt64.random(in: .min ... .max))")
        do {
            let file = try FileDescriptor.open(
                path, .readWrite, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: .ownerReadWrite)
            unlink(path.string)
            return file
        } catch {
            throw (error as? Errno) ?? .ioError
        }
    }

    private static func read(_ file: FileDescriptor, _ offset: inout Int64) throws(Errno) -> Piece {
        let header = try read(file, headerLength, at: offset)
        let time = header.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let length = header.dropFirst(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let bytes = try read(file, length, at: offset + Int64(headerLength))
        offset += Int64(headerLength + length)
        return Piece(time: Int64(bitPattern: time), bytes: bytes)
    }

    private static func read(_ file: FileDescriptor, _ count: Int, at offset: Int64) throws(Errno) -> [UInt8]
    {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let read = bytes.withUnsafeMutableBytes { buffer in
                pread(
                    file.rawValue, buffer.baseAddress.map { $0 + done }, count - done,
                    off_t(offset) + done)
            }
            if read < 0, errno == EINTR { continue }
            guard read > 0 else { throw read < 0 ? Errno(rawValue: errno) : .ioError }
            done += read
        }
        return bytes
    }
}

extension LogSpool.State {
    /// Pieces of the same moment become one, so that many small ones take no more room than their bytes.
    fileprivate mutating func keep(_ bytes: [UInt8], at time: Int64) {
        memoryBytes += bytes.count
        if let last = memory.last, last.time == time, last.bytes.count < 1 << 16 {
            memory[memory.endIndex - 1].bytes += bytes
        } else {
            memory.append(LogSpool.Piece(time: time, bytes: bytes))
        }
    }

    fileprivate var hasSome: Bool { !memory.isEmpty || readOffset < writeOffset }
}
