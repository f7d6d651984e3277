import AWSClient
import FoundationEssentials
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// The container credentials endpoint, asked over real connections, byte for byte.
@Suite struct CredentialEndpointTests {
    private static let path = "/v2/credentials/one"

    private static let longLived = CredentialProvider(
        Credentials(accessKeyID: "AKIALONGLIVED", secretAccessKey: "made/up+secret\"", source: "test"))

    private func withEndpoint<R>(
        _ source: CredentialProvider = longLived, clock: WallClock = .system,
        willServe: @escaping @Sendable (Credentials) async -> Bool = { _ in true },
        didFail: @escaping @Sendable (AWSError) -> Void = { _ in },
        _ body: (CredentialEndpoint, LoopbackClient) async throws -> R
    ) async throws -> R {
        try await withCredentialEndpoint(
            path: Self.path, source: source, clock: clock, willServe: willServe, didFail: didFail
        ) { endpoint in
            try await body(endpoint, try LoopbackClient(url: endpoint.url))
        }
    }

    private static func get(_ token: String?, path: String = path, method: String = "GET") -> String {
        let field = token.map { "Authorization: \($0)\r\n" } ?? ""
        return "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n\(field)\r\n"
    }

    @Test func `the right question is answered with every field that SDKs insist on`() async throws {
        try await withEndpoint { endpoint, client in
            #expect(endpoint.url.hasPrefix("http://127.0.0.1:"))
            #expect(endpoint.url.hasSuffix(Self.path))
            #expect(endpoint.token.utf8.count == 64)
            let before = Date.now
            let answer = try await client.send(Self.get(endpoint.token))
            #expect(answer.status == 200)
            let document = try answer.document()
            #expect(document["AccessKeyId"] == "AKIALONGLIVED")
            #expect(document["SecretAccessKey"] == "made/up+secret\"")
            #expect(document["Token"]?.isEmpty == true)
            let end = try Date(try #require(document["Expiration"]), strategy: .iso8601)
            #expect((43_190...43_210).contains(end.timeIntervalSince(before)))
        }
    }

    @Test func `two endpoints have two tokens`() async throws {
        let tokens = try await withEndpoint { first, _ in
            try await withEndpoint { second, client in
                let status = try await client.send(Self.get(first.token)).status
                #expect(status == 403)
                return Set([first.token, second.token])
            }
        }
        #expect(tokens.count == 2)
    }

    @Test(arguments: ["missing", "wrong", "shorter", "longer", "empty", "bearer", "twice"])
    func `without the right token nothing is given`(kind: String) async throws {
        try await withEndpoint { endpoint, client in
            let token = endpoint.token
            let request =
                switch kind {
                case "missing": Self.get(nil)
                case "wrong": Self.get(String(token.dropLast()) + (token.last == "0" ? "1" : "0"))
                case "shorter": Self.get(String(token.dropLast()))
                case "longer": Self.get(token + "0")
                case "empty": Self.get("")
                case "bearer": Self.get("Bearer \(token)")
                default: Self.get("\(token)\r\nAuthorization: \(token)")
                }
            let answer = try await client.send(request)
            #expect(answer.status == (["missing", "twice"].contains(kind) ? 401 : 403), "\(answer)")
            #expect(!answer.text.contains("made/up") && !answer.text.contains("AKIA"))
            #expect(!answer.text.contains(token))
        }
    }

    @Test(arguments: [
        ("GET", "/", 404), ("GET", "/v2/credentials/two", 404), ("GET", path + "/", 404),
        ("GET", path + "?a=b", 404), ("GET", "/v2/credentials/../credentials/one", 404),
        ("GET", "http://elsewhere" + path, 404), ("POST", path, 405), ("HEAD", path, 405),
        ("PUT", path, 405), ("DELETE", path, 405), ("OPTIONS", "*", 404),
    ])
    func `nothing else is served`(method: String, path: String, status: Int) async throws {
        try await withEndpoint { endpoint, client in
            let answer = try await client.send(Self.get(endpoint.token, path: path, method: method))
            #expect(answer.status == status, "\(answer)")
            #expect(!answer.text.contains("made/up"))
        }
    }

    @Test(arguments: ["field", "fields", "target", "body", "chunked", "noise", "half"])
    func `an oversized or broken request is refused, and the next one is answered`(
        kind: String
    ) async throws {
        try await withEndpoint { endpoint, client in
            let good = Self.get(endpoint.token)
            // A line end of HTTP is one character: without the empty line at the end.
            let start = String(good.dropLast())
            let request =
                switch kind {
                case "field": start + "X: " + String(repeating: "x", count: 200_000) + "\r\n\r\n"
                case "fields": start + String(repeating: "X: yyyyyyyy\r\n", count: 20_000) + "\r\n"
                case "target": Self.get(endpoint.token, path: String(repeating: "/x", count: 100_000))
                case "body": start + "Content-Length: 1000000000\r\n\r\nabc"
                case "chunked": start + "Transfer-Encoding: chunked\r\n\r\nffffff\r\n"
                case "noise": "\u{16}\u{3}\u{1}\r\n\r\n"
                default: start
                }
            let begin = ContinuousClock.now
            let answer = try? await client.send(request)
            #expect(ContinuousClock.now - begin < .seconds(10))
            switch kind {
            case "body", "chunked": #expect(answer?.status == 413)
            case "half": #expect(answer?.status == nil)
            default: #expect([nil, 400, 431].contains(answer?.status), "\(answer?.text ?? "")")
            }
            #expect(answer?.text.contains("made/up") != true)
            let next = try await client.send(good)
            #expect(next.status == 200)
        }
    }

    @Test func `many who ask at once are all answered, beside many who say nothing`() async throws {
        try await withEndpoint { endpoint, client in
            let silent = try (0..<100).map { _ in try client.connect() }
            defer { silent.forEach { close($0) } }
            let statuses = try await withThrowingTaskGroup(of: Int?.self) { group in
                for _ in 0..<100 {
                    group.addTask { try await client.send(Self.get(endpoint.token)).status }
                }
                return try await group.reduce(into: [Int?]()) { $0.append($1) }
            }
            #expect(statuses.count == 100)
            #expect(statuses.allSatisfy { $0 == 200 })
        }
    }

    @Test func `credentials are renewed before they end, and hidden before they are given away`()
        async throws
    {
        let now = Mutex(Timestamp(secondsSince1970: 1_800_000_000))
        let fetches = Mutex(0)
        let events = Mutex<[String]>([])
        let clock = WallClock(now: { now.withLock { $0 } }, sleep: { _ in })
        let source = CredentialProvider(clock: clock) { () throws(AWSError) in
            let number = fetches.withLock { count in
                count += 1
                return count
            }
            return Credentials(
                accessKeyID: "ASIA\(number)", secretAccessKey: "secret-\(number)",
                sessionToken: "token-\(number)",
                expiration: now.withLock { $0 }.advanced(bySeconds: 3600), source: "test")
        }
        let willServe: @Sendable (Credentials) async -> Bool = { given in
            events.withLock { $0.append(given.secretAccessKey) }
            return given.secretAccessKey != "secret-3"
        }
        try await withEndpoint(source, clock: clock, willServe: willServe) { endpoint, client in
            let first = try await client.send(Self.get(endpoint.token)).document()
            #expect(first["Token"] == "token-1")
            #expect(first["Expiration"] == "2027-01-15T09:00:00Z")
            now.withLock { $0 = $0.advanced(bySeconds: 3000) }
            let again = try await client.send(Self.get(endpoint.token)).document()
            #expect(again["Token"] == "token-1")
            now.withLock { $0 = $0.advanced(bySeconds: 400) }
            let second = try await client.send(Self.get(endpoint.token)).document()
            #expect(second["Token"] == "token-2")
            #expect(second["Expiration"] == "2027-01-15T09:56:40Z")
            now.withLock { $0 = $0.advanced(bySeconds: 3500) }
            let refused = try await client.send(Self.get(endpoint.token))
            #expect(refused.status == 500)
            #expect(!refused.text.contains("secret-3"))
        }
        #expect(events.withLock { $0 } == ["secret-1", "secret-1", "secret-2", "secret-3"])
    }

    @Test func `why there are no credentials is told to the runner, not to the one who asks`() async throws {
        let told = Mutex<[AWSError]>([])
        let source = CredentialProvider(clock: .system) { () throws(AWSError) in
            _ = try ObjectLocation(bucket: "profile-of-the-host", key: "")
            return Credentials(accessKeyID: "", secretAccessKey: "", source: "never")
        }
        let didFail: @Sendable (AWSError) -> Void = { error in told.withLock { $0.append(error) } }
        try await withEndpoint(source, didFail: didFail) { endpoint, client in
            let answer = try await client.send(Self.get(endpoint.token))
            #expect(answer.status == 500)
            let error = try #require(told.withLock { $0.first })
            #expect(!answer.text.contains(error.reason) && !answer.text.contains(error.subject))
        }
    }

    @Test func `the endpoint ends with its body`() async throws {
        let client = try await withEndpoint { endpoint, client in
            let answer = try await client.send(Self.get(endpoint.token))
            #expect(answer.status == 200)
            return client
        }
        #expect(throws: Errno.connectionRefused) { try client.connect() }
    }

    @Test func `the runner's own chain reads what the endpoint serves`() async throws {
        try await withScratchDirectory { scratch in
            try await withEndpoint { endpoint, _ in
                try scratch.write(endpoint.token, to: "token")
                let environment = [
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI": endpoint.url,
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": scratch.path.appending("token").string,
                    "AWS_EC2_METADATA_DISABLED": "true", "HOME": scratch.path.string,
                ]
                try await withTestSession(environment) { session in
                    let found = try await session.credentials.credentials()
                    #expect(found.accessKeyID == "AKIALONGLIVED")
                    #expect(found.source == "container endpoint")
                }
            }
        }
    }
}
