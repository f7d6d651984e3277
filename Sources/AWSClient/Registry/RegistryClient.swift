import Crypto
import FoundationEssentials
import NIOHTTP1

/// A container registry that speaks the Docker Registry HTTP API V2 (OCI distribution specification, "Pull").
///
/// Only what pins an image: the digest of a manifest.
package struct RegistryClient: Sendable {
    private let connection: ServiceContext.Connection
    private let endpoint: ServiceEndpoint
    /// `user:password` in base64, for this registry.
    private let login: RegistryLogin?

    /// Kinds of manifests; lists come first, since the digest of a list is what all architectures share.
    package static let manifestTypes = [
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    ]

    private static let largestManifest = 4 << 20

    /// A client of the registry at a host; registries of this machine are spoken to without TLS, as Docker does.
    ///
    /// - Parameters:
    ///   - session: whose connections are used; its credentials are not.
    ///   - host: `host[:port]`.
    ///   - login: for registries that want one.
    /// - Throws: `AWSError` (`configuration`) when the host is none.
    package init(session: AWSSession, host: String, login: RegistryLogin?) throws(AWSError) {
        connection = session.connection
        let name = host.hasPrefix("[") ? host : String(host.prefix { $0 != ":" })
        let isLocal = name == "localhost" || name == "127.0.0.1" || name.hasPrefix("[::1]")
        endpoint = try ServiceEndpoint(url: (isLocal ? "http://" : "https://") + host, origin: "registry")
        self.login = login
    }

    /// The digest of what a tag or a digest names.
    ///
    /// - Parameters:
    ///   - repository: the repository's name.
    ///   - reference: a tag or a digest, as the grammar of image references has them.
    /// - Returns: `sha256:...`; nil when the registry has no such image.
    /// - Throws: `AWSError`
    package func digest(repository: String, reference: String) async throws(AWSError) -> String? {
        let subject = "registry \(endpoint.authority) \(repository.visible):\(reference.visible)"
        let path =
            "/v2/\(repository.percentEncoded(keepingSlash: true))/manifests/\(reference)"
        var authorization: String?
        let first = try await ask("HEAD", path, authorization, subject)
        var answer = first.answer
        // Of a place that the registry only redirects to, nobody is told who asks.
        if answer.status == 401, first.isFromRegistry {
            authorization = try await authorize(
                answer.headers["www-authenticate"], repository: repository, subject)
            answer = try await ask("HEAD", path, authorization, subject).answer
        }
        if answer.status == 404 { return nil }
        // What says that it is something else is looked at as a whole.
        if answer.status == 200, let digest = answer.headers.value("docker-content-digest"),
            Self.isManifestType(answer.headers.value("content-type") ?? "") ?? true
        {
            return try checked(digest, subject)
        }
        if answer.status == 200 || answer.status == 405 {
            answer = try await ask("GET", path, authorization, subject).answer
            if answer.status == 404 { return nil }
            if answer.status == 200 { return try hashed(answer, subject) }
        }
        throw refusal(answer, subject)
    }

    private func checked(_ digest: String, _ subject: String) throws(AWSError) -> String {
        let digits = digest.utf8.dropFirst(7)
        guard digest.hasPrefix("sha256:"), digits.count == 64,
            digits.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { throw AWSError(.decoding, subject, "the registry's digest is not of the known kind") }
        return digest
    }

    /// The digest of a manifest that came as a whole; of anything else it would pin what no registry has.
    private func hashed(_ answer: HTTPAnswer, _ subject: String) throws(AWSError) -> String {
        let type = answer.headers.value("content-type") ?? ""
        guard Self.isManifest(answer.body, type) else {
            let kind = type.isEmpty ? "no type" : String(type.visible.prefix(100))
            throw AWSError(
                .decoding, subject,
                "what answers is no manifest of an image (\(kind), \(answer.body.count) bytes)",
                hint: "check the registry's address: a proxy or a login page may answer in its place")
        }
        let digest = "sha256:" + Self.hexadecimal(SHA256.hash(data: answer.body))
        if let stated = answer.headers.value("docker-content-digest"), try checked(stated, subject) != digest
        {
            throw AWSError(.decoding, subject, "the registry's digest is not that of the manifest it sends")
        }
        return digest
    }

    /// A manifest is a JSON object that says so in its type or in itself.
    private static func isManifest(_ body: [UInt8], _ type: String) -> Bool {
        struct Manifest: Decodable {
            var schemaVersion: Int?
        }
        guard let manifest = try? JSONDecoder().decode(Manifest.self, from: Data(body)) else { return false }
        return manifest.schemaVersion == 2 || isManifestType(type) == true
    }

    /// Whether a type is that of a manifest; nil for none.
    private static func isManifestType(_ type: String) -> Bool? {
        let name = type.prefix { $0 != ";" }.trimmed(where: { $0 == " " })
        return name.isEmpty ? nil : manifestTypes.contains(name.lowercased())
    }

    private func ask(
        _ method: String, _ path: String, _ authorization: String?, _ subject: String
    ) async throws(AWSError) -> RegistryExchange.Outcome {
        var request = AWSRequest(method, endpoint, path: path)
        request.headers["Accept"] = Self.manifestTypes.joined(separator: ", ")
        request.headers["Authorization"] = authorization
        request.headers["User-Agent"] = "buildspec"
        let exchange = RegistryExchange(
            connection: connection, registry: endpoint, subject: subject, limit: Self.largestManifest)
        return try await exchange.send(request)
    }

    /// What the registry wants to see: a token from the place it names, or the login itself.
    private func authorize(
        _ fields: [String], repository: String, _ subject: String
    ) async throws(AWSError) -> String {
        guard !fields.isEmpty else { throw refusal(401, subject) }
        guard let challenge = RegistryChallenge.preferred(of: fields) else {
            throw AWSError(.decoding, subject, "the registry wants a kind of login that is not known")
        }
        guard challenge.isBearer, let realm = challenge.fields["realm"] else {
            guard let login else { throw refusal(401, subject) }
            return "Basic " + login.encoded
        }
        let place = try RegistryAddress(realm, origin: "token realm of \(subject)")
        // A login is sent neither in the clear nor to a registry's word alone in the clear.
        guard place.endpoint.isSecure || !endpoint.isSecure else {
            throw AWSError(.configuration, subject, "the registry wants its token fetched without encryption")
        }
        var request = AWSRequest("GET", place.endpoint, path: "")
        request.query = place.query
        if let service = challenge.fields["service"] {
            request.query.append(.init(name: "service", value: service))
        }
        request.query.append(
            .init(name: "scope", value: challenge.fields["scope"] ?? "repository:\(repository):pull"))
        request.headers["User-Agent"] = "buildspec"
        if let login { request.headers["Authorization"] = "Basic " + login.encoded }
        // For this question the token service is the place that a login is for.
        let exchange = RegistryExchange(
            connection: connection, registry: place.endpoint, subject: subject, limit: 1 << 20)
        let answer = try await exchange.send(request).answer
        guard answer.status == 200 else { throw refusal(answer, subject) }
        guard let token = RegistryToken(answer.body)?.value else {
            throw AWSError(.decoding, subject, "the registry's answer holds no token")
        }
        return "Bearer " + token
    }

    private func refusal(_ answer: HTTPAnswer, _ subject: String) -> AWSError {
        refusal(answer.status, subject, retryAfter: ServiceFailure(answer).retryAfter)
    }

    private func refusal(_ status: Int, _ subject: String, retryAfter: Duration? = nil) -> AWSError {
        let isLogin = status == 401 || status == 403
        let isBusy = status == 429 || status == 503
        let seconds = retryAfter?.components.seconds ?? 0
        let pause = seconds > 0 ? "try again in \(seconds) second(s)" : "try again later"
        return AWSError(
            .service(ServiceFailure(code: "HTTP \(status)", message: "", status: status, requestID: nil)),
            subject,
            isLogin ? "the registry refuses (HTTP \(status))" : "the registry answers HTTP \(status)",
            hint: isLogin ? "log in: docker login \(endpoint.authority)" : isBusy ? pause : nil)
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
