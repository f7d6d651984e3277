import Crypto

/// AWS Signature Version 4 in the `Authorization` header (IAM User Guide, "Create a signed AWS API request").
///
/// Every header field of the request is signed but those that proxies may touch.
struct RequestSigner: Sendable {
    let credentials: Credentials
    let region: String
    let service: AWSService

    private static let unsigned: Set = [
        "expect", "transfer-encoding", "user-agent", "x-amzn-trace-id", "connection",
    ]

    /// Adds `Host`, `X-Amz-Date`, `X-Amz-Security-Token` where the credentials have one, for S3
    /// `x-amz-content-sha256`, and `Authorization`.
    func sign(_ request: inout AWSRequest, at time: Timestamp) {
        let stamp = time.compactText
        request.headers["Host"] = request.endpoint.authority
        request.headers["X-Amz-Date"] = stamp
        request.headers["X-Amz-Security-Token"] = credentials.sessionToken
        let payload = payloadHash(request.body)
        if service == .s3 { request.headers["x-amz-content-sha256"] = payload }

        let headers = canonicalHeaders(request.headers)
        let names = headers.map(\.name).joined(separator: ";")
        let scope = "\(stamp.prefix(8))/\(region)/\(service.signingName)/aws4_request"
        let canonical = [
            request.method, canonicalPath(request.path), request.canonicalQuery,
            headers.map { "\($0.name):\($0.value)\n" }.joined(), names, payload,
        ].joined(separator: "\n")
        let signature = signature(ofCanonical: canonical, stamp: stamp)
        request.headers["Authorization"] =
            "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID)/\(scope), "
            + "SignedHeaders=\(names), Signature=\(signature)"
    }

    /// The signature of a canonical request that somebody else has put together.
    func signature(ofCanonical canonical: String, stamp: String) -> String {
        let scope = "\(stamp.prefix(8))/\(region)/\(service.signingName)/aws4_request"
        let digest = SHA256.hash(data: Array(canonical.utf8)).hexadecimal
        let text = "AWS4-HMAC-SHA256\n\(stamp)\n\(scope)\n\(digest)"
        return hmac(signingKey(day: String(stamp.prefix(8))), text).hexadecimal
    }

    private func payloadHash(_ body: RequestBody) -> String {
        switch body {
        case .bytes(let bytes): SHA256.hash(data: bytes).hexadecimal
        case .file(_, let sha256): sha256.hexadecimal
        case .loaded(let bytes): bytes.sha256.hexadecimal
        }
    }

    /// S3 signs the path as sent; all others a normalised path, encoded once more.
    private func canonicalPath(_ path: String) -> String {
        if service == .s3 { return path }
        var segments: [Substring] = []
        for segment in path.split(separator: "/") where segment != "." {
            if segment == ".." { _ = segments.popLast() } else { segments.append(segment) }
        }
        guard !segments.isEmpty else { return "/" }
        let tail = path.hasSuffix("/") ? "/" : ""
        return ("/" + segments.joined(separator: "/") + tail).percentEncoded(keepingSlash: true)
    }

    private func canonicalHeaders(_ headers: HeaderFields) -> [HeaderFields.Field] {
        var values: [String: [String]] = [:]
        for field in headers.fields {
            let name = field.name.lowercased()
            if Self.unsigned.contains(name) { continue }
            let words = field.value.split(whereSeparator: { $0 == " " || $0 == "\t" })
            values[name, default: []].append(words.joined(separator: " "))
        }
        return values.map { HeaderFields.Field(name: $0.key, value: $0.value.joined(separator: ",")) }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    private func signingKey(day: String) -> [UInt8] {
        [day, region, service.signingName, "aws4_request"]
            .reduce(Array("AWS4\(credentials.secretAccessKey)".utf8)) { hmac($0, $1) }
    }

    private func hmac(_ key: [UInt8], _ text: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: key)))
    }
}
