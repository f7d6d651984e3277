import AWSClient
import SystemPackage
import TestSupport
import Testing

/// Uploads through a proxy that misbehaves, to a real store behind it.
@Suite(.serialized, .motoServer) struct S3FaultTests {
    @Test(arguments: [
        FaultProxy.Rule("PUT .*partNumber=2") { $0.status = 503 },
        FaultProxy.Rule("PUT .*partNumber=2") { $0.status = 500 },
        FaultProxy.Rule("PUT .*partNumber=1", times: 2) { $0.drop = true },
        FaultProxy.Rule("PUT .*partNumber=3") { $0.reset = true },
        FaultProxy.Rule("PUT .*partNumber=3") { $0.swallow = true },
        FaultProxy.Rule("PUT .*partNumber=1") { ($0.status, $0.early) = (503, true) },
        FaultProxy.Rule("POST .*uploadId") {
            ($0.status, $0.body) = (200, "<Error><Code>InternalError</Code><Message>again</Message></Error>")
        },
        FaultProxy.Rule("POST .*uploadId") { ($0.status, $0.body) = (200, "<Complete") },
        FaultProxy.Rule("POST .*uploadId") { $0.swallow = true },
    ])
    func `a passing fault does not harm a multipart upload`(_ rule: FaultProxy.Rule) async throws {
        let outcome = try await upload([rule])
        #expect(outcome.error == nil)
        #expect(outcome.objects == 1)
        #expect(outcome.openUploads == 0)
    }

    @Test(arguments: [
        FaultProxy.Rule("PUT .*partNumber=2", times: 99) { $0.status = 500 },
        FaultProxy.Rule("PUT .*partNumber=3", times: 99) { $0.drop = true },
        FaultProxy.Rule("PUT .*partNumber=1", times: 99) { ($0.status, $0.early) = (403, true) },
        FaultProxy.Rule("POST .*uploadId", times: 99) { $0.status = 500 },
        FaultProxy.Rule("POST .*uploadId", times: 99) {
            ($0.status, $0.body) = (200, "<Error><Code>InternalError</Code></Error>")
        },
    ])
    func `a lasting fault leaves neither object nor parts`(_ rule: FaultProxy.Rule) async throws {
        let outcome = try await upload([rule])
        #expect(outcome.error != nil)
        #expect(outcome.objects == 0)
        #expect(outcome.openUploads == 0)
    }

    @Test func `a server that never answers is left in time`() async throws {
        let moto = try MotoServer.required()
        let stalled = FaultProxy.Rule("PUT .*partNumber=2", times: 99) { $0.stall = true }
        try await withUpload(rules: [stalled], moto, idle: .seconds(2)) { session, file, location, _ in
            let error = try await failure {
                _ = try await session.s3().upload(
                    FileSlice(wholeFile: file), to: location, settings: smallParts)
            }
            #expect(error.kind == .transport(.timedOut))
            #expect(try await openUploads(moto, location.bucket) == 0)
        }
    }

    @Test func `a fault of the abort is retried`() async throws {
        let outcome = try await upload([
            FaultProxy.Rule("PUT .*partNumber=2", times: 99) { $0.status = 500 },
            FaultProxy.Rule("DELETE .*uploadId", times: 2) { $0.status = 500 },
        ])
        #expect(outcome.error?.serviceFailure?.status == 500)
        #expect(outcome.openUploads == 0)
    }

    @Test func `an abort is repeated while parts are left`() async throws {
        let left = "<ListPartsResult><Part><PartNumber>1</PartNumber></Part></ListPartsResult>"
        let moto = try MotoServer.required()
        let rules = [
            FaultProxy.Rule("PUT .*partNumber=2") { $0.status = 403 },
            FaultProxy.Rule("DELETE .*uploadId") { $0.status = 204 },
            FaultProxy.Rule("GET .*uploadId") { ($0.status, $0.body) = (200, left) },
        ]
        try await withUpload(rules: rules, moto) { session, file, location, proxy in
            let error = try await failure {
                _ = try await session.s3().upload(
                    FileSlice(wholeFile: file), to: location, settings: smallParts)
            }
            #expect(error.isService("AccessDenied"))
            #expect(try await openUploads(moto, location.bucket) == 0)
            #expect(try await proxy.requests().filter { $0.method == "DELETE" }.count == 2)
        }
    }

