import SystemPackage

extension CredentialChain {
    private static let relativeHost = "http://169.254.170.2"

    /// The endpoint that ECS, EKS and CodeBuild give to a container.
    func containerCredentials() async -> Outcome {
        let url: String
        if let path = configuration.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            url = Self.relativeHost + (path.hasPrefix("/") ? path : "/" + path)
        } else if let full = configuration.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
            url = full
        } else {
            return .absent(
                "AWS_CONTAINER_CREDENTIALS_FULL_URI and AWS_CONTAINER_CREDENTIALS_RELATIVE_URI are not set")
        }
        return await .result { () async throws(AWSError) in
            var request = try localRequest(url, origin: "AWS_CONTAINER_CREDENTIALS_FULL_URI")
            guard Self.mayBeTrusted(request.endpoint) else {
                throw AWSError(
                    .configuration, "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                    "without https only loopback and the container services' own addresses are asked")
            }
            request.headers["Authorization"] = try containerToken()
            let body: [UInt8]
            do throws(AWSError) {
                // As long as the AWS CLI waits: it is on this machine, or next to it.
                body = try await ask(request, "container endpoint", limit: .seconds(2), tries: 3)
            } catch {
                throw Self.advised(error)
            }
            let credentials = try CredentialDocument.credentials(in: body, source: "container endpoint")
            return try unended(credentials, "container endpoint")
        }
    }

    private static func advised(_ error: AWSError) -> AWSError {
        let isRefusal = [401, 403].contains(error.serviceFailure?.status)
        return AWSError(
            error.kind, error.subject, error.reason,
            hint: isRefusal
                ? "AWS_CONTAINER_AUTHORIZATION_TOKEN or the file that AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names "
                    + "must hold the token that it expects"
                : nil)
    }

    /// Refuses credentials that have ended already: no service takes them, and none would say where they are from.
    func unended(_ credentials: Credentials, _ source: String) throws(AWSError) -> Credentials {
        let now = connection.clock.now()
        guard let end = credentials.expiration, end <= now else { return credentials }
        throw AWSError(
            .configuration, source,
            "it hands out credentials that ended at \(end.iso8601Text); here it is \(now.iso8601Text)")
    }

    private func containerToken() throws(AWSError) -> String? {
        let token: String?
        if let file = configuration.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
            let text = try SmallFile.text(at: FilePath(file), limit: 64 << 10)
            token = String(text[...].trimmed(where: \.isWhitespace))
        } else {
            token = configuration.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN")
        }
        if let token, token.contains(where: \.isNewline) {
            throw AWSError(.configuration, "container authorization token", "it has more than one line")
        }
        return token
    }

    private static func mayBeTrusted(_ endpoint: ServiceEndpoint) -> Bool {
        let containerHosts = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23", "localhost", "::1"]
        return endpoint.isSecure || containerHosts.contains(endpoint.host)
            || endpoint.host.hasPrefix("127.") && endpoint.isAddress
    }

    /// A GET of an address that may have a query.
    func localRequest(_ url: String, origin: String) throws(AWSError) -> AWSRequest {
        let parts = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var request = AWSRequest(
            "GET", try ServiceEndpoint(url: String(parts.first ?? ""), origin: origin), path: "")
        if request.path.isEmpty { request.path = "/" }
        if parts.count > 1 {
            request.query = parts[1].split(separator: "&").map { item in
                let pair = item.split(separator: "=", maxSplits: 1).map { String($0).percentDecoded }
                return AWSRequest.QueryItem(name: pair.first ?? "", value: pair.count > 1 ? pair[1] : "")
            }
        }
        return request
    }

    /// Asks a service of this machine: without signature, quickly or not at all.
    func ask(
        _ request: AWSRequest, _ subject: String, limit: Duration, tries: Int
    ) async throws(AWSError) -> [UInt8] {
        var attempt = 1
        while true {
            do throws(AWSError) {
                return try await askOnce(request, subject, limit: limit)
            } catch {
                guard attempt < min(tries, 10), RetryPolicy.verdict(error) != .final else { throw error }
                let pause = connection.retry.delay(
                    after: attempt, asked: nil, random: Double.random(in: 0...1))
                attempt += 1
                do {
                    try await connection.clock.sleep(pause)
                } catch {
                    throw AWSError.cancelled(subject)
                }
            }
        }
    }

    private func askOnce(
        _ request: AWSRequest, _ subject: String, limit: Duration
    ) async throws(AWSError) -> [UInt8] {
        let transport = connection.transport
        do {
            return try await withDeadline(
                limit, timeout: AWSError(.transport(.timedOut), subject, "no answer in time")
            ) {
                let answer = try await transport.exchange(request, subject: subject, limit: limit)
                    .collect(limit: 64 << 10)
                guard answer.status == 200 else { throw AWSError.service(ServiceFailure(answer), subject) }
                return answer.body
            }
        } catch {
            throw AWSError.transport(error, subject, request.endpoint)
        }
    }
}
