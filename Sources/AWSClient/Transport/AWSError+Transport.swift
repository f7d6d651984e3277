import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

extension AWSError {
    /// The error for what the HTTP client threw.
    static func transport(_ cause: any Error, _ subject: String, _ endpoint: ServiceEndpoint?) -> AWSError {
        if let known = cause as? AWSError { return known }
        if cause is CancellationError || (cause as? HTTPClientError) == .cancelled || Task.isCancelled {
            return cancelled(subject)
        }
        let (failure, text) = classify(cause)
        let place = endpoint.map { " (\($0.isSecure ? "https" : "http")://\($0.authority))" } ?? ""
        return AWSError(.transport(failure), subject, text + place, hint: advice[failure])
    }

    private static let advice: [TransportFailure: String] = [
        .unreachable: "check --endpoint-url, --region, the network and HTTPS_PROXY",
        .untrusted: "name your own certificate authority in AWS_CA_BUNDLE",
    ]

    private static func classify(_ cause: any Error) -> (TransportFailure, String) {
        switch cause {
        case let error as HTTPClientError: classify(error)
        case let error as NIOConnectionError:
            (.unreachable, "could not connect: " + connectionText(error))
        case let error as IOError where unreachable.contains(error.errnoCode):
            (.unreachable, "could not connect: \(String(cString: strerror(error.errnoCode)))")
        case let error as IOError:
            (.connectionLost, "the connection broke: \(String(cString: strerror(error.errnoCode)))")
        case let error as NIOSSLError where endings.contains(error):
            (.connectionLost, "the connection ended early")
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: (.untrusted, tlsText(cause))
        case HTTPParserError.invalidEOFState: (.connectionLost, "the connection ended early")
        case is HTTPParserError: (.protocolViolation, "the answer is not HTTP: \(cause)")
        case is ChannelError: (.connectionLost, "the connection broke: \(cause)")
        default: (.connectionLost, "the connection broke: \(cause)")
        }
    }

    private static func classify(_ error: HTTPClientError) -> (TransportFailure, String) {
        switch error {
        case .connectTimeout, .tlsHandshakeTimeout, .httpProxyHandshakeTimeout, .getConnectionFromPoolTimeout:
            (.timedOut, "no connection in time")
        case .readTimeout: (.timedOut, "the answer stalled")
        case .writeTimeout: (.timedOut, "sending stalled")
        case .deadlineExceeded: (.timedOut, "no answer in time")
        case .remoteConnectionClosed, .uncleanShutdown: (.connectionLost, "the connection ended early")
        case .invalidProxyResponse, .proxyAuthenticationRequired:
            (.protocolViolation, "the proxy refused: \(error.shortDescription)")
        // The long description shows header values, and with them credentials.
        default: (.protocolViolation, error.shortDescription)
        }
    }

    private static let unreachable = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH]

    private static let endings: [NIOSSLError] = [
        .uncleanShutdown, .handshakeFailed(.sslError([.eofDuringHandshake])),
    ]

    /// BoringSSL's own descriptions name lines of its source, which help nobody here.
    private static func tlsText(_ cause: any Error) -> String {
        let text = "\(cause)"
        if cause is NIOSSLExtraError { return "the server's certificate is for another name" }
        if text.contains("CERTIFICATE_VERIFY_FAILED") { return "the server's certificate is not trusted" }
        let names = text.split(whereSeparator: { !$0.isUppercase && $0 != "_" && !$0.isNumber })
        return names.last { $0.contains("_") }.map { "TLS failed: \($0)" } ?? "TLS failed"
    }

    private static func connectionText(_ error: NIOConnectionError) -> String {
        if let refused = error.connectionErrors.first?.error as? IOError {
            return String(cString: strerror(refused.errnoCode))
        }
        return error.dnsAError == nil && error.dnsAAAAError == nil
            ? "no address" : "the host \(error.host) is unknown"
    }
}
