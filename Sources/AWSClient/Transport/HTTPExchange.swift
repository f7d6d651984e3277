import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// An answer whose head is here and whose body is still to come.
struct HTTPExchange: Sendable {
    let status: Int
    let headers: HTTPHeaders
    private let body: HTTPClientResponse.Body
    private let subject: String

    init(_ response: HTTPClientResponse, subject: String) {
        status = Int(response.status.code)
        headers = response.headers
        body = response.body
        self.subject = subject
    }

    /// Hands the body on in pieces, as they arrive.
    ///
    /// What `receive` throws is thrown on.
    ///
    /// - Throws: `AWSError` when the connection ends early or stalls.
    func forEachChunk(_ receive: (ByteBuffer) async throws(AWSError) -> Void) async throws(AWSError) {
        var iterator = body.makeAsyncIterator()
        while true {
            let chunk: ByteBuffer?
            do {
                chunk = try await iterator.next()
            } catch {
                throw AWSError.transport(error, subject, nil)
            }
            guard let chunk else { break }
            try await receive(chunk)
        }
        // A cancelled body ends like a finished one.
        if Task.isCancelled { throw AWSError.cancelled(subject) }
    }

    /// The whole answer.
    ///
    /// - Throws: `AWSError`: `transport`, or `decoding` when the body has more than `limit` bytes.
    func collect(limit: Int) async throws(AWSError) -> HTTPAnswer {
        var bytes: [UInt8] = []
        try await forEachChunk { chunk throws(AWSError) in
            if bytes.count + chunk.readableBytes > limit {
                throw AWSError(.decoding, subject, "the answer has more than \(limit) bytes")
            }
            bytes.append(contentsOf: chunk.readableBytesView)
        }
        return HTTPAnswer(status: status, headers: headers, body: bytes)
    }
}

/// An answer that is here as a whole.
struct HTTPAnswer: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: [UInt8]
}

extension HTTPHeaders {
    /// The first value of this name.
    func value(_ name: String) -> String? { first(name: name) }
}
