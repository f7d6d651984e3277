import SystemPackage
import TestSupport
import Testing

@testable import AWSClient

/// Streams, many files, ranges, and uploads that were interrupted, with a real store.
@Suite(.serialized, .motoServer) struct S3TransferTests {
    private static let small = TransferSettings(
        singleRequestLimit: 5 << 20, partSize: 5 << 20, parallelParts: 3)

    @Test(arguments: [0, 1, (5 << 20) - 1, 5 << 20, 12 << 20 | 3])
    func `stores a stream of any length`(_ count: Int) async throws {
        let bytes = sampleBytes(count)
        try await withBucket { session, bucket in
            let s3 = try session.s3()
            let location = try ObjectLocation(bucket: bucket, key: "stream")
            let stored = try await s3.uploadStream(to: location, settings: Self.small) { writer in
                var rest = bytes[...]
                while !rest.isEmpty {
                    try await writer.write(Array(rest.prefix(700_001)))
                    rest = rest.dropFirst(700_001)
                }
            }
            #expect(stored.size == Int64(count))
            var back: [UInt8] = []
            _ = try await s3.getObject(location) { back += $0 }
            #expect(back == bytes)
            #expect(try await openUploads(bucket) == "0")
        }
    }

    @Test func `a stream that fails leaves nothing`() async throws {
        struct Broken: Error {}
        try await withBucket { session, bucket in
            let s3 = try session.s3()
            let location = try ObjectLocation(bucket: bucket, key: "stream")
            await #expect(throws: Broken.self) {
                try await s3.uploadStream(to: location, settings: Self.small) { writer in
                    try await writer.write(sampleBytes(11 << 20))
                    throw Broken()
                }
            }
            #expect(try await s3.headObject(location) == nil)
            #expect(try await openUploads(bucket) == "0")
        }
    }

    @Test func `stores many files of all sizes, and knows them again`() async throws {
        try await withBucket { session, bucket in
            try await withScratchDirectory { scratch in
                let s3 = try session.s3()
                var attributes = ObjectAttributes()
                attributes.contentType = "text/plain"
                let files = try (0..<70).map { number in
                    let size = number == 11 ? 6 << 20 : number * 331
                    let path = try scratch.write(sampleBytes(size), to: "\(number)")
                    return FileUpload(
                        try FileSlice(wholeFile: path),
                        to: try ObjectLocation(bucket: bucket, key: "d/\(number)"), attributes: attributes)
                }
                var told = 0
                let stored = try await s3.upload(files, settings: Self.small) { _, _ in told += 1 }
                #expect(stored.map(\.size) == files.map(\.slice.length))
                #expect(told == 70)
                #expect(try await s3.listObjects(bucket, prefix: "d/").entries.count == 70)
                for file in files.prefix(12) {
                    #expect(try await s3.hasObject(file.location, sameAs: file.slice))
                }
                #expect(try await s3.headObject(files[3].location)?.contentType == "text/plain")
                let other = FileSlice(path: files[40].slice.path, offset: 1, length: files[3].slice.length)
                #expect(try await !s3.hasObject(files[3].location, sameAs: other))
                let missing = try ObjectLocation(bucket: bucket, key: "d/none")
                #expect(try await !s3.hasObject(missing, sameAs: other))
            }
        }
    }

    @Test func `one file that cannot be stored fails them all`() async throws {
        try await withBucket { session, bucket in
            try await withScratchDirectory { scratch in
                let path = try scratch.write("x", to: "x")
                let files = try ["good", "bad"].map { key in
                    FileUpload(
                        FileSlice(path: path, offset: 0, length: key == "bad" ? 2 : 1),
                        to: try ObjectLocation(bucket: bucket, key: key))
                }
                let error = try await failure { _ = try await session.s3().upload(files) }
                #expect(error.kind == .file(path, nil))
            }
        }
    }

    @Test(arguments: [
        [],
        [FaultProxy.Rule("GET .*big", times: 3) { $0.cut = 1 << 20 }],
        [FaultProxy.Rule("GET .*big", times: 2) { $0.status = 503 }],
    ])
    func `fetches ranges in parallel, behind what the file already has`(
        _ rules: [FaultProxy.Rule]
    ) async throws {
        let bytes = sampleBytes(11 << 20 | 7)
        try await withBucket(rules) { session, bucket in
            try await withScratchDirectory { scratch in
                let s3 = try session.s3()
                let location = try ObjectLocation(bucket: bucket, key: "big")
                let source = try scratch.write(bytes, to: "source")
                _ = try await s3.upload(
                    FileSlice(wholeFile: source), to: location, settings: Self.small)
                let copy = scratch.path.appending("copy")
                let file = try FileDescriptor.open(
                    copy, .readWrite, options: [.create, .closeOnExec], permissions: .ownerReadWrite)
                defer { try? file.close() }
                try file.writeAll([1, 2, 3])
                let info = try await s3.download(
                    location, into: file,
                    settings: TransferSettings(partSize: 3 << 20, parallelParts: 3))
                #expect(info.size == Int64(bytes.count))
                #expect(try file.seek(offset: 0, from: .current) == Int64(bytes.count + 3))
                #expect(try scratch.read("copy") == [1, 2, 3] + bytes)
            }
        }
    }

    @Test(arguments: ["PUT /", "PUT .*partNumber=2"])
    func `sends again what the store says arrived damaged`(_ match: String) async throws {
        let damaged = "<Error><Code>BadDigest</Code><Message>x</Message></Error>"
        let rules = [
            FaultProxy.Rule(match) { ($0.status, $0.body) = (400, damaged) },
            FaultProxy.Rule(match) { $0.spoil = "x-amz-checksum-crc32" },
        ]
        try await withBucket(rules) { session, bucket in
            try await withScratchDirectory { scratch in
                let path = try scratch.write(sampleBytes(11 << 20), to: "x")
                let settings = match == "PUT /" ? TransferSettings(singleRequestLimit: 16 << 20) : Self.small
                let location = try ObjectLocation(bucket: bucket, key: "x")
                let slice = try FileSlice(wholeFile: path)
                _ = try await session.s3().upload(slice, to: location, settings: settings)
                #expect(try await session.s3().hasObject(location, sameAs: slice))
            }
        }
    }

    private enum Interruption: CaseIterable {
        case same, otherContent, otherAttributes, otherKey
    }

    @Test(arguments: Interruption.allCases)
    private func `finds what a killed process left, goes on with it or aborts it`(
        _ interruption: Interruption
    ) async throws {
        try await withBucket { session, bucket in
            try await withScratchDirectory { scratch in
                var s3 = try session.s3()
                s3.journal = UploadJournal(directory: scratch.path.appending("cache").appending("uploads"))
                let location = try ObjectLocation(bucket: bucket, key: "big")
                let bytes = sampleBytes(11 << 20)
                let slice = try FileSlice(wholeFile: try scratch.write(bytes, to: "x"))
                // What is left when a process is killed: a begun upload, two parts, and a record without a lock.
                do {
                    let upload = try await s3.begin(location, ObjectAttributes())
                    let plan = try #require(UploadPlan(slice, Self.small))
                    for number in [1, 3] {
                        let part = try await plan.part(number).load()
                        _ = try await s3.uploadPart(.loaded(part), part.crc32, number: number, of: upload)
                    }
                    #expect(s3.journal?.leftovers().isEmpty == true, "it is locked while it is under way")
                }
                #expect(s3.journal?.leftovers().count == 1)
                var attributes = ObjectAttributes()
                var source = slice
                var target = location
                switch interruption {
                case .same: break
                case .otherContent:
                    source = try FileSlice(wholeFile: try scratch.write(Array(bytes.reversed()), to: "y"))
                case .otherAttributes: attributes.metadata = ["a": "b"]
                case .otherKey: target = try ObjectLocation(bucket: bucket, key: "other")
                }
                _ = try await s3.upload(
                    source, to: target, attributes: attributes, settings: Self.small)
                #expect(try await s3.hasObject(target, sameAs: source))
                #expect(try await s3.headObject(target)?.metadata == attributes.metadata)
                #expect(try await openUploads(bucket) == "0")
                #expect(s3.journal?.leftovers().isEmpty == true)
            }
        }
    }

    @Test func `does not send again the parts that are there`() async throws {
        let moto = try MotoServer.required()
        let bucket = "again-\(UInt32.random(in: 0 ... .max))"
        _ = try await moto.boto3(createBucket, arguments: [bucket])
        try await FaultProxy.run([], upstream: moto.endpointURL) { proxy in
            try await withTestSession(moto, ["AWS_ENDPOINT_URL": proxy.endpointURL]) { session in
                try await withScratchDirectory { scratch in
                    var s3 = try session.s3()
                    s3.journal = UploadJournal(directory: scratch.path.appending("uploads"))
                    let location = try ObjectLocation(bucket: bucket, key: "big")
                    let slice = try FileSlice(wholeFile: try scratch.write(sampleBytes(11 << 20), to: "x"))
                    do {
                        let upload = try await s3.begin(location, ObjectAttributes())
                        let part = try await FileSlice(path: slice.path, offset: 0, length: 5 << 20).load()
                        _ = try await s3.uploadPart(.loaded(part), part.crc32, number: 1, of: upload)
                    }
                    _ = try await s3.upload(slice, to: location, settings: Self.small)
                    #expect(try await s3.hasObject(location, sameAs: slice))
                }
            }
            let paths = try await proxy.requests().filter { $0.method == "PUT" }.map(\.path)
            #expect(paths.filter { $0.contains("partNumber=1") }.count == 1)
            #expect(paths.count == 3)
        }
    }

    private func openUploads(_ bucket: String) async throws -> String {
        try await MotoServer.required().boto3(
            """
            print(len(client("s3").list_multipart_uploads(Bucket=sys.argv[1]).get("Uploads", [])), end="")
            """, arguments: [bucket])
    }

    private func withBucket(
        _ rules: [FaultProxy.Rule]? = nil, _ body: @Sendable (AWSSession, String) async throws -> Void
    ) async throws {
        let moto = try MotoServer.required()
        let bucket = "transfer-\(UInt32.random(in: 0 ... .max))"
        _ = try await moto.boto3(createBucket, arguments: [bucket])
        guard let rules else {
            return try await withTestSession(moto) { try await body($0, bucket) }
        }
        try await FaultProxy.run(rules, upstream: moto.endpointURL) { proxy in
            try await withTestSession(moto, ["AWS_ENDPOINT_URL": proxy.endpointURL]) {
                try await body($0, bucket)
            }
        }
    }
}
