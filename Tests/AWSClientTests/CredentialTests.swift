import AWSClient
import Glibc
import SystemPackage
import TestSupport
import Testing

/// Where credentials come from; each test asks STS who it is, and looks at the key that signed.
@Suite(.serialized) struct CredentialTests {
    private static let whoami =
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>a</Arn><UserId>u</UserId>"
        + "<Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"

    private static func assumed(_ operation: String, key: String) -> String {
        "<\(operation)Response><\(operation)Result><Credentials><AccessKeyId>\(key)</AccessKeyId>"
            + "<SecretAccessKey>\(MotoServer.secretAccessKey)</SecretAccessKey><SessionToken>token-\(key)</SessionToken>"
            + "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></\(operation)Result></\(operation)Response>"
    }

    private struct Outcome {
        var requests: [FaultProxy.Request]
        var error: AWSError?
        var cachedToken: String?
        /// The access key that signed the last request.
        var signer: String? {
            requests.last?.headers["authorization"]?.split(separator: "/").first?.split(separator: "=").last
                .map(String.init)
        }
    }

    /// Asks who it is with an environment of nothing but what is given.
    ///
    /// `%` in variables and files is the server.
    private func ask(
        _ environment: [String: String], config: String = "", credentials: String = "",
        overrides: AWSConfiguration.Overrides = .init(), rules: [FaultProxy.Rule] = [], code: String? = nil,
        tokenFile: String? = nil, token: String = "",
        tokenMode: mode_t = 0o600, timeouts: TransportTimeouts = TransportTimeouts()
    ) async throws -> Outcome {
        let answer = FaultProxy.Rule("POST", times: 99) { ($0.status, $0.body) = (200, Self.whoami) }
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
                var outcome = Outcome(requests: [])
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

    private let secret = MotoServer.secretAccessKey

    @Test func `takes keys from variables before files`() async throws {
        let outcome = try await ask(
            ["AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": "t"],
            credentials: "[default]\naws_access_key_id=FILE\naws_secret_access_key=\(secret)")
        #expect(outcome.signer == "ENV")
        #expect(outcome.requests.first?.headers["x-amz-security-token"] == "t")
        #expect(outcome.requests.first?.signatureIsRight == true)
    }

    @Test func `takes the named profile's keys before variables`() async throws {
        let outcome = try await ask(
            ["AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": secret],
            credentials: "[other]\naws_access_key_id=FILE\naws_secret_access_key=\(secret)",
            overrides: .init(profile: "other"))
        #expect(outcome.signer == "FILE")
        #expect(outcome.requests.first?.signatureIsRight == true)
    }

    @Test(arguments: [
        "[default]\nrole_arn=arn:r\nsource_profile=base\nexternal_id=x y\n[profile base]\naws_access_key_id=BASE\naws_secret_access_key=S",
        "[default]\nrole_arn=arn:r\nexternal_id=x y\nsource_profile=default\naws_access_key_id=BASE\naws_secret_access_key=S",
        "[default]\nrole_arn=arn:r\nexternal_id=x y\nsource_profile=cmd\n[profile cmd]\ncredential_process=echo '{\"Version\":1,\"AccessKeyId\":\"BASE\",\"SecretAccessKey\":\"S\"}'",
    ])
    func `assumes a profile's role`(_ config: String) async throws {
        let rule = FaultProxy.Rule("POST") {
            ($0.status, $0.body) = (200, Self.assumed("AssumeRole", key: "ROLE"))
        }
        let outcome = try await ask([:], config: config, rules: [rule])
        #expect(outcome.error == nil)
        #expect(outcome.requests.count == 2)
        #expect(outcome.requests.first?.headers["authorization"]?.contains("=BASE/") == true)
        #expect(outcome.signer == "ROLE")
        #expect(outcome.requests.last?.headers["x-amz-security-token"] == "token-ROLE")
    }

    @Test func `assumes a role on top of the chain`() async throws {
        let rule = FaultProxy.Rule("POST") {
            ($0.status, $0.body) = (200, Self.assumed("AssumeRole", key: "ROLE"))
        }
        let outcome = try await ask(
            ["AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": secret],
            overrides: .init(roleARN: "arn:r", externalID: "x"), rules: [rule])
        #expect(outcome.signer == "ROLE")
        #expect(outcome.requests.count == 2)
    }

    @Test func `exchanges a web identity token without a signature`() async throws {
        let rule = FaultProxy.Rule("POST") {
            ($0.status, $0.body) = (200, Self.assumed("AssumeRoleWithWebIdentity", key: "WEB"))
        }
        let outcome = try await ask(
            ["AWS_WEB_IDENTITY_TOKEN_FILE": "@token", "AWS_ROLE_ARN": "arn:r"], rules: [rule])
        #expect(outcome.signer == "WEB")
        #expect(outcome.requests.first?.headers["authorization"] == nil)
    }

    @Test func `asks the container endpoint with its token`() async throws {
        let document =
            #"{"AccessKeyId":"BOX","SecretAccessKey":"S","Token":"t","Expiration":"2099-01-01T00:00:00Z"}"#
        let rule = FaultProxy.Rule("GET /creds\\?id=a") { ($0.status, $0.body) = (200, document) }
        let outcome = try await ask(
            [
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": "%/creds?id=a",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "@token",
            ],
            rules: [rule])
        #expect(outcome.signer == "BOX")
        #expect(outcome.requests.first?.headers["authorization"] == "web-token")
    }

    @Test func `asks the instance metadata service, version 2`() async throws {
        let document =
            #"{"Code":"Success","AccessKeyId":"EC2","SecretAccessKey":"S","Token":"t","Expiration":"2099-01-01T00:00:00Z"}"#
        let base = "GET /latest/meta-data/iam/security-credentials/"
        let rules = [
            FaultProxy.Rule("PUT /latest/api/token") { ($0.status, $0.body) = (200, "imds-token") },
            FaultProxy.Rule(base + "$") { ($0.status, $0.body) = (200, "build role\n") },
            FaultProxy.Rule(base + "build") { ($0.status, $0.body) = (200, document) },
        ]
        let outcome = try await ask(
            [
                "AWS_EC2_METADATA_DISABLED": "", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "%/",
                "AWS_METADATA_SERVICE_TIMEOUT": "30",
            ], rules: rules)
        #expect(outcome.signer == "EC2")
        #expect(outcome.requests[1].headers["x-aws-ec2-metadata-token"] == "imds-token")
    }

    @Test func `names every source when there is nothing`() async throws {
        let error = try #require(try await ask([:]).error)
        guard case .credentials(let attempts) = error.kind else {
            Issue.record("\(error)")
            return
        }
        #expect(
            attempts.map(\.source) == [
                "environment variables", "web identity token", "profile default", "container endpoint",
                "EC2 instance metadata",
            ])
        #expect(error.description.contains("AWS_ACCESS_KEY_ID is not set; "))
        #expect(error.hint != nil)
    }

