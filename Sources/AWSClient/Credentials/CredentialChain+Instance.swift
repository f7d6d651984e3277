extension CredentialChain {
    /// The instance metadata service, version 2 only.
    ///
    /// Elsewhere than on EC2 nothing answers, so waiting is short: `AWS_METADATA_SERVICE_TIMEOUT` seconds, by
    /// default one.
    func instanceCredentials() async -> Outcome {
        if configuration.isInstanceMetadataDisabled {
            return .absent("AWS_EC2_METADATA_DISABLED is true")
        }
        let limit = configuration.instanceMetadataLimit
        let tries = configuration.variable("AWS_METADATA_SERVICE_NUM_ATTEMPTS").flatMap(Int.init) ?? 1
        let base = configuration.instanceMetadataAddress
        let source = "EC2 instance metadata"
        do throws(AWSError) {
            let endpoint = try ServiceEndpoint(url: base, origin: "AWS_EC2_METADATA_SERVICE_ENDPOINT")
            var tokenRequest = AWSRequest("PUT", endpoint, path: "/latest/api/token")
            tokenRequest.headers["x-aws-ec2-metadata-token-ttl-seconds"] = "21600"
            let token = String(
                decoding: try await ask(tokenRequest, source, limit: limit, tries: tries), as: UTF8.self)

            let path = "/latest/meta-data/iam/security-credentials/"
            var request = AWSRequest("GET", endpoint, path: path)
            request.headers["x-aws-ec2-metadata-token"] = token
            let roles: String
            do throws(AWSError) {
                roles = String(
                    decoding: try await ask(request, source, limit: limit, tries: tries), as: UTF8.self)
            } catch {
                // So the service says that there is none.
                guard error.serviceFailure?.status == 404 else { throw error }
                roles = ""
            }
            guard let role = roles.split(whereSeparator: \.isWhitespace).first else {
                return .absent("the instance has no role")
            }
            request.path = endpoint.basePath + path + String(role).percentEncoded()
            let body = try await ask(request, source, limit: limit, tries: tries)
            return .found(try CredentialDocument.credentials(in: body, source: source))
        } catch {
            // The answer to the first request may travel as few network hops as the instance allows.
            let isContainer = error.kind == .transport(.timedOut)
            return .absent(
                error.reason + (isContainer ? "; in a container on EC2, its hop limit must be 2 or more" : "")
            )
        }
    }
}
