import AWSClient
import Crypto
import SystemPackage
import TestSupport
import Testing

@Suite(.serialized, .motoServer) struct S3DownloadTests {
    private let size = 3 << 20 | 5

    @Test(arguments: [
        [],
        [FaultProxy.Rule("GET /", times: 2) { $0.cut = 1 << 20 }],
        [FaultProxy.Rule("GET /") { $0.cut = 7 }],
        [FaultProxy.Rule("GET /") { $0.cut = 0 }],
        [FaultProxy.Rule("GET /") { $0.status = 503 }, FaultProxy.Rule("GET /") { $0.drop = true }],
    ])
    func `brings every byte once and in order`(_ rules: [FaultProxy.Rule]) async throws {
        let moto = try MotoServer.required()
        let bytes = sampleBytes(size)
        try await withObject(bytes, rules, moto) { session, location in
            try await withScratchDirectory { scratch in
                let path = scratch.path.appending("copy")
                let file = try FileDescriptor.open(
                    path, .writeOnly, options: [.create, .closeOnExec], permissions: .ownerReadWrite)
                let info = try await file.closeAfterAsync {
                    try await session.s3().getObject(location, into: file)
                }
                #expect(info.size == Int64(size))
                #expect(info.metadata == ["origin": "test"])
                #expect(try scratch.read("copy") == bytes)
            }
        }
    }

    @Test func `gives up when the connection breaks at the same place each time`() async throws {
        let moto = try MotoServer.required()
        try await withObject(sampleBytes(size), [FaultProxy.Rule("GET /", times: 99) { $0.cut = 0 }], moto) {
            session, location in
            let error = try await failure { _ = try await session.s3().getObject(location) { _ in } }
            #expect(error.kind == .transport(.connectionLost))
        }
    }

    @Test func `leaves a server whose bytes come in drops`() async throws {
        let rule = FaultProxy.Rule("GET /", times: 99) {
            ($0.status, $0.body, $0.drip) = (200, String(repeating: "x", count: 4000), 0.05)
        }
        let timeouts = TransportTimeouts(answer: .milliseconds(700))
        let start = ContinuousClock.now
        try await FaultProxy.run([rule]) { proxy in
            try await withTestSession(standInEnvironment(proxy.endpointURL), timeouts: timeouts) { session in
                let place = try ObjectLocation(bucket: "bucket", key: "key")
                let error = try await failure { _ = try await session.s3().getObject(place) { _ in } }
                #expect(error.kind == .transport(.timedOut))
            }
        }
        #expect(ContinuousClock.now - start < .seconds(180))
    }

    @Test func `does not mix two versions of an object`() async throws {
        let moto = try MotoServer.required()
        let rules = [
            FaultProxy.Rule("GET /") { $0.cut = 1 << 20 },
            FaultProxy.Rule("GET /") {
                ($0.status, $0.body) = (412, "<Error><Code>PreconditionFailed</Code></Error>")
            },
        ]
        try await withObject(sampleBytes(size), rules, moto) { session, location in
            let error = try await failure { _ = try await session.s3().getObject(location) { _ in } }
            #expect(error.isService("PreconditionFailed"))
        }
    }

    @Test func `refuses bytes that do not have the stored SHA-256`() async throws {
        let body = "not what was stored"
        let rule = FaultProxy.Rule("GET /") {
            $0.status = 200
            $0.body = body
            $0.headers = [
                "x-amz-checksum-sha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "ETag": "\"e\"",
            ]
        }
        try await FaultProxy.run([rule]) { proxy in
            try await withTestSession(standInEnvironment(proxy.endpointURL)) { session in
                let location = try ObjectLocation(bucket: "bucket", key: "key")
                let error = try await failure { _ = try await session.s3().getObject(location) { _ in } }
                #expect(error.kind == .integrity)
            }
        }
    }

    @Test func `names the missing object`() async throws {
        let moto = try MotoServer.required()
        try await withObject([1], [], moto) { session, location in
            let missing = try ObjectLocation(bucket: location.bucket, key: "missing\u{1B}[2J")
            let error = try await failure { _ = try await session.s3().getObject(missing) { _ in } }
            #expect(error.isService("NoSuchKey"))
            let place = "s3://\(location.bucket)/missing\\u{1B}[2J"
            #expect(error.description.hasPrefix("s3 GetObject \(place): NoSuchKey"))
        }
    }

    @Test func `lists page by page`() async throws {
        let moto = try MotoServer.required()
        try await withObject([1], [], moto) { session, location in
            let keys = ["a b", "a+b", "a/ü", "b"]
            let s3 = try session.s3()
            for key in keys {
                _ = try await s3.putObject(
                    [1, 2], to: ObjectLocation(bucket: location.bucket, key: "list/" + key))
            }
            var seen: [String] = []
            var token: String?
            repeat {
                let page = try await s3.listObjects(
                    location.bucket, prefix: "list/a", continuationToken: token, limit: 2)
                seen += page.entries.map(\.key)
                token = page.continuationToken
            } while token != nil
            #expect(seen == ["list/a b", "list/a+b", "list/a/ü"])
        }
    }

    private func withObject(
        _ bytes: [UInt8], _ rules: [FaultProxy.Rule], _ moto: MotoServer,
        _ body: @Sendable (AWSSession, ObjectLocation) async throws -> Void
    ) async throws {
        let bucket = "download-\(UInt32.random(in: 0 ... .max))"
        _ = try await moto.boto3(createBucket, arguments: [bucket])
        let location = try ObjectLocation(bucket: bucket, key: "object")
        try await withTestSession(moto) { session in
            var attributes = ObjectAttributes()
            attributes.metadata = ["origin": "test"]
            _ = try await session.s3().putObject(bytes, to: location, attributes: attributes)
        }
        try await FaultProxy.run(rules, upstream: moto.endpointURL) { proxy in
            try await withTestSession(moto, ["AWS_ENDPOINT_URL": proxy.endpointURL]) { session in
                try await body(session, location)
            }
        }
    }
}

extension FileDescriptor {
    fileprivate func closeAfterAsync<R>(_ body: () async throws -> R) async throws -> R {
        defer { try? close() }
        return try await body()
    }
}
