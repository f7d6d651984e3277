import Dispatch
import FoundationEssentials
import Glibc
import SystemPackage
import Testing

/// Sends bytes to a port of 127.0.0.1 and reads what comes back, without any idea of what HTTP is.
struct LoopbackClient: Sendable {
    /// What came back until the other side closed.
    struct Answer: Sendable {
        var text: String

        /// The status of an HTTP answer.
        var status: Int? {
            let words = text.prefix { !$0.isNewline }.split(separator: " ")
            return words.count > 1 ? Int(words[1]) : nil
        }

        /// The body, which must be a flat JSON object.
        func document() throws -> [String: String] {
            // The body is one line.
            let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
            let body = try #require(lines.last, "no body")
            return try JSONDecoder().decode([String: String].self, from: Data(body.utf8))
        }
    }

    private let port: UInt16

    /// A client of the server at `http://127.0.0.1:<port>/...`.
    init(url: String) throws {
        let authority = try #require(url.split(separator: "/").dropFirst().first)
        port = try #require(authority.split(separator: ":").last.flatMap { UInt16($0) })
    }

    /// A connection that waits at most ten seconds for anything; the caller closes it.
    func connect() throws -> Int32 {
        let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard connection >= 0 else { throw Errno(rawValue: errno) }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(connection, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0x7f00_0001).bigEndian)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            let error = Errno(rawValue: errno)
            close(connection)
            throw error
        }
        return connection
    }

    /// Sends a request on a connection of its own, and reads until the other side closes.
    ///
    /// Waits on a queue of its own: the shared queues have few threads, and the server of the same process needs them.
    func send(_ request: String) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "loopback client").async {
                continuation.resume(with: Result { try exchange(Array(request.utf8)) })
            }
        }
    }

    private func exchange(_ request: [UInt8]) throws -> Answer {
        let connection = try connect()
        defer { close(connection) }
        var sent = 0
        while sent < request.count {
            let count = request[sent...].withUnsafeBytes {
                Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            // Whoever refuses early need not read to the end; the answer may be there all the same.
            if count <= 0 { break }
            sent += count
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(connection, &buffer, buffer.count, 0)
            if count < 0 && bytes.isEmpty { throw Errno(rawValue: errno) }
            if count <= 0 { break }
            bytes += buffer.prefix(count)
        }
        return Answer(text: String(decoding: bytes, as: UTF8.self))
    }
}
