import AWSClient
import TestSupport
import Testing

/// Where credentials come from; each test asks STS who it is, and looks at the key that signed.
@Suite(.serialized) struct CredentialTests {
    @Test func `takes keys from variables before files`() async throws {
        let outcome = try await askForCaller(
            [
                "AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": MotoServer.secretAccessKey,
                "AWS_SESSION_TOKEN": "t",
            ],
            credentials:
                "[default]\naws_access_key_id=FILE\naws_secret_access_key=\(MotoServer.secretAccessKey)")
        #expect(outcome.signer == "ENV")
        #expect(outcome.requests.first?.headers["x-amz-security-token"] == "t")
        #expect(outcome.requests.first?.signatureIsRight == true)
    }

    @Test func `takes the named profile's keys before variables`() async throws {
        let outcome = try await askForCaller(
            ["AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": MotoServer.secretAccessKey],
            credentials:
                "[other]\naws_access_key_id=FILE\naws_secret_access_key=\(MotoServer.secretAccessKey)",
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
            ($0.status, $0.body) = (200, CallerOutcome.assumed("AssumeRole", key: "ROLE"))
        }
        let outcome = try await askForCaller([:], config: config, rules: [rule])
        #expect(outcome.error == nil)
        #expect(outcome.requests.count == 2)
        #expect(outcome.requests.first?.headers["authorization"]?.contains("=BASE/") == true)
        #expect(outcome.signer == "ROLE")
        #expect(outcome.requests.last?.headers["x-amz-security-token"] == "token-ROLE")
    }

    @Test func `assumes a role on top of the chain`() async throws {
        let rule = FaultProxy.Rule("POST") {
            ($0.status, $0.body) = (200, CallerOutcome.assumed("AssumeRole", key: "ROLE"))
        }
        let outcome = try await askForCaller(
            ["AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": MotoServer.secretAccessKey],
            overrides: .init(roleARN: "arn:r", externalID: "x"), rules: [rule])
        #expect(outcome.signer == "ROLE")
        #expect(outcome.requests.count == 2)
    }

    @Test func `exchanges a web identity token without a signature`() async throws {
        let rule = FaultProxy.Rule("POST") {
            ($0.status, $0.body) = (200, CallerOutcome.assumed("AssumeRoleWithWebIdentity", key: "WEB"))
        }
        let outcome = try await askForCaller(
            ["AWS_WEB_IDENTITY_TOKEN_FILE": "@token", "AWS_ROLE_ARN": "arn:r"], rules: [rule])
        #expect(outcome.signer == "WEB")
        #expect(outcome.requests.first?.headers["authorization"] == nil)
    }

    @Test func `names every source when there is nothing`() async throws {
        let error = try #require(try await askForCaller([:]).error)
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
        (
            ["AWS_WEB_IDENTITY_TOKEN_FILE": "/dev/null", "AWS_ROLE_ARN": "r"], "",
            "/dev/null: the file has no token"
        ),
        (
            [:],
            "[default]\ncredential_process=echo '{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"leak-me\","
                + "\"Expiration\":\"2001-02-03T04:05:06Z\"}'",
            "credentials that ended at 2001-02-03T04:05:06Z; here it is 20"
        ),
        (
            [:], "[default]\nrole_arn=r\ncredential_source=Ec2InstanceMetadata",
            "no credentials to assume r with: EC2 instance metadata: AWS_EC2_METADATA_DISABLED is true"
        ),
    ])
    func `stops at a source that is configured but broken`(
        _ environment: [String: String], _ config: String, _ reason: String
    ) async throws {
        // With a role in the profile, keys in variables come first unless the profile was named.
        let named = AWSConfiguration.Overrides(
            profile: environment["AWS_ACCESS_KEY_ID"] != nil && !config.isEmpty ? "default" : nil)
        let error = try #require(try await askForCaller(environment, config: config, overrides: named).error)
        #expect(error.description.contains(reason), "\(error)")
        #expect(!error.description.contains("leak-me"))
    }

    @Test func `says what a role that may not be assumed needs`() async throws {
        let rule = FaultProxy.Rule("POST") {
            $0.status = 403
            $0.body = "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>"
        }
        let outcome = try await askForCaller(
            ["AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": MotoServer.secretAccessKey],
            overrides: .init(roleARN: "arn:r"), rules: [rule])
        #expect(outcome.error?.hint?.contains("trust policy") == true, "\(outcome)")
    }

    @Test func `asks a person for the code of the device`() async throws {
        let rule = FaultProxy.Rule("POST") {
            ($0.status, $0.body) = (200, CallerOutcome.assumed("AssumeRole", key: "ROLE"))
        }
        let config =
            "[default]\nrole_arn=arn:r\ncredential_source=Environment\nmfa_serial=arn:m\nduration_seconds=900"
        let outcome = try await askForCaller(
            ["AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": MotoServer.secretAccessKey], config: config,
            overrides: .init(profile: "default"), rules: [rule], code: "123456")
        #expect(outcome.signer == "ROLE")
        #expect(
            outcome.requests.first?.body.contains(
                "&DurationSeconds=900&SerialNumber=arn%3Am&TokenCode=123456") == true)
    }

    @Test func `assumes a profile's role with the container's credentials`() async throws {
        let document = #"{"AccessKeyId":"BOX","SecretAccessKey":"S","Token":"t"}"#
        let rules = [
            FaultProxy.Rule("GET /creds") { ($0.status, $0.body) = (200, document) },
            FaultProxy.Rule("POST") {
                ($0.status, $0.body) = (200, CallerOutcome.assumed("AssumeRole", key: "ROLE"))
            },
        ]
        let outcome = try await askForCaller(
            ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "%/creds"],
            config: "[default]\nrole_arn=arn:r\ncredential_source=EcsContainer", rules: rules)
        #expect(outcome.requests[1].headers["authorization"]?.contains("=BOX/") == true)
        #expect(outcome.signer == "ROLE")
    }
}

/// Profiles that each name the next one as the source of their role.
private func chainOfProfiles(_ count: Int) -> String {
    let links = (1...count).map { "[profile p\($0)]\nrole_arn=r\nsource_profile=p\($0 + 1)\n" }
    return "[default]\nrole_arn=r\nsource_profile=p1\n" + links.joined()
}
