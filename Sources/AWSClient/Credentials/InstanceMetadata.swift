/// The metadata service of the EC2 instance that this process runs on, version 2 only.
package struct InstanceMetadata: Sendable {
    private let endpoint: ServiceEndpoint
    private let transport: AWSTransport
    private let limit: Duration

    /// The service of this machine, which may well not be there; nil when `AWS_EC2_METADATA_DISABLED` is true.
    ///
    /// - Parameter session: whose environment and connections are used; nothing is signed.
    /// - Throws: `AWSError` (`configuration`) when `AWS_EC2_METADATA_SERVICE_ENDPOINT` is not an address.
    package init?(_ session: AWSSession) throws(AWSError) {
        let configuration = session.configuration
        guard !configuration.isInstanceMetadataDisabled else { return nil }
        endpoint = try ServiceEndpoint(
            url: configuration.instanceMetadataAddress, origin: "AWS_EC2_METADATA_SERVICE_ENDPOINT")
        transport = session.connection.transport
        limit = configuration.instanceMetadataLimit
    }

    /// A token for questions to come.
    ///
    /// - Parameter lifetime: how many seconds it is of use, 1 to 21,600.
    /// - Returns: the token; it lets its holder read the instance's credentials.
    /// - Throws: `AWSError`: `transport` where nothing answers (other machines than EC2's), or `service`.
    package func token(lifetime: Int) async throws(AWSError) -> String {
        var request = AWSRequest("PUT", endpoint, path: "/latest/api/token")
        request.headers["x-aws-ec2-metadata-token-ttl-seconds"] = "\(lifetime)"
        let answer = try await ask(request)
        guard answer.status == 200 else { throw AWSError.service(ServiceFailure(answer), Self.subject) }
        return String(decoding: answer.body, as: UTF8.self)
    }

    /// What the service says at a path below `/latest/meta-data/`.
    ///
    /// - Parameters:
    ///   - path: such as `spot/instance-action`; only characters that need no encoding.
    ///   - token: what ``token(lifetime:)`` returned; the status of the failure is 401 when it has ended.
    /// - Returns: the text; nil when there is no such thing.
    /// - Throws: `AWSError`: `transport`, `service`, or `decoding` for an answer of more than 64 KiB.
    package func text(_ path: String, token: String) async throws(AWSError) -> String? {
        var request = AWSRequest("GET", endpoint, path: "/latest/meta-data/" + path)
        request.headers["x-aws-ec2-metadata-token"] = token
        let answer = try await ask(request)
        switch answer.status {
        case 200: return String(decoding: answer.body, as: UTF8.self)
        case 404: return nil
        default: throw AWSError.service(ServiceFailure(answer), Self.subject)
        }
    }

    private static let subject = "EC2 instance metadata"

    private func ask(_ request: AWSRequest) async throws(AWSError) -> HTTPAnswer {
        let (transport, limit) = (transport, limit)
        do {
            return try await withDeadline(
                limit, timeout: AWSError(.transport(.timedOut), Self.subject, "no answer in time")
            ) {
                try await transport.exchange(request, subject: Self.subject, limit: limit)
                    .collect(limit: 64 << 10)
            }
        } catch {
            throw AWSError.transport(error, Self.subject, endpoint)
        }
    }
}

extension AWSConfiguration {
    /// Whether `AWS_EC2_METADATA_DISABLED` is true.
    var isInstanceMetadataDisabled: Bool { variable("AWS_EC2_METADATA_DISABLED")?.lowercased() == "true" }

    /// How long an answer is waited for, short because elsewhere than on EC2 nothing answers:
    /// `AWS_METADATA_SERVICE_TIMEOUT` seconds, by default one.
    var instanceMetadataLimit: Duration {
        .seconds(min(max(variable("AWS_METADATA_SERVICE_TIMEOUT").flatMap(Int.init) ?? 1, 1), 60))
    }

    /// Where the metadata service of an EC2 instance answers.
    var instanceMetadataAddress: String {
        func setting(_ name: String) -> String? { variable("AWS_" + name.uppercased()) ?? profile[name] }
        if let url = setting("ec2_metadata_service_endpoint") { return url }
        let isIPv6 = setting("ec2_metadata_service_endpoint_mode")?.lowercased() == "ipv6"
        return isIPv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254"
    }
}