    @Test func `cancelling aborts the upload`() async throws {
        let moto = try MotoServer.required()
        let stalled = FaultProxy.Rule("PUT .*partNumber=2", times: 99) { $0.stall = true }
        try await withUpload(rules: [stalled], moto) { session, file, location, proxy in
            let task = Task {
                try await session.s3().upload(
                    FileSlice(wholeFile: file), to: location, settings: smallParts)
            }
            while !(try await proxy.requests().contains { $0.path.contains("partNumber=2") }) {}
            task.cancel()
            let result = await task.result
            guard case .failure(let error as AWSError) = result, case .cancelled = error.kind else {
                Issue.record("\(result)")
                return
            }
            #expect(try await openUploads(moto, location.bucket) == 0)
        }
    }

    @Test func `a file that shrinks meanwhile fails the upload`() async throws {
        let moto = try MotoServer.required()
        try await withUpload(rules: [], moto) { session, file, location, _ in
            let whole = try FileSlice(wholeFile: file)
            let slice = FileSlice(path: file, offset: 0, length: whole.length + 1)
            let error = try await failure {
                _ = try await session.s3().upload(slice, to: location, settings: smallParts)
            }
            #expect(error.kind == .file(file, nil))
            #expect(try await openUploads(moto, location.bucket) == 0)
        }
    }

    private struct Outcome {
        var error: AWSError?
        var objects: Int
        var openUploads: Int
    }

    private func upload(_ rules: [FaultProxy.Rule]) async throws -> Outcome {
        let moto = try MotoServer.required()
        return try await withUpload(rules: rules, moto) { session, file, location, _ in
            var outcome = Outcome(objects: 0, openUploads: 0)
            do {
                _ = try await session.s3().upload(
                    FileSlice(wholeFile: file), to: location, settings: smallParts)
            } catch {
                outcome.error = try #require(error as? AWSError)
            }
            outcome.openUploads = try await openUploads(moto, location.bucket)
            try await withTestSession(moto) { direct in
                outcome.objects = try await direct.s3().listObjects(location.bucket).entries.count
            }
            return outcome
        }
    }

    private func openUploads(_ moto: MotoServer, _ bucket: String) async throws -> Int {
        let text = try await moto.boto3(
            """
            print(len(client("s3").list_multipart_uploads(Bucket=sys.argv[1]).get("Uploads", [])), end="")
            """, arguments: [bucket])
        return try #require(Int(text))
    }

    private func withUpload<R: Sendable>(
        rules: [FaultProxy.Rule], _ moto: MotoServer, idle: Duration = .seconds(20),
        _ body: @Sendable (AWSSession, FilePath, ObjectLocation, FaultProxy) async throws -> R
    ) async throws -> R {
        let bucket = "faults-\(UInt32.random(in: 0 ... .max))"
        _ = try await moto.boto3(createBucket, arguments: [bucket])
        return try await FaultProxy.run(rules, upstream: moto.endpointURL) { proxy in
            try await withScratchDirectory { scratch in
                let file = try scratch.write(sampleBytes(11 << 20), to: "big")
                var timeouts = TransportTimeouts()
                timeouts.idle = idle
                return try await withTestSession(
                    moto, ["AWS_ENDPOINT_URL": proxy.endpointURL], timeouts: timeouts
                ) { session in
                    try await body(session, file, ObjectLocation(bucket: bucket, key: "big"), proxy)
                }
            }
        }
    }
}
