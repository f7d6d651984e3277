import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

/// Shows a worker's state over HTTP while `body` runs: `/healthz`, `/readyz` and `/metrics`.
///
/// For GET and HEAD alone. Requests are bounded: one for each connection, in few bytes, within seconds, and a limited
/// number at a time; connections that only wait do not keep others from their answer.
///
/// - Parameters:
///   - address: Where to listen.
///   - pages: What is shown.
///   - body: What to do meanwhile; it is given the address with the real port.
/// - Returns: What `body` returns.
/// - Throws: ``ListenFailure`` when the machine does not let us listen there; and whatever `body` throws.
package func withOperationsServer<R: Sendable>(
    at address: ListenAddress, _ pages: OperationsPages,
    _ body: (ListenAddress) async throws -> R
) async throws -> R {
    let listener = try await OperationsListener.open(address)
    let port = listener.channel.localAddress?.port ?? address.port
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await OperationsListener.serve(listener, pages) }
        defer { group.cancelAll() }
        return try await body(ListenAddress(host: address.host, port: port))
    }
}

/// The network side.
private enum OperationsListener {
    typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>
    typealias Listener = NIOAsyncChannel<Connection, Never>

    /// Connections at a time: one more, and the oldest ends, which has had its time.
    private static let connectionLimit = 32
    /// How long a connection may last: Prometheus itself gives up after ten seconds.
    private static let timeLimit: Duration = .seconds(5)

    static func open(_ address: ListenAddress) async throws(ListenFailure) -> Listener {
        do {
            return try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .serverChannelOption(.backlog, value: 64)
                // A worker that starts again takes the port that its predecessor's connections still linger on.
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(host: address.host, port: address.port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(RequestSizeLimit())
                        try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                        return try Connection(wrappingChannelSynchronously: channel)
                    }
                }
        } catch {
            throw ListenFailure(error, address)
        }
    }

    /// Serves until the task is cancelled.
    static func serve(_ listener: Listener, _ pages: OperationsPages) async {
        try? await listener.executeThenClose { connections in
            await withTaskGroup(of: Void.self) { group in
                var recent: [any Channel] = []
                do {
                    for try await connection in connections {
                        if recent.count == connectionLimit {
                            recent.removeFirst().close(promise: nil)
                            await group.next()
                        }
                        group.addTask { await serve(connection, pages) }
                        recent.append(connection.channel)
                    }
                } catch {
                    // A listener that broke shows nothing any more, which is what an operator's alarms are for.
                }
                group.cancelAll()
            }
        }
    }

    /// One request, one answer; then the connection ends, whatever the client wants.
    private static func serve(_ connection: Connection, _ pages: OperationsPages) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await answer(connection, pages) }
            group.addTask {
                try? await Task.sleep(for: timeLimit)
                connection.channel.close(promise: nil)
            }
            await group.next()
            group.cancelAll()
        }
    }

    private static func answer(_ connection: Connection, _ pages: OperationsPages) async {
        try? await connection.executeThenClose { inbound, outbound in
            for try await part in inbound {
                guard case .head(let head) = part else { continue }
                let page = pages.answer(method: head.method.rawValue, target: head.uri)
                var fields = HTTPHeaders([
                    ("Content-Type", page.contentType), ("Content-Length", String(page.body.utf8.count)),
                    ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
                    ("Connection", "close"),
                ])
                if page.status == 405 { fields.add(name: "Allow", value: "GET, HEAD") }
                let status = HTTPResponseStatus(statusCode: page.status)
                try await outbound.write(
                    .head(HTTPResponseHead(version: .http1_1, status: status, headers: fields)))
                if head.method != .HEAD {
                    try await outbound.write(.body(.byteBuffer(ByteBuffer(string: page.body))))
                }
                return try await outbound.write(.end(nil))
            }
        }
    }
}

/// Ends a connection that sends more than a request for a page takes.
private final class RequestSizeLimit: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let limit = 8 << 10
    private var received = 0

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let alreadyOver = received > Self.limit
        received += unwrapInboundIn(data).readableBytes
        guard received > Self.limit else { return context.fireChannelRead(data) }
        guard !alreadyOver else { return }
        let answer =
            "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
        context.close(promise: nil)
    }
}

extension ListenFailure {
    fileprivate init(_ error: any Error, _ address: ListenAddress) {
        guard let error = error as? IOError else {
            self.init(
                .refused, "cannot listen on \(address): \(error)", hint: "name an address of this machine")
            return
        }
        let hint: String? =
            switch error.errnoCode {
            case EADDRINUSE: "another program listens there; name another port, or 0 for a free one"
            case EACCES: "ports below 1024 need a privilege; name a higher one"
            case EADDRNOTAVAIL: "this machine has no such address"
            default: nil
            }
        let reason = String(cString: strerror(error.errnoCode))
        self.init(.refused, "cannot listen on \(address): \(reason)", hint: hint)
    }
}