    @Test(arguments: [
        (["AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "leak-me\n"], "", "its secret access key"),
        (["AWS_ACCESS_KEY_ID": "A\r\nX: y", "AWS_SECRET_ACCESS_KEY": "leak-me"], "", "its access key id"),
        (
            ["AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "leak-me\n"], "",
            "its session token"
        ),
        (["AWS_ACCESS_KEY_ID": "A"], "", "AWS_SECRET_ACCESS_KEY is not"),
        ([:], "[default]\naws_access_key_id=A", "only one of"),
        ([:], "[default]\nrole_arn=r", "neither source_profile nor credential_source"),
        ([:], "[default]\nrole_arn=r\nsource_profile=none", "none does not exist"),
        (
            [:], "[default]\nrole_arn=r\nsource_profile=b\n[profile b]\nrole_arn=r\nsource_profile=default",
            "circle: default, b, default"
        ),
        ([:], chainOfProfiles(40), "more than 32 profiles"),
        (
            ["AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "leak-me"],
            "[default]\nrole_arn=r\ncredential_source=Environment\nmfa_serial=m", "there is no terminal"
        ),
        ([:], "[default]\nrole_arn=r\nsource_profile=b\ncredential_source=Environment", "it has both"),
        ([:], "[default]\nrole_arn=r\ncredential_source=Nowhere", "Nowhere is unknown"),
        ([:], "[default]\nrole_arn=r\ncredential_source=Environment", "AWS_ACCESS_KEY_ID is not set"),
        ([:], "[default]\nrole_arn=r\nsource_profile=b\nduration_seconds=soon", "duration_seconds"),
        ([:], "[default]\nsso_session=s", "no section [sso-session s]"),
        ([:], "[default]\nsso_start_url=u\nsso_region=eu-west-1", "lacks sso_account_id, sso_role_name"),
        (
            [:], "[default]\nsso_start_url=u\nsso_region=eu-west-1\nsso_account_id=1\nsso_role_name=r",
            "nobody has signed in yet; run `aws sso login --profile default`"
        ),
        (
            [:],
            "[default]\ncredential_process=echo '{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"leak-me\"}'",
            "its Version is not 1"
        ),
        ([:], "[default]\ncredential_process=echo '{\"SecretAccessKey\":\"leak-me\"'", "not a JSON document"),
        ([:], "[default]\ncredential_process=echo leak-me >&2; exit 3", "it failed: exited(3)"),
        (["AWS_WEB_IDENTITY_TOKEN_FILE": "/nonexistent", "AWS_ROLE_ARN": "r"], "", "No such file"),
        (["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://example.com/x"], "", "without https"),
        (["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.evil.example/x"], "", "without https"),
    ])
    func `stops at a source that is configured but broken`(
        _ environment: [String: String], _ config: String, _ reason: String
    ) async throws {
        // With a role in the profile, keys in variables come first unless the profile was named.
        let named = AWSConfiguration.Overrides(
            profile: environment["AWS_ACCESS_KEY_ID"] != nil && !config.isEmpty ? "default" : nil)
        let error = try #require(try await ask(environment, config: config, overrides: named).error)
        #expect(error.description.contains(reason), "\(error)")
        #expect(!error.description.contains("leak-me"))
    }

    @Test func `asks a person for the code of the device`() async throws {
        let rule = FaultProxy.Rule("POST") {
            ($0.status, $0.body) = (200, Self.assumed("AssumeRole", key: "ROLE"))
        }
        let config =
            "[default]\nrole_arn=arn:r\ncredential_source=Environment\nmfa_serial=arn:m\nduration_seconds=900"
        let outcome = try await ask(
            ["AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": secret], config: config,
            overrides: .init(profile: "default"), rules: [rule], code: "123456")
        #expect(outcome.signer == "ROLE")
        #expect(
            outcome.requests.first?.body.contains(
                "&DurationSeconds=900&SerialNumber=arn%3Am&TokenCode=123456") == true)
    }

    @Test func `asks the container endpoint again when it stumbles`() async throws {
        let document = #"{"AccessKeyId":"BOX","SecretAccessKey":"S","Token":"t"}"#
        let rules = [
            FaultProxy.Rule("GET /creds", times: 2) { $0.status = 500 },
            FaultProxy.Rule("GET /creds") { ($0.status, $0.body) = (200, document) },
        ]
        let outcome = try await ask(["AWS_CONTAINER_CREDENTIALS_FULL_URI": "%/creds"], rules: rules)
        #expect(outcome.signer == "BOX")
    }

    @Test func `assumes a profile's role with the container's credentials`() async throws {
        let document = #"{"AccessKeyId":"BOX","SecretAccessKey":"S","Token":"t"}"#
        let rules = [
            FaultProxy.Rule("GET /creds") { ($0.status, $0.body) = (200, document) },
            FaultProxy.Rule("POST") { ($0.status, $0.body) = (200, Self.assumed("AssumeRole", key: "ROLE")) },
        ]
        let outcome = try await ask(
            ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "%/creds"],
            config: "[default]\nrole_arn=arn:r\ncredential_source=EcsContainer", rules: rules)
        #expect(outcome.requests[1].headers["authorization"]?.contains("=BOX/") == true)
        #expect(outcome.signer == "ROLE")
    }

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
    ) async throws -> Outcome {
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
        return try await ask(
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

    /// Each line leaves a process that keeps the output open, as a pipeline does whose first command hangs.
    @Test(arguments: ["sleep 100", "sleep 100 | cat", "yes leak-me | sleep 100", "sleep 100 & sleep 100"])
    func `waits for a command as long as it may take, and no longer`(_ command: String) async throws {
        var timeouts = TransportTimeouts()
        timeouts.credentialProcess = .milliseconds(300)
        let start = ContinuousClock.now
        let outcome = try await ask(
            [:], config: "[default]\ncredential_process=\(command)", timeouts: timeouts)
        #expect(outcome.error?.description.contains("did not end in time") == true, "\(outcome)")
        #expect(ContinuousClock.now - start < .seconds(90))
    }

    @Test(arguments: [
        "yes leak-me", "cat /dev/zero", "head -c 300000 /dev/urandom", "printf '\\0'", "echo []",
    ])
    func `takes nothing but a document from a command`(_ command: String) async throws {
        let error = try #require(
            try await ask([:], config: "[default]\ncredential_process=\(command)").error)
        guard case .credentials = error.kind else {
            Issue.record("\(error)")
            return
        }
        #expect(!error.description.contains("leak-me"))
    }

    @Test func `fetches new credentials when the service calls them expired`() async throws {
        try await withScratchDirectory { scratch in
            let count = scratch.path.appending("count")
            let command = """
                echo x >> \(count); n=$(wc -l < \(count)); \
                printf '{"Version":1,"AccessKeyId":"K%s","SecretAccessKey":"S"}' $n
                """.split(separator: "%s").joined(separator: "'$n'")
            let expired = FaultProxy.Rule("POST") {
                $0.status = 403
                $0.body = "<ErrorResponse><Error><Code>ExpiredToken</Code></Error></ErrorResponse>"
            }
            let outcome = try await ask(
                [:], config: "[default]\ncredential_process=\(command)", rules: [expired])
            #expect(outcome.error == nil)
            #expect(outcome.signer == "K2")
        }
    }
}

/// Profiles that each name the next one as the source of their role.
private func chainOfProfiles(_ count: Int) -> String {
    let links = (1...count).map { "[profile p\($0)]\nrole_arn=r\nsource_profile=p\($0 + 1)\n" }
    return "[default]\nrole_arn=r\nsource_profile=p1\n" + links.joined()
}
