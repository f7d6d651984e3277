/// One HTTP request to a service, not yet signed.
struct AWSRequest: Sendable {
    struct QueryItem: Sendable, Hashable {
        var name: String
        var value: String
    }

    var method: String
    var endpoint: ServiceEndpoint
    /// As sent: percent-encoded, begins with `/`, the endpoint's base path included.
    var path: String
    /// Not encoded; sent in the canonical order.
    var query: [QueryItem] = []
    var headers: HeaderFields = [:]
    var body: RequestBody = .bytes([])

    init(_ method: String, _ endpoint: ServiceEndpoint, path: String = "/") {
        self.method = method
        self.endpoint = endpoint
        self.path = endpoint.basePath + path
    }

    /// Sorted by encoded name, then encoded value, as Signature Version 4 wants it.
    var canonicalQuery: String {
        query.map { ($0.name.percentEncoded(), $0.value.percentEncoded()) }
            .sorted { $0.0 == $1.0 ? Self.bytewise($0.1, $1.1) : Self.bytewise($0.0, $1.0) }
            .map { $0.0 + "=" + $0.1 }
            .joined(separator: "&")
    }

    var url: String {
        let scheme = endpoint.isSecure ? "https://" : "http://"
        return scheme + endpoint.authority + path + (query.isEmpty ? "" : "?" + canonicalQuery)
    }

    private static func bytewise(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}

/// What a request carries.
enum RequestBody: Sendable {
    case bytes([UInt8])
    /// Part of a file, opened anew at each attempt; its SHA-256 is known.
    case file(FileSlice, sha256: [UInt8])
    /// Bytes that were read and hashed already.
    case loaded(LoadedBytes)

    var length: Int64 {
        switch self {
        case .bytes(let bytes): Int64(bytes.count)
        case .file(let slice, _): slice.length
        case .loaded(let bytes): bytes.length
        }
    }
}
