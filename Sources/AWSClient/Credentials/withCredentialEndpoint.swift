import NIOCore
import NIOHTTP1
import NIOPosix

/// Opens a container credentials endpoint on a free port of 127.0.0.1 for `body`, and closes it afterwards, also on
/// errors.
///
/// Only a GET of its one path with its own token is answered with credentials. Requests are bounded: one for each
/// connection, without a body, within seconds; a limited number at a time.
///
/// - Parameters:
///   - path: The path in the endpoint's address; begins with a slash.
///   - source: Who gets and renews the credentials.
///   - clock: Tells when credentials without an end of their own are said to end.
///   - willServe: Called with credentials before they are given away, so that they can be hidden; false refuses.
///   - didFail: Told why credentials could not be had; the one who asked learns only that.
///   - body: What to do while the endpoint answers.
/// - Returns: What `body` returns.
/// - Throws: `AWSError` (`transport`) when no port can be opened; and whatever `body` throws.
package func withCredentialEndpoint<R>(
    path: String, source: CredentialProvider, clock: WallClock = .system,
    willServe: @escaping @Sendable (Credentials) async -> Bool,
    didFail: @escaping @Sendable (AWSError) -> Void,
    _ body: (CredentialEndpoint) async throws -> R
) async throws -> R {
    let listener = try await CredentialListener.open()
    guard let port = listener.channel.localAddress?.port else {
        throw AWSError(.transport(.unreachable), "container endpoint", "it has no port")
    }
    let token = CredentialListener.makeToken()
    let responder = CredentialResponder(
        path: path, token: token, source: source, clock: clock, willServe: willServe, didFail: didFail)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await CredentialListener.serve(listener, responder) }
        defer { group.cancelAll() }
        return try await body(CredentialEndpoint(url: "http://127.0.0.1:\(port)\(path)", token: token))
    }
}

/// The network side of a container credentials endpoint.
private enum CredentialListener {
    typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>
    typealias Listener = NIOAsyncChannel<Connection, Never>

    /// Connections served at a time; further ones wait.
    private static let connectionLimit = 64
    /// How long a client may take to ask.
    ///
    /// SDKs themselves wait a second or two.
    private static let requestLimit: Duration = .seconds(2)

    static func open() async throws(AWSError) -> Listener {
        do {
            return try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .serverChannelOption(.backlog, value: 256)
                .bind(host: "127.0.0.1", port: 0) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                        return try Connection(wrappingChannelSynchronously: channel)
                    }
                }
        } catch {
            throw AWSError.transport(error, "container endpoint", nil)
        }
    }

    /// 256 random bits in hexadecimal.
    static func makeToken() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<32).map { _ in
            let digits = String(UInt8.random(in: .min ... .max, using: &generator), radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// Serves until the task is cancelled.
    static func serve(_ listener: Listener, _ responder: CredentialResponder) async {
        try? await listener.executeThenClose { connections in
            await withTaskGroup(of: Void.self) { group in
                var running = 0
                do {
                    for try await connection in connections {
                        if running == connectionLimit {
                            await group.next()
                            running -= 1
                        }
                        group.addTask { await serve(connection, responder) }
                        running += 1
                    }
                } catch {
                    // A listener that broke hands out nothing any more; SDKs say that they cannot connect.
                }
                group.cancelAll()
            }
        }
    }

    /// One request, one answer.
    ///
    /// A client that is slow, gone or talks nonsense concerns nobody else.
    private static func serve(_ connection: Connection, _ responder: CredentialResponder) async {
        try? await connection.executeThenClose { inbound, outbound in
            let late = AWSError(.transport(.timedOut), "container endpoint", "no request in time")
            let head = try await withDeadline(requestLimit, timeout: late) { () -> HTTPRequestHead? in
                for try await part in inbound {
                    if case .head(let head) = part { return head }
                }
                return nil
            }
            guard let head else { return }
            let response = await responder.respond(to: CredentialResponder.Request(head))
            var fields = HTTPHeaders([
                ("Content-Type", "application/json"), ("Content-Length", String(response.body.count)),
                ("Cache-Control", "no-store"), ("Connection", "close"),
            ])
            if response.status == 405 { fields.add(name: "Allow", value: "GET") }
            let status = HTTPResponseStatus(statusCode: response.status)
            try await outbound.write(
                contentsOf: [
                    .head(HTTPResponseHead(version: .http1_1, status: status, headers: fields)),
                    .body(.byteBuffer(ByteBuffer(bytes: response.body))), .end(nil),
                ])
        }
    }
}

extension CredentialResponder.Request {
    fileprivate init(_ head: HTTPRequestHead) {
        let length = head.headers["Content-Length"]
        self.init(
            method: head.method.rawValue, target: head.uri, authorization: head.headers["Authorization"],
            hasBody: head.headers.contains(name: "Transfer-Encoding") || length.contains { $0 != "0" })
    }
}
