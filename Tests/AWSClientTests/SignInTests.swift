import AWSClient
import Glibc
import TestSupport
import Testing

/// Credentials of a sign-in through IAM Identity Center.
@Suite(.serialized) struct SignInTests {
    @Test(arguments: [true, false])
    func `signs in through IAM Identity Center`(_ isSession: Bool) async throws {
        let outcome = try await signIn(isSession: isSession, rules: [Self.roleRule])
        #expect(outcome.signer == "SSO")
        let request = try #require(outcome.requests.first)
        #expect(request.path == "/federation/credentials?account_id=123456789012&role_name=builder")
        #expect(request.headers["x-amz-sso_bearer_token"] == "leak-me-token")
        #expect(request.headers["authorization"] == nil)
    }

    @Test func `renews a sign-in that is about to end, and keeps the new token`() async throws {
        let created = #"{"accessToken":"fresh","expiresIn":28800,"refreshToken":"leak-me-next"}"#
        let rules = [FaultProxy.Rule("POST /token") { ($0.status, $0.body) = (200, created) }, Self.roleRule]
        let outcome = try await signIn(isSession: true, expiresAt: "2020-01-01T00:00:00Z", rules: rules)
        #expect(outcome.signer == "SSO")
        #expect(outcome.requests.first?.body.contains(#""refreshToken":"leak-me-refresh""#) == true)
        #expect(outcome.requests[1].headers["x-amz-sso_bearer_token"] == "fresh")
        #expect(outcome.cachedToken?.contains("leak-me-next") == true)
    }

    @Test(arguments: [
        (false, "2020-01-01T00:00:00Z", [FaultProxy.Rule]()),
        (true, "2020-01-01T00:00:00Z", [FaultProxy.Rule("POST /token") { $0.status = 401 }]),
        (true, "2099-01-01T00:00:00Z", [FaultProxy.Rule("GET /federation") { $0.status = 401 }]),
    ])
    func `says how to sign in again`(
        _ isSession: Bool, _ end: String, _ rules: [FaultProxy.Rule]
    ) async throws {
        let outcome = try await signIn(isSession: isSession, expiresAt: end, rules: rules)
        let error = try #require(outcome.error)
        #expect(error.description.contains("`aws sso login --profile default`"), "\(error)")
        #expect(error.hint?.contains("aws sso login") == true)
        #expect(!"\(error) \(error.hint ?? "")".contains("leak-me"))
    }

    @Test func `does not blame the sign-in for a role that it does not have`() async throws {
        let denied = FaultProxy.Rule("GET /federation") {
            ($0.status, $0.body) = (403, #"{"message":"No access"}"#)
        }
        let error = try #require(try await signIn(isSession: true, rules: [denied]).error)
        #expect(error.description.contains("No access"), "\(error)")
        #expect(error.description.contains("the sign-in has no role builder in account 123456789012"))
        #expect(error.hint?.contains("sso_role_name") == true)
    }

    private static let roleRule = FaultProxy.Rule("GET /federation") {
        $0.status = 200
        $0.body =
            #"{"roleCredentials":{"accessKeyId":"SSO","secretAccessKey":"S","sessionToken":"t","expiration":4070908800000}}"#
    }

    // SHA-1 of `corp` and of the start URL: so the AWS CLI names the files of its tokens.
    private static let corpDigest = "ee0bfd2552fbd840c02cc48b6e823320543c450f"
    private static let urlDigest = "3947de8b16688092197fa616c34e01335f21d256"

    private func signIn(
        isSession: Bool, expiresAt: String = "2099-01-01T00:00:00Z", mode: mode_t = 0o600,
        rules: [FaultProxy.Rule]
    ) async throws -> CallerOutcome {
        let role = "sso_account_id=123456789012\nsso_role_name=builder\n"
        let place = "sso_start_url=https://x.awsapps.com/start\nsso_region=eu-west-1\n"
        let config =
            isSession
            ? "[default]\nsso_session=corp\n\(role)[sso-session corp]\n\(place)"
            : "[default]\n\(role)\(place)"
        let token = """
            {"startUrl":"https://x.awsapps.com/start","region":"eu-west-1","accessToken":"leak-me-token",
             "expiresAt":"\(expiresAt)","clientId":"c","clientSecret":"leak-me-client",
             "registrationExpiresAt":"2099-01-01T00:00:00Z","refreshToken":"leak-me-refresh"}
            """
        return try await askForCaller(
            ["AWS_ENDPOINT_URL_SSO": "%", "AWS_ENDPOINT_URL_SSO_OIDC": "%"], config: config, rules: rules,
            tokenFile: (isSession ? Self.corpDigest : Self.urlDigest) + ".json", token: token,
            tokenMode: mode)
    }

    @Test(arguments: [0o666, 0o620, 0o602] as [mode_t])
    func `uses no token that others could have written`(_ mode: mode_t) async throws {
        let outcome = try await signIn(isSession: true, mode: mode, rules: [Self.roleRule])
        let error = try #require(outcome.error)
        #expect(error.description.contains("others can write it"), "\(error)")
        #expect(outcome.requests.isEmpty)
        #expect(!error.description.contains("leak-me"))
    }

}
