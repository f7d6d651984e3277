import FoundationEssentials

/// A server on the loopback interface that misbehaves as told, and forwards everything else to another one.
///
/// It keeps a log of the requests that came through, and checks their signatures (version 4, as sent on the wire).
package struct FaultProxy: Sendable {
    /// What to do with requests whose `METHOD /path?query` matches a regular expression.
    package struct Rule: Sendable, Encodable {
        /// The regular expression, searched anywhere in the line.
        package var match: String
        /// How many matching requests are treated so.
        package var times = 1
        /// How likely a matching request is treated so, of 1; drawn from `seed`.
        package var chance: Double?
        /// Answer with this status, instead of asking the server behind.
        package var status: Int?
        /// Header fields of that answer.
        package var headers: [String: String]?
        /// Body of that answer.
        package var body: String?
        /// Answer with `status` before the body has come, and close.
        package var early: Bool?
        /// Close without an answer.
        package var drop: Bool?
        /// Reset the connection.
        package var reset: Bool?
        /// Never answer.
        package var stall: Bool?
        /// Let the server behind do it, but lose the answer.
        package var swallow: Bool?
        /// Seconds to wait before the connection is closed without an answer.
        package var silence: Double?
        /// Let the server behind do it, but change this field of the answer's header.
        package var spoil: String?
        /// Send so many bytes of the answer's body, then close.
        package var cut: Int?
        /// Send the body byte by byte, with a pause of so many seconds after each.
        package var drip: Double?
        /// Send the body again and again, as long as somebody takes it.
        package var flood: Bool?

        /// A rule that does nothing yet.
        package init(_ match: String, times: Int = 1, _ set: (inout Rule) -> Void) {
            self.match = match
            self.times = times
            set(&self)
        }
    }

    /// A request that came.
    package struct Request: Sendable, Decodable {
        /// The method.
        package let method: String
        /// Path and query as sent.
        package let path: String
        /// Bytes in the body.
        package let length: Int
        /// SHA-256 of the body in hexadecimal digits.
        package let sha256: String
        /// Header fields, names in lower case.
        package let headers: [String: String]
        /// The body where it is short and text, else empty.
        package let body: String
        /// Nil when it had no signature.
        package let signatureIsRight: Bool?
    }

    /// The address, `http://127.0.0.1:<port>`.
    package let endpointURL: String

    /// The requests so far, but for those answered early.
    package func requests() async throws -> [Request] {
        let script =
            "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1] + '/__log').read().decode())"
        let text = try await PythonEnvironment().run(script, arguments: [endpointURL])
        return try JSONDecoder().decode([Request].self, from: Data(text.utf8))
    }

    /// Starts a proxy for `body` and stops it afterwards, also on errors.
    ///
    /// - Parameters:
    ///   - rules: the first that matches and is not used up applies.
    ///   - upstream: where all else goes, `http://127.0.0.1:<port>`; without it the answer is 200 and empty.
    ///   - secretAccessKey: what requests should be signed with.
    ///   - body: what to do meanwhile.
    /// - Returns: what `body` returns.
    /// - Throws: whatever `body` throws, and a failure when Python is not set up.
    @discardableResult
    package static func run<R: Sendable>(
        _ rules: [Rule], upstream: String = "", secretAccessKey: String = MotoServer.secretAccessKey,
        _ body: @Sendable (FaultProxy) async throws -> R
    ) async throws -> R {
        let encoded = String(decoding: try JSONEncoder().encode(rules), as: UTF8.self)
        return try await withPythonServer(script, arguments: [encoded, upstream, secretAccessKey]) { port in
            try await body(FaultProxy(endpointURL: "http://127.0.0.1:\(port)"))
        }
    }
}
