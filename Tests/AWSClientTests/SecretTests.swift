import SystemPackage
import TestSupport
import Testing

@testable import AWSClient

/// Nothing secret is in what fails, in what is printed, or in what is left on the disk.
@Suite(.serialized) struct SecretTests {
    private static let planted = "leak-me"
    private static let keys = ["AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "leak-me-key"]

    private static let assumed =
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId>"
        + "<SecretAccessKey>leak-me-role</SecretAccessKey><SessionToken>leak-me-session</SessionToken>"

    /// Environments and configurations that each fail in another way; `%` is a server that answers as the rule says.
    private static let failures: [([String: String], String, FaultProxy.Rule)] = [
        (keys, "", FaultProxy.Rule("POST", times: 99) { $0.status = 403 }),
        (keys, "", FaultProxy.Rule("POST", times: 99) { ($0.status, $0.body) = (200, "<not") }),
        (keys, "", FaultProxy.Rule("POST", times: 99) { $0.drop = true }),
        (keys.merging(["AWS_SESSION_TOKEN": "leak-me-\n"]) { $1 }, "", FaultProxy.Rule("x") { _ in }),
        (
            keys.merging(["AWS_ENDPOINT_URL_STS": "http://user:leak-me@"]) { $1 }, "",
            FaultProxy.Rule("x") { _ in }
        ),
        (
            keys.merging([
                "AWS_ENDPOINT_URL_STS": "http://sts.invalid", "HTTP_PROXY": "http://user:leak-me@127.0.0.1:1",
            ]) { $1 }, "", FaultProxy.Rule("x") { _ in }
        ),
        (keys.merging(["HTTPS_PROXY": "http://user:leak-me@x y"]) { $1 }, "", FaultProxy.Rule("x") { _ in }),
        (
            [:], "[default]\ncredential_process=echo leak-me; echo leak-me >&2; exit 1 # leak-me",
            FaultProxy.Rule("x") { _ in }
        ),
        ([:], "[default]\ncredential_process=echo '{\"leak-me\":1}'", FaultProxy.Rule("x") { _ in }),
        (
            [:],
            "[default]\nrole_arn=r\nsource_profile=b\n[profile b]\naws_access_key_id=A\naws_secret_access_key=leak-me",
            FaultProxy.Rule("POST", times: 99) { ($0.status, $0.body) = (200, assumed) }
        ),
        (
            [
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": "%/x",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN": "leak-me",
            ], "",
            FaultProxy.Rule("GET", times: 99) {
                ($0.status, $0.body) = (200, #"{"Code":"x","Token":"leak-me"}"#)
            }
        ),
        (
            ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "%/x", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "leak-me\nx"],
            "",
            FaultProxy.Rule("x") { _ in }
        ),
    ]

    @Test(arguments: failures.indices) func `no failure tells one`(_ index: Int) async throws {
        let (environment, config, rule) = Self.failures[index]
        try await FaultProxy.run([rule]) { proxy in
            try await withScratchDirectory { scratch in
                try scratch.write(config, to: ".aws/config")
                var variables = [
                    "HOME": scratch.path.string, "AWS_REGION": "eu-west-1", "AWS_MAX_ATTEMPTS": "2",
                    "AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL_STS": proxy.endpointURL,
                ]
                for (name, value) in environment {
                    variables[name] = value.replacing("%", with: proxy.endpointURL)
                }
                let error = try await failure {
                    try await withTestSession(variables) { session in
                        var shown = ""
                        dump(session, to: &shown)
                        dump(session.configuration, to: &shown)
                        shown += "\(session) \(session.configuration)"
                        #expect(!shown.contains(Self.planted))
                        _ = try await STSClient(context: try session.context(.sts)).callerIdentity()
                    }
                }
                var shown = "\(error) \(error.hint ?? "") \(String(reflecting: error))"
                dump(error, to: &shown)
                #expect(!shown.contains(Self.planted), "\(shown)")
            }
        }
    }

    @Test func `the journal of uploads holds none`() async throws {
        try await withScratchDirectory { scratch in
            let begun = "<I><UploadId>u1</UploadId></I>"
            let rules = [
                FaultProxy.Rule("POST .*uploads") { ($0.status, $0.body) = (200, begun) },
                FaultProxy.Rule("DELETE", times: 99) { $0.status = 403 },
                FaultProxy.Rule("PUT", times: 99) { $0.status = 403 },
            ]
            try await FaultProxy.run(rules) { proxy in
                let variables = standInEnvironment(proxy.endpointURL).merging(Self.keys) { $1 }
                _ = try await failure {
                    try await withTestSession(variables) { session in
                        var s3 = try session.s3()
                        let directory = scratch.path.appending("uploads")
                        s3.journal = UploadJournal(directory: directory)
                        let file = try scratch.write(sampleBytes(6 << 20), to: "x")
                        var attributes = ObjectAttributes()
                        attributes.metadata = ["note": "leak-me"]
                        _ = try await s3.upload(
                            FileSlice(wholeFile: file), to: ObjectLocation(bucket: "bucket", key: "k"),
                            attributes: attributes, settings: TransferSettings(singleRequestLimit: 1))
                    }
                }
            }
            let listing = try await PythonEnvironment().run(
                """
                import os, sys
                for name in os.listdir(sys.argv[1]):
                    path = os.path.join(sys.argv[1], name)
                    print(oct(os.stat(path).st_mode & 0o777), open(path).read())
                """, arguments: [scratch.path.appending("uploads").string])
            #expect(listing.hasPrefix("0o600 "))
            #expect(listing.contains(#""uploadID":"u1""#))
            #expect(!listing.contains(Self.planted))
        }
    }
}
