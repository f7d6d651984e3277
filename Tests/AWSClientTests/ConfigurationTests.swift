import SystemPackage
import TestSupport
import Testing

@testable import AWSClient

@Suite struct ConfigurationTests {
    private let sample = """
        \u{FEFF}# a comment\r
        [default]\r
        region = eu-west-1 ; comment\r
        [profile  two]
        REGION=eu-west-2
        s3 =
            addressing_style = path
            max_concurrent_requests=20
        credential_process = tool --mark ' # no comment'
        after = kept
        [profile "with blank"]
        region = eu-west-3
        [sso-session two]
        region = us-gov-west-1
        [services local]
        s3 =
          endpoint_url = http://localhost:9000
        [profile local]
        services = local
        endpoint_url = http://localhost:1
        nonsense
        = nothing
        [unclosed
        region = xx
        """

    @Test func `reads the config file's dialect`() async throws {
        let two = try await configuration(config: sample, environment: ["AWS_PROFILE": "two"])
        #expect(two.region == "eu-west-2")
        #expect(two.profile["s3.addressing_style"] == "path")
        #expect(two.profile["s3.max_concurrent_requests"] == "20")
        #expect(two.profile["credential_process"] == "tool --mark ' # no comment'")
        #expect(two.profile["after"] == "kept")
        #expect(try await configuration(config: sample).region == "eu-west-1")
        let blank = try await configuration(config: sample, overrides: .init(profile: "with blank"))
        #expect(blank.region == "eu-west-3")
    }

    @Test func `refuses a file that is no text, and one without end`() async throws {
        for (config, words) in [
            ("[default]\ncredential_process=echo a\0b\n", "NUL"),
            (String(repeating: "# filler\n", count: 500_000), "could not be read"),
        ] {
            let error = try await failure { _ = try await configuration(config: config) }
            #expect(error.description.contains(words), "\(error)")
            #expect(error.description.contains(".aws/config"))
        }
        let endless = ["AWS_SHARED_CREDENTIALS_FILE": "/dev/zero"]
        let error = try await failure { _ = try await configuration(environment: endless) }
        #expect(error.description.contains("/dev/zero"))
        let directory = ["AWS_CONFIG_FILE": "/tmp"]
        _ = try await failure { _ = try await configuration(environment: directory) }
    }

    @Test func `flags win over variables, and variables over files`() async throws {
        let environment = ["AWS_REGION": "us-east-2", "AWS_DEFAULT_REGION": "us-east-1"]
        let flags = AWSConfiguration.Overrides(region: "ap-south-1")
        #expect(
            try await configuration(config: sample, environment: environment, overrides: flags).region
                == "ap-south-1")
        #expect(try await configuration(config: sample, environment: environment).region == "us-east-2")
        #expect(
            try await configuration(
                config: sample, environment: ["AWS_REGION": "", "AWS_DEFAULT_REGION": "us-east-1"]
            )
            .region == "us-east-1")
    }

    @Test func `the stronger default section and the credentials file win`() async throws {
        let both = "[profile default]\nregion = strong-1\n[default]\nregion = weak-1\nx = y"
        #expect(try await configuration(config: both).region == "strong-1")
        #expect(
            try await configuration(config: both, credentials: "[default]\nregion = keys-1").region
                == "keys-1")
    }

    @Test func `finds endpoints in the order of the AWS CLI`() async throws {
        func address(_ service: AWSService, _ configuration: AWSConfiguration) throws -> String {
            try configuration.endpoint(for: service, region: "eu-west-1").description
        }
        let local = try await configuration(config: sample, environment: ["AWS_PROFILE": "local"])
        #expect(try address(.s3, local) == "http://localhost:9000")
        #expect(try address(.kms, local) == "http://localhost:1")
        let variables = [
            "AWS_PROFILE": "local", "AWS_ENDPOINT_URL": "https://all.example/base/",
            "AWS_ENDPOINT_URL_SECRETS_MANAGER": "https://[::1]:8443",
        ]
        let set = try await configuration(config: sample, environment: variables)
        #expect(try address(.s3, set) == "https://all.example/base")
        #expect(try address(.secretsManager, set) == "https://[::1]:8443")
        let ignored = variables.merging(["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"]) { $1 }
        #expect(
            try address(.cloudWatchLogs, await configuration(config: sample, environment: ignored))
                == "https://logs.eu-west-1.amazonaws.com")
        let flag = AWSConfiguration.Overrides(endpointURL: "HTTP://Flag:80")
        #expect(
            try address(.sts, await configuration(config: sample, environment: ignored, overrides: flag))
                == "http://flag")
        let chinese = try await configuration()
        #expect(
            try chinese.endpoint(for: .s3, region: "cn-north-1").description
                == "https://s3.cn-north-1.amazonaws.com.cn")
    }

    @Test(arguments: [
        "localhost:9000", "ftp://x", "http://", "http://:80", "http://a b", "http://x:0", "http://x:70000",
        "http://x:",
        "http://u:p@x", "http://x/?q", "http://[::1", "http://x\r\ny", "http://x/\u{0}", "//x", "",
    ])
    func `refuses what is no address`(_ text: String) async throws {
        let settings = try await configuration(overrides: .init(endpointURL: text))
        let error = try await failure { _ = try settings.endpoint(for: .s3, region: "eu-west-1") }
        #expect(error.kind == .configuration)
    }

    @Test(arguments: [
        "evil.example/", "a b", "EU-WEST-1", "-x", "x.y", "x\n", String(repeating: "a", count: 64),
    ])
    func `refuses what is no region`(_ text: String) async throws {
        let error = try await failure { _ = try await configuration(overrides: .init(region: text)) }
        #expect(error.kind == .configuration)
    }

    @Test func `a named profile must exist`() async throws {
        let error = try await failure { _ = try await configuration(overrides: .init(profile: "nobody")) }
        #expect(error.description == "AWS profile nobody: it is in neither shared file")
        #expect(try await configuration(environment: ["AWS_PROFILE": "default"]).profileName == "default")
    }

    @Test(arguments: ["0", "-1", "x", "101", "99999999999999999999"])
    func `refuses odd numbers of attempts`(_ text: String) async throws {
        let error = try await failure {
            _ = try await configuration(environment: ["AWS_MAX_ATTEMPTS": text])
        }
        #expect(error.kind == .configuration)
    }

    @Test func `a session without a region says how to name one`() async throws {
        let settings = try await configuration()
        try await withAWSSession(settings) { session in
            let error = try await failure { _ = try session.context(.kms) }
            #expect(error.description == "AWS region: none is configured")
            #expect(error.hint?.contains("AWS_REGION") == true)
        }
    }

}
