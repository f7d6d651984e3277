import SystemPackage
import TestSupport
import Testing

@testable import AWSClient

/// What is sent besides the bytes, as the wire has it.
@Suite(.serialized) struct S3HeaderTests {
    @Test func `sends encryption, permissions, owner and metadata`() async throws {
        var attributes = ObjectAttributes()
        attributes.encryption = .kms(keyID: "alias/artifacts")
        attributes.encryptionContext = ["project": "p", "build": "a/b"]
        attributes.usesBucketKey = true
        attributes.acl = .bucketOwnerFullControl
        attributes.expectedBucketOwner = "123456789012"
        attributes.contentType = "application/zip"
        attributes.metadata = ["codebuild-buildarn": "arn:aws:codebuild:x"]
        let request = try await sent(attributes)
        let expected = [
            "x-amz-server-side-encryption": "aws:kms",
            "x-amz-server-side-encryption-aws-kms-key-id": "alias/artifacts",
            "x-amz-server-side-encryption-context": Array(#"{"build":"a/b","project":"p"}"#.utf8).base64,
            "x-amz-server-side-encryption-bucket-key-enabled": "true",
            "x-amz-acl": "bucket-owner-full-control", "x-amz-expected-bucket-owner": "123456789012",
            "content-type": "application/zip", "x-amz-meta-codebuild-buildarn": "arn:aws:codebuild:x",
            "x-amz-checksum-crc32": "y/Q5Jg==",
            "x-amz-content-sha256": "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
        ]
        for (name, value) in expected { #expect(request.headers[name] == value, "\(name)") }
        #expect(request.headers["content-md5"] == nil)
        #expect(request.signatureIsRight == true)
    }

    @Test func `sends nothing that was not asked for`() async throws {
        let names = Set(try await sent(ObjectAttributes()).headers.keys)
        #expect(
            names.subtracting(["accept", "connection"]) == [
                "authorization", "content-length", "host", "user-agent", "x-amz-checksum-crc32",
                "x-amz-content-sha256", "x-amz-date", "x-amz-sdk-checksum-algorithm",
            ])
    }

    @Test(arguments: ["a\r\nx-amz-acl: public-read", "ü"])
    func `refuses what cannot be a header field`(_ text: String) async throws {
        var attributes = ObjectAttributes()
        attributes.contentType = text
        let error = try await failure { _ = try await sent(attributes) }
        #expect(error.kind == .invalidArgument)
    }

    @Test(arguments: [
        (
            "arn:aws:s3:eu-central-1:123456789012:accesspoint/tools", [:],
            "https://tools-123456789012.s3-accesspoint.eu-central-1.amazonaws.com/a/b"
        ),
        (
            "arn:aws:s3:us-gov-west-1:123456789012:accesspoint:tools", ["AWS_USE_FIPS_ENDPOINT": "true"],
            "https://tools-123456789012.s3-accesspoint-fips.us-gov-west-1.amazonaws.com/a/b"
        ),
        (
            "arn:aws-cn:s3:cn-north-1:123456789012:accesspoint/tools",
            ["AWS_USE_DUALSTACK_ENDPOINT": "true"],
            "https://tools-123456789012.s3-accesspoint.dualstack.cn-north-1.amazonaws.com.cn/a/b"
        ),
        (
            "arn:aws:s3:eu-west-1:123456789012:accesspoint/tools",
            ["AWS_ENDPOINT_URL_S3": "https://s3.example.com"],
            "https://tools-123456789012.s3.example.com/a/b"
        ),
    ])
    func `reaches access points in their own region`(
        _ arn: String, _ environment: [String: String], _ url: String
    ) async throws {
        let variables = ["AWS_REGION": "eu-west-1"].merging(environment) { $1 }
        if arn.contains("us-gov") {
            let error = try await failure { _ = try await place(arn, ["AWS_REGION": "eu-west-1"]) }
            #expect(error.description.contains("not in aws"))
        }
        let partitioned = arn.replacing("arn:aws:s3:us-gov", with: "arn:aws-us-gov:s3:us-gov")
        #expect(try await place(partitioned, variables) == url)
    }

    @Test(arguments: [
        "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap", "arn:aws:s3:::bucket",
        "arn:aws:s3:eu-west-1:12:accesspoint/tools", "arn:aws:s3:eu-west-1:123456789012:accesspoint/a/b",
        "arn:aws:s3-outposts:eu-west-1:123456789012:outpost/op-1/accesspoint/tools",
        "arn:aws:s3:eu-west-1:123456789012:accesspoint/-x-", "arn:",
        "arn:aws:s3:evil.com/:123456789012:accesspoint/x",
    ])
    func `refuses other ARNs`(_ arn: String) {
        #expect(throws: AWSError.self) { try ObjectLocation(bucket: arn, key: "k") }
    }

    private func place(_ arn: String, _ environment: [String: String]) async throws -> String {
        let settings = try await configuration(environment: environment)
        return try await withAWSSession(settings) { session in
            let s3 = try session.s3()
            return try await s3.located(try ObjectLocation(bucket: arn, key: "a/b").bucket) {
                (context, place) async throws(AWSError) in
                #expect(arn.contains(":\(context.region):"))
                return s3.request("GET", arn, key: "a/b", at: place).url
            }
        }
    }

    private func sent(_ attributes: ObjectAttributes) async throws -> FaultProxy.Request {
        try await FaultProxy.run([]) { proxy in
            try await withTestSession(standInEnvironment(proxy.endpointURL)) { session in
                _ = try await session.s3().putObject(
                    Array("123456789".utf8), to: ObjectLocation(bucket: "bucket", key: "k"),
                    attributes: attributes)
            }
            return try #require(try await proxy.requests().first)
        }
    }
}
