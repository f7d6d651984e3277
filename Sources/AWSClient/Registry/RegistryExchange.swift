/// One question to a registry, until an answer is there: redirects are followed, a busy registry is asked again.
struct RegistryExchange {
    /// How many redirects one question may take.
    static let mostRedirects = 5
    /// How often one question is asked where the registry is busy, the first time included.
    static let mostAttempts = 4

    /// What came, and from where.
    struct Outcome {
        let answer: HTTPAnswer
        /// Whether the registry itself answers, and not a place that it redirected to.
        let isFromRegistry: Bool
    }

    let connection: ServiceContext.Connection
    /// The registry; what authorizes goes to nobody else.
    let registry: ServiceEndpoint
    let subject: String
    /// The largest answer that is read, in bytes.
    let limit: Int

    /// Asks.
    ///
    /// - Parameter request: the question to the registry itself.
    /// - Returns: the answer that is neither a redirect nor to be asked for again; nobody waits longer than the session's
    ///   longest delay for one.
    /// - Throws: `AWSError`, also for a redirect that is not followed.
    func send(_ request: AWSRequest) async throws(AWSError) -> Outcome {
        var request = request
        var redirects = 0
        var attempt = 1
        while true {
            let answer = try await ask(request)
            if [301, 302, 303, 307, 308].contains(answer.status),
                let location = answer.headers.value("location")
            {
                redirects += 1
                guard redirects <= Self.mostRedirects else {
                    throw refusal("it redirects more than \(Self.mostRedirects) times")
                }
                request = try redirected(request, to: location)
                continue
            }
            if let pause = await pause(after: attempt, answer) {
                attempt += 1
                do {
                    try await connection.clock.sleep(pause)
                } catch {
                    throw AWSError.cancelled(subject)
                }
                continue
            }
            return Outcome(answer: answer, isFromRegistry: isRegistry(request.endpoint))
        }
    }

    private func ask(_ request: AWSRequest) async throws(AWSError) -> HTTPAnswer {
        let (transport, subject, limit) = (connection.transport, subject, limit)
        // For the head, and as long again for the rest.
        return try await withAnswerDeadline(transport.timeouts.answer + transport.timeouts.answer, subject) {
            try await transport.exchange(request, subject: subject).collect(limit: limit)
        }
    }

    /// How long to wait before the same is asked again; nil when the answer stays what it is.
    private func pause(after attempt: Int, _ answer: HTTPAnswer) async -> Duration? {
        guard [429, 502, 503, 504].contains(answer.status), attempt < Self.mostAttempts else { return nil }
        let asked = ServiceFailure(answer).retryAfter
        // Who wants a longer pause would only refuse again.
        if let asked, asked > connection.retry.longestDelay { return nil }
        guard await connection.budget.spend(5) else { return nil }
        return connection.retry.delay(after: attempt, asked: asked, random: Double.random(in: 0...1))
    }

    private func isRegistry(_ endpoint: ServiceEndpoint) -> Bool {
        endpoint.authority == registry.authority && endpoint.isSecure == registry.isSecure
    }

    /// The same question to another place: encrypted, or of the registry itself.
    private func redirected(_ request: AWSRequest, to location: String) throws(AWSError) -> AWSRequest {
        let target: RegistryAddress
        do throws(AWSError) {
            target = try RegistryAddress(Self.absolute(location, from: request), origin: subject)
        } catch {
            throw refusal("it redirects to what is no http or https address")
        }
        guard target.endpoint.isSecure || isRegistry(target.endpoint) else {
            throw refusal(
                "it redirects to another host without encryption: \(target.endpoint.authority.visible)")
        }
        var next = AWSRequest(request.method, target.endpoint, path: "")
        next.query = target.query
        next.headers = request.headers
        if !isRegistry(target.endpoint) { next.headers["Authorization"] = nil }
        return next
    }

    /// An address as seen from the one that was asked (RFC 3986, 5.2, without queries alone).
    static func absolute(_ location: String, from request: AWSRequest) -> String {
        let scheme = request.endpoint.isSecure ? "https:" : "http:"
        if location.hasPrefix("//") { return scheme + location }
        let here = scheme + "//" + request.endpoint.authority
        if location.hasPrefix("/") { return here + location }
        // A scheme ends before anything else that is marked.
        if location.first(where: { ":/?#".contains($0) }) == ":" { return location }
        let end = location.firstIndex { "?#".contains($0) } ?? location.endIndex
        var parts = request.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
            .dropLast()
        for part in location[..<end].split(separator: "/", omittingEmptySubsequences: false) {
            switch part {
            case ".": continue
            case "..": _ = parts.popLast()
            default: parts.append(part)
            }
        }
        return here + "/" + parts.joined(separator: "/") + location[end...]
    }

    private func refusal(_ reason: String) -> AWSError {
        AWSError(
            .decoding, subject, "the registry cannot be asked: \(reason)",
            hint: "write the image with the host that the registry redirects to")
    }
}

/// An address with a path and a query, as registries name other places.
struct RegistryAddress {
    /// Host and path.
    let endpoint: ServiceEndpoint
    /// The query's parameters, decoded.
    let query: [AWSRequest.QueryItem]

    /// Reads an `http` or `https` address; what follows `#` is left out.
    ///
    /// - Throws: `AWSError` (`configuration`) for anything else.
    init(_ text: String, origin: String) throws(AWSError) {
        let whole = text.prefix { $0 != "#" }
        let halves = whole.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        endpoint = try ServiceEndpoint(url: String(halves.first ?? ""), origin: origin)
        query = (halves.count > 1 ? halves[1] : "").split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return AWSRequest.QueryItem(
                name: String(parts[0]).percentDecoded,
                value: parts.count > 1 ? String(parts[1]).percentDecoded : "")
        }
    }
}
