import AsyncHTTPClient
import Dispatch
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import SystemPackage

/// Connections to services, direct or through a proxy.
///
/// Live only inside `withAWSTransport`.
package struct AWSTransport: Sendable {
    let direct: HTTPClient
    let proxied: [ProxyAddress: HTTPClient]
    let proxies: ProxyRules
    let timeouts: TransportTimeouts
    /// The certificate authorities to trust instead of the system's; read by the first connection with TLS.
    let certificateBundle: FilePath?

    /// Begins, beside the caller, what the first connection of a process needs: threads, and some thousand lines of other
    /// people's code that run for the first time.
    package static func beginAhead() {
        DispatchQueue.global().async {
            let client = HTTPClient(
                eventLoopGroup: HTTPClient.defaultEventLoopGroup,
                configuration: HTTPClient.Configuration(nil, TransportTimeouts()))
            try? client.syncShutdown()
        }
    }

    /// Has one thread serve all connections: for commands that need few, and end soon.
    ///
    /// To be said before anything else.
    package static func useOnlyLoop() {
        NIOSingletons.groupLoopCountSuggestion = 1
    }

    /// Begins the threads that will serve connections; returns when they have begun.
    package static func beginLoops() {
        // Each connection describes its loop for the log. The first time takes long, and somebody else waits then.
        _ = HTTPClient.defaultEventLoopGroup.next().description
    }

    /// Sends one signed request once, and waits for the head of its answer.
    ///
    /// - Throws: `AWSError`: `transport`, `file` (the body), `configuration` (the certificate bundle) or `cancelled`.
    func exchange(
        _ request: AWSRequest, subject: String, limit: Duration? = nil
    ) async throws(AWSError) -> HTTPExchange {
        var message = HTTPClientRequest(url: request.url)
        message.method = HTTPMethod(rawValue: request.method)
        for field in request.headers.fields { message.headers.add(name: field.name, value: field.value) }
        switch request.body {
        case .bytes(let bytes): message.body = bytes.isEmpty ? nil : .bytes(ByteBuffer(bytes: bytes))
        case .file(let slice, _):
            message.body = .stream(FileChunks(slice: slice), length: .known(slice.length))
        case .loaded(let bytes) where bytes.length <= BufferPieces.pieceSize:
            message.body = bytes.length == 0 ? nil : .bytes(bytes.buffer)
        case .loaded(let bytes):
            message.body = .stream(BufferPieces(buffer: bytes.buffer), length: .known(bytes.length))
        }
        let client = proxies.proxy(for: request.endpoint).flatMap { proxied[$0] } ?? direct
        let allowed = limit ?? timeouts.answer(forBodyOf: request.body.length)
        do {
            let response = try await client.execute(message, deadline: .now() + TimeAmount(allowed))
            return HTTPExchange(response, subject: subject)
        } catch {
            let failure = AWSError.transport(error, subject, request.endpoint)
            if request.endpoint.isSecure { try checkCertificateBundle(after: failure) }
            throw failure
        }
    }

    /// Says so when trust could not even be set up; to who connects it looks as if there were no address.
    private func checkCertificateBundle(after failure: AWSError) throws(AWSError) {
        guard let bundle = certificateBundle,
            [.transport(.untrusted), .transport(.unreachable)].contains(failure.kind)
        else { return }
        var status = stat()
        let isDirectory = stat(bundle.string, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        if isDirectory { return }
        do {
            _ = try NIOSSLCertificate.fromPEMFile(bundle.string)
        } catch {
            throw AWSError(
                .configuration, "certificate bundle \(bundle)", "it is not a readable PEM file",
                hint: "AWS_CA_BUNDLE or ca_bundle of the profile names it")
        }
    }
}

/// How long each kind of waiting may last.
package struct TransportTimeouts: Sendable, Hashable {
    /// For a connection, TLS included.
    package var connect: Duration
    /// For the next bytes, in either direction.
    package var idle: Duration
    /// For the head of an answer, beside the time the request's body takes.
    package var answer: Duration
    /// For a profile's `credential_process`, which may ask a person.
    package var credentialProcess: Duration = .seconds(60)

    /// Ten seconds to connect, half a minute without bytes, two minutes for an answer, unless told otherwise.
    package init(
        connect: Duration = .seconds(10), idle: Duration = .seconds(30), answer: Duration = .seconds(120)
    ) {
        self.connect = connect
        self.idle = idle
        self.answer = answer
    }

    /// A body is given the time it takes at 16 KiB a second: who is slower than that will not finish.
    func answer(forBodyOf length: Int64) -> Duration { answer + .seconds(length / (16 << 10)) }
}

/// Opens a transport for `body`, and closes its connections afterwards, also on errors.
///
/// - Throws: `AWSError` (`configuration`) when a proxy's address is unusable; and whatever `body` throws.
package func withAWSTransport<R>(
    _ configuration: AWSConfiguration, timeouts: TransportTimeouts = TransportTimeouts(),
    _ body: (AWSTransport) async throws -> R
) async throws -> R {
    let transport = try AWSTransport(configuration, timeouts)
    let result: Result<R, any Error>
    do {
        result = .success(try await body(transport))
    } catch {
        result = .failure(error)
    }
    // What a closing connection still has to complain about changes nothing any more.
    for client in [transport.direct] + transport.proxied.values { try? await client.shutdown() }
    return try result.get()
}

extension AWSTransport {
    /// A transport that somebody else closes, or the end of the process.
    ///
    /// - Throws: `AWSError` (`configuration`) when a proxy's address is unusable.
    init(_ configuration: AWSConfiguration, _ timeouts: TransportTimeouts) throws(AWSError) {
        proxies = try ProxyRules(environment: configuration.environment)
        var settings = HTTPClient.Configuration(configuration, timeouts)
        direct = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: settings)
        var proxied: [ProxyAddress: HTTPClient] = [:]
        for address in proxies.addresses {
            settings.proxy = address.setting
            proxied[address] = HTTPClient(
                eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: settings)
        }
        self.proxied = proxied
        self.timeouts = timeouts
        certificateBundle = configuration.certificateBundle
    }
}

extension HTTPClient.Configuration {
    fileprivate init(_ configuration: AWSConfiguration?, _ timeouts: TransportTimeouts) {
        self.init(
            redirectConfiguration: .disallow,
            timeout: Timeout(
                connect: TimeAmount(timeouts.connect), read: TimeAmount(timeouts.idle),
                write: TimeAmount(timeouts.idle * 2)))
        httpVersion = .http1Only
        // Nobody traces this program; to ask for that at each request takes time.
        tracing.tracer = nil
        // As many as are ever asked for at a time, so that none is closed and opened again between two requests.
        connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = TransferSettings.mostRequests
        connectionPool.retryConnectionEstablishment = false
        connectionPool.idleTimeout = .seconds(15)
        if let bundle = configuration?.certificateBundle {
            // By its name: a file with all authorities takes milliseconds to read, for naught where there is no TLS.
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file(bundle.string)
            tlsConfiguration = tls
        }
    }
}
