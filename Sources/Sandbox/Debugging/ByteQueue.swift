import Glibc

/// Bytes on their way to a descriptor that may not take them all at once.
struct ByteQueue: Sendable {
    /// As much may wait before its source is left alone.
    private static let most = 64 << 10

    private var waiting: [UInt8] = []

    /// Whether nothing waits.
    var isEmpty: Bool { waiting.isEmpty }
    /// Whether the source should be left alone for a while.
    var isFull: Bool { waiting.count >= Self.most }

    /// Adds bytes to the end.
    mutating func add(_ bytes: [UInt8]) { waiting += bytes }

    /// Writes what the descriptor, which does not block, takes now.
    /// - Returns: Whether it can still be written to.
    mutating func flush(to descriptor: Int32) -> Bool {
        while !waiting.isEmpty {
            let written = waiting.withUnsafeBytes { bytes in
                // A reader that is gone is no signal to a process that serves others, too.
                let sent = send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
                return sent < 0 && errno == ENOTSOCK
                    ? write(descriptor, bytes.baseAddress, bytes.count) : sent
            }
            if written > 0 {
                waiting.removeFirst(written)
            } else if errno == EAGAIN || errno == EWOULDBLOCK {
                return true
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}

/// What a descriptor that does not block has to say.
enum ReadResult: Sendable {
    case bytes([UInt8])
    case nothingYet
    case end

    /// Reads at most one frame's worth.
    init(reading descriptor: Int32) {
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: ShellFrame.longest) { buffer, filled in
            repeat {
                count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            } while count < 0 && errno == EINTR
            filled = max(0, count)
        }
        // A pseudo-terminal whose other end is closed says EIO.
        if count > 0 {
            self = .bytes(bytes)
        } else if count < 0, errno == EAGAIN {
            self = .nothingYet
        } else {
            self = .end
        }
    }
}

/// Makes reading and writing return at once.
func setNonBlocking(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
}
