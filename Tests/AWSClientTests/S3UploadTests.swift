import AWSClient
import SystemPackage
import TestSupport
import Testing

@Suite(.serialized, .motoServer) struct S3UploadTests {
    @Test func `stores a small file with its encryption, metadata and type`() async throws {
        let moto = try MotoServer.required()
        let key = try await moto.boto3(createBucket + createKey, arguments: ["small"])
        try await withScratchDirectory { scratch in
            let file = try scratch.write("hello artifacts", to: "a.zip")
            var attributes = ObjectAttributes()
            attributes.encryption = .kms(keyID: key)
            attributes.contentType = "application/zip"
            attributes.metadata = ["codebuild-buildarn": "arn:aws:codebuild:x:1:build/a:b"]
            attributes.acl = .bucketOwnerFullControl
            let stored = try await withTestSession(moto) { session in
                try await session.s3().upload(
                    FileSlice(wholeFile: file), to: ObjectLocation(bucket: "small", key: "p/a.zip"),
                    attributes: attributes)
            }
            #expect(stored.size == 15)
            #expect(stored.encryption == "aws:kms")
        }
        let seen = try await moto.boto3(
            """
            o = client("s3").get_object(Bucket="small", Key="p/a.zip")
            print(o["ServerSideEncryption"], o["SSEKMSKeyId"] == sys.argv[1], o["ContentType"], o["Metadata"],
                  o["Body"].read().decode(), end="")
            """, arguments: [key])
        #expect(
            seen
                == "aws:kms True application/zip {'codebuild-buildarn': 'arn:aws:codebuild:x:1:build/a:b'} hello artifacts"
        )
    }

    @Test func `stores a large file in parts, whole and encrypted`() async throws {
        let moto = try MotoServer.required()
        let key = try await moto.boto3(createBucket + createKey, arguments: ["large"])
        try await withScratchDirectory { scratch in
            let bytes = sampleBytes(12 << 20 | 77)
            let file = try scratch.write(bytes, to: "big")
            var attributes = ObjectAttributes()
            attributes.encryption = .kms(keyID: key)
            attributes.metadata = ["a": "b"]
            try await withTestSession(moto) { session in
                let stored = try await session.s3().upload(
                    FileSlice(wholeFile: file), to: ObjectLocation(bucket: "large", key: "big"),
                    attributes: attributes, settings: smallParts)
                #expect(stored.etag?.hasSuffix("-3\"") == true)
            }
            let seen = try await moto.boto3(
                """
                import hashlib
                o = client("s3").get_object(Bucket="large", Key="big")
                print(o["ServerSideEncryption"], o["SSEKMSKeyId"] == sys.argv[1], o["Metadata"],
                      o["Body"].read() == open(sys.argv[2], "rb").read(), end="")
                """, arguments: [key, file.string])
            #expect(seen == "aws:kms True {'a': 'b'} True")
        }
    }

    @Test(arguments: [
        "a b+c&d=e?f#g", "ü/日本/🦆", "..", "../../etc/passwd", "./a//b/", "/leading", "%41%zz",
        "~!*'();:@$,[]\\|<>\"^`{}",
    ])
    func `keeps the key exactly and signs what is sent`(_ key: String) async throws {
        let moto = try MotoServer.required()
        try await FaultProxy.run([]) { proxy in
            try await withTestSession(moto, ["AWS_ENDPOINT_URL": proxy.endpointURL]) { session in
                _ = try await session.s3().putObject(
                    Array("x".utf8), to: ObjectLocation(bucket: "bucket", key: key))
            }
            let request = try #require(try await proxy.requests().first)
            #expect(request.signatureIsRight == true)
            #expect(request.path == "/bucket/" + (try await quoted(key)))
        }
    }

    @Test func `sends an empty file`() async throws {
        let moto = try MotoServer.required()
        _ = try await moto.boto3(createBucket, arguments: ["empty"])
        try await withScratchDirectory { scratch in
            let file = try scratch.write("", to: "none")
            try await withTestSession(moto) { session in
                let location = try ObjectLocation(bucket: "empty", key: "none")
                _ = try await session.s3().upload(FileSlice(wholeFile: file), to: location)
                #expect(try await session.s3().headObject(location)?.size == 0)
                #expect(try await session.s3().headObject(ObjectLocation(bucket: "empty", key: "no")) == nil)
            }
        }
    }

    @Test func `refuses metadata and names that can not be sent`() async throws {
        let moto = try MotoServer.required()
        for bucket in ["a/b", "s3://x", "", "ab", "x\r\nHost: y", ".x.y"] {
            #expect(throws: AWSError.self) { try ObjectLocation(bucket: bucket, key: "k") }
        }
        #expect(throws: AWSError.self) { try ObjectLocation(bucket: "abc", key: "") }
        #expect(throws: AWSError.self) {
            try ObjectLocation(bucket: "abc", key: String(repeating: "ü", count: 513))
        }
        try await withTestSession(moto) { session in
            for (name, value) in [("a b", "x"), ("", "x"), ("a", "ü"), ("a", "x\r\nX-Amz-Acl: public-read")] {
                var attributes = ObjectAttributes()
                attributes.metadata = [name: value]
                await #expect(throws: AWSError.self) {
                    try await session.s3().putObject(
                        [1], to: ObjectLocation(bucket: "abc", key: "k"), attributes: attributes)
                }
            }
        }
    }

    private func quoted(_ key: String) async throws -> String {
        let script = "import sys, urllib.parse; print(urllib.parse.quote(sys.argv[1], safe='/~'), end='')"
        return try await PythonEnvironment().run(script, arguments: [key], environment: ["PYTHONUTF8": "1"])
    }
}
