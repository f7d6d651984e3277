import AWSClient
import Glibc
import SystemPackage
import TestSupport
import Testing

/// What came of asking STS who it is.
struct CallerOutcome {
    var requests: [FaultProxy.Request]
    var error: AWSError?
    var cachedToken: String?
    /// The access key that signed the last request.
    var signer: String? {
        requests.last?.headers["authorization"]?.split(separator: "/").first?.split(separator: "=").last
            .map(String.init)
    }

    fileprivate static let whoami =
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>a</Arn><UserId>u</UserId>"
        + "<Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"

    /// The answer of an operation that hands out a role's credentials.
    static func assumed(_ operation: String, key: String) -> String {
        "<\(operation)Response><\(operation)Result><Credentials><AccessKeyId>\(key)</AccessKeyId>"
            + "<SecretAccessKey>\(MotoServer.secretAccessKey)</SecretAccessKey><SessionToken>token-\(key)</SessionToken>"
            + "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></\(operation)Result></\(operation)Response>"
    }
}

/// Asks who it is with an environment of nothing but what is given.
///
/// `%` in variables and files is the server.
func askForCaller(
    _ environment: [String: String], config: String = "", credentials: String = "",
    overrides: AWSConfiguration.Overrides = .init(), rules: [FaultProxy.Rule] = [], code: String? = nil,
    tokenFile: String? = nil, token: String = "",
    tokenMode: mode_t = 0o600, timeouts: TransportTimeouts = TransportTimeouts()
) async throws -> CallerOutcome {
    let answer = FaultProxy.Rule("POST", times: 99) { ($0.status, $0.body) = (200, CallerOutcome.whoami) }
    return try await FaultProxy.run(rules + [answer]) { proxy in
        try await withScratchDirectory { scratch in
            func filled(_ text: String) -> String {
                let parts = text.split(separator: "%", omittingEmptySubsequences: false)
                return parts.joined(separator: proxy.endpointURL)
            }
            try scratch.write(filled(config), to: ".aws/config")
            try scratch.write(filled(credentials), to: ".aws/credentials")
            try scratch.write("web-token\n", to: "token")
            var variables = [
                "HOME": scratch.path.string, "AWS_ENDPOINT_URL_STS": proxy.endpointURL,
                "AWS_REGION": "eu-west-1",
                "AWS_EC2_METADATA_DISABLED": "true",
            ]
            for (name, value) in environment {
                variables[name] =
                    value == "@token" ? scratch.path.appending("token").string : filled(value)
            }
            var outcome = CallerOutcome(requests: [])
            if let tokenFile {
                try scratch.write(token, to: ".aws/sso/cache/" + tokenFile)
                let path = scratch.path.appending(".aws/sso/cache/" + tokenFile)
                #expect(chmod(path.string, tokenMode) == 0)
            }
            try await withTestSession(
                variables, overrides: overrides, timeouts: timeouts, code: code
            ) { session in
                let client = STSClient(context: try session.context(.sts))
                do throws(AWSError) {
                    _ = try await client.callerIdentity()
                } catch {
                    outcome.error = error
                }
            }
            outcome.requests = try await proxy.requests()
            if let tokenFile {
                outcome.cachedToken = String(
                    decoding: try scratch.read(".aws/sso/cache/" + tokenFile), as: UTF8.self)
            }
            return outcome
        }
    }
}
