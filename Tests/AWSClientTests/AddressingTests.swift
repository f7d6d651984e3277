import TestSupport
import Testing

@testable import AWSClient

/// Which host and path a request goes to.
@Suite struct AddressingTests {
    @Test func `knows FIPS and dual-stack hosts`() async throws {
        func hosts(_ variables: [String: String], config: String = "") async throws -> [String] {
            let settings = try await configuration(config: config, environment: variables)
            return try [.s3, .kms].map { try settings.endpoint(for: $0, region: "us-east-2").host }
        }
        #expect(
            try await hosts(["AWS_USE_FIPS_ENDPOINT": "TRUE"])
                == ["s3-fips.us-east-2.amazonaws.com", "kms-fips.us-east-2.amazonaws.com"])
        #expect(
            try await hosts([:], config: "[default]\nuse_dualstack_endpoint=true")
                == ["s3.dualstack.us-east-2.amazonaws.com", "kms.us-east-2.api.aws"])
    }

    @Test(arguments: [
        ("plain-bucket", "auto", "https://plain-bucket.s3.eu-west-1.amazonaws.com/a/b"),
        ("dotted.bucket", "auto", "https://s3.eu-west-1.amazonaws.com/dotted.bucket/a/b"),
        ("Upper_Case", "auto", "https://s3.eu-west-1.amazonaws.com/Upper_Case/a/b"),
        ("plain-bucket", "path", "https://s3.eu-west-1.amazonaws.com/plain-bucket/a/b"),
        ("dotted.bucket", "virtual", "https://dotted.bucket.s3.eu-west-1.amazonaws.com/a/b"),
    ])
    func `addresses buckets by host or path`(_ bucket: String, _ style: String, _ url: String) async throws {
        let settings = try await configuration(
            config: "[default]\nregion=eu-west-1\ns3 =\n  addressing_style=\(style)")
        try await withAWSSession(settings) { session in
            let s3 = try session.s3()
            let place = BucketPlace(region: s3.context.region, endpoint: s3.context.endpoint)
            #expect(s3.request("GET", bucket, key: "a/b", at: place).url == url)
        }
    }
}
