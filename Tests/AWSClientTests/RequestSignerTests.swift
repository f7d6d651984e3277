import TestSupport
import Testing

@testable import AWSClient

@Suite struct RequestSignerTests {
    private let s3Keys = Credentials(
        accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        source: "test")
    private let s3Host = ServiceEndpoint(host: "examplebucket.s3.amazonaws.com")

    private func s3Signature(_ request: AWSRequest) throws -> Substring {
        var request = request
        let signer = RequestSigner(credentials: s3Keys, region: "us-east-1", service: .s3)
        signer.sign(&request, at: try #require(Timestamp(iso8601: "2013-05-24T00:00:00Z")))
        return try #require(request.headers["Authorization"]).suffix(64)
    }

    @Test func `signs the published example of a general request`() throws {
        var request = AWSRequest("GET", ServiceEndpoint(host: "iam.amazonaws.com"))
        request.query = [
            .init(name: "Version", value: "2010-05-08"), .init(name: "Action", value: "ListUsers"),
        ]
        request.headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
        let keys = Credentials(
            accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            source: "test")
        let service = AWSService(identifier: "iam", endpointPrefix: "iam")
        RequestSigner(credentials: keys, region: "us-east-1", service: service)
            .sign(&request, at: try #require(Timestamp(iso8601: "2015-08-30T12:36:00Z")))
        #expect(
            request.headers["Authorization"]
                == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
                + "SignedHeaders=content-type;host;x-amz-date, "
                + "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7")
    }

    @Test func `signs the published examples for S3`() throws {
        var get = AWSRequest("GET", s3Host, path: "/test.txt")
        get.headers["Range"] = "bytes=0-9"
        #expect(try s3Signature(get) == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")

        var put = AWSRequest("PUT", s3Host, path: "/" + "test$file.text".percentEncoded())
        put.headers["Date"] = "Fri, 24 May 2013 00:00:00 GMT"
        put.headers["x-amz-storage-class"] = "REDUCED_REDUNDANCY"
        put.body = .bytes(Array("Welcome to Amazon S3.".utf8))
        #expect(try s3Signature(put) == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")

        var lifecycle = AWSRequest("GET", s3Host)
        lifecycle.query = [.init(name: "lifecycle", value: "")]
        #expect(
            try s3Signature(lifecycle) == "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")

        var list = AWSRequest("GET", s3Host)
        list.query = [.init(name: "prefix", value: "J"), .init(name: "max-keys", value: "2")]
        #expect(try s3Signature(list) == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
    }

    @Test(arguments: [AWSService.s3, .kms]) func `agrees with botocore on odd requests`(
        _ service: AWSService
    ) async throws {
        var generator = SeededGenerator(seed: 20_260_131)
        let samples = (0..<300).map { _ in SampleRequest(using: &generator) }
        let expected = try await BotocoreSigner.authorizations(samples, service: service)
        #expect(expected.count == samples.count)
        let time = try #require(Timestamp(iso8601: "2026-01-31T23:59:58Z"))
        for (sample, authorization) in zip(samples, expected) {
            var request = sample.request
            let keys = Credentials(
                accessKeyID: "AKID", secretAccessKey: sample.secret, sessionToken: sample.token,
                source: "test")
            RequestSigner(credentials: keys, region: "eu-central-1", service: service).sign(
                &request, at: time)
            #expect(request.headers["Authorization"] == authorization, "\(request.method) \(request.url)")
        }
    }
}
